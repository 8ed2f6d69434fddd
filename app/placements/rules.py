"""What a publication does in figures, what several answers mean together, when silence is recalled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.placements.states import Answer, PlacementState, Side

MAX_REASON = 500
CODE_LENGTH = 8
LINK_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Publication:
    """`families` by mail, `on_paper`: students whose family has no address; `classes` and `offers` are those told."""

    students: int = 0
    families: int = 0
    on_paper: int = 0
    classes: int = 0
    offers: int = 0
    waiting: int = 0

    @property
    def is_empty(self) -> bool:
        return self.students == 0


@dataclass(frozen=True, slots=True)
class FamilyWord:
    """What a family has said as a whole. `disputed`: a yes stands, and somebody said no since."""

    answer: Answer
    disputed: bool = False


def family_word(said: Iterable[tuple[int | None, Answer]]) -> FamilyWord:
    """The family's word from (guardian, answer) in the order in which they were said.

    Each voice's last answer replaces its former ones; None is the voice of the family's letter, typed by nobody in
    particular. One yes suffices; a no beside a yes is a dispute, which a person settles, never a refusal.
    """
    last = dict(said)
    values = set(last.values())
    if Answer.YES in values:
        return FamilyWord(Answer.YES, disputed=Answer.NO in values)
    return FamilyWord(Answer.NO if Answer.NO in values else Answer.NONE)


@dataclass(frozen=True, slots=True)
class Patience:
    """From `since` on, silent people are reminded after so many days, and the silence is shown after `shown_after`."""

    since: date
    reminders: Mapping[Side, tuple[int, ...]]
    shown_after: int


# A new line changes what happens to placements published from its date on; the former ones keep their rhythm.
PATIENCE: tuple[Patience, ...] = (Patience(date(2026, 9, 1), {Side.HOST: (4, 8), Side.FAMILY: (4, 8)}, shown_after=10),)


def patience_on(day: date) -> Patience:
    """The rhythm in force on `day` (the first line for any earlier day)."""
    current = PATIENCE[0]
    for line in PATIENCE:
        if line.since <= day:
            current = line
    return current


def reminder_due(asked_on: date, today: date, side: Side, already: int) -> int | None:
    """The number of the reminder to send today, or None. After a long stop only the latest is sent."""
    days = (today - asked_on).days
    due = sum(days >= after for after in patience_on(asked_on).reminders[side])
    return due if due > already else None


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a campaign's placements. `again`: students whose placement came to nothing and who have no other."""

    states: Mapping[PlacementState, int] = field(default_factory=dict)
    host_awaited: int = 0
    family_awaited: int = 0
    silent: int = 0
    disputed: int = 0
    again: int = 0

    def of(self, *states: PlacementState) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def agreed(self) -> int:
        """Placements to which both sides said yes, whatever came after."""
        s = PlacementState
        return self.of(s.CONFIRMED, s.UNDER_WAY, s.COMPLETED)

    @property
    def live(self) -> int:
        return self.agreed + self.of(PlacementState.AWAITING, PlacementState.TO_VERIFY)
