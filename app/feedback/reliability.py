"""How a structure answers, keeps its word and hosts again, worked out of what happened. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from app.feedback.rules import Again
from app.placements.states import Answer, PlacementState

# The structure was not asked, or the coordination took the question back before any answer.
_NOT_ASKED = frozenset({PlacementState.TO_VERIFY, PlacementState.REJECTED})
FEWEST = 3  # below this many questions a rate says nothing


@dataclass(frozen=True, slots=True)
class Promise:
    """One student whom a structure was told of, and each thing it said, in order: (value, when)."""

    state: PlacementState
    asked_at: datetime
    answers: tuple[tuple[Answer, datetime], ...] = ()
    again: Again | None = None

    @property
    def was_asked(self) -> bool:
        if self.state in _NOT_ASKED:
            return False
        return bool(self.answers) or self.state not in {PlacementState.CANCELLED, PlacementState.REFUSED}

    @property
    def was_withdrawn(self) -> bool:
        """The structure said yes, then no."""
        said = [value for value, _at in self.answers]
        return Answer.YES in said and said[-1] is Answer.NO


@dataclass(frozen=True, slots=True)
class Record:
    """A structure's record over `asked` students."""

    organization_id: int
    name: str
    promises: tuple[Promise, ...] = field(repr=False)

    @property
    def _asked(self) -> list[Promise]:
        return [promise for promise in self.promises if promise.was_asked]

    @property
    def asked(self) -> int:
        return len(self._asked)

    @property
    def answered(self) -> int:
        return sum(bool(promise.answers) for promise in self._asked)

    @property
    def silent(self) -> int:
        return self.asked - self.answered

    @property
    def rate(self) -> float | None:
        """Answers out of questions, 0 to 1; None below `FEWEST` questions."""
        return self.answered / self.asked if self.asked >= FEWEST else None

    @property
    def hours(self) -> float | None:
        """The median time of its first answers."""
        times = [(p.answers[0][1] - p.asked_at).total_seconds() / 3600 for p in self._asked if p.answers]
        return median(times) if times else None

    @property
    def declined(self) -> int:
        return sum(p.state is PlacementState.DECLINED and not p.was_withdrawn for p in self._asked)

    @property
    def withdrawn(self) -> int:
        return sum(promise.was_withdrawn for promise in self._asked)

    @property
    def hosted(self) -> int:
        return sum(promise.state is PlacementState.COMPLETED for promise in self.promises)

    @property
    def again(self) -> int:
        return sum(promise.again in {Again.YES, Again.NEXT_YEAR} for promise in self.promises)

    @property
    def not_again(self) -> int:
        return sum(promise.again is Again.NO for promise in self.promises)

    @property
    def worry(self) -> tuple[int, int, str]:
        """What sorts a list: the structures that let somebody down first, then the silent ones."""
        return (-self.withdrawn, -self.silent, self.name)
