"""What importing a list would do: who is new, who changes, who is already there, who is missing. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from app.schools.rosters.reading import Guardian, Pupil, Remark, Roster, plainly
from app.schools.rules import name_key


@dataclass(frozen=True, slots=True)
class KnownClass:
    """A class of the school in the campaign."""

    id: int
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Known:
    """A student of the school, in this campaign or an earlier one (`current` tells)."""

    id: int
    last_name: str
    first_name: str
    birth_date: date | None
    class_id: int
    class_name: str
    current: bool
    guardians: tuple[Guardian, ...] = ()


@dataclass(frozen=True, slots=True)
class Addition:
    pupil: Pupil
    class_name: str


@dataclass(frozen=True, slots=True)
class Update:
    """What changes for a known student; each `new_…` is None when nothing does. `returns`: from an earlier campaign."""

    known: Known
    pupil: Pupil
    new_class: str | None = None
    new_birth_date: date | None = None
    new_guardians: tuple[Guardian, ...] = ()
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """`classes`: (name, level) to create. `leavers`: in a class of the list, and not on the list."""

    classes: tuple[tuple[str, str], ...] = ()
    additions: tuple[Addition, ...] = ()
    updates: tuple[Update, ...] = ()
    unchanged: int = 0
    leavers: tuple[Known, ...] = ()
    refused: tuple[Remark, ...] = ()
    elsewhere: tuple[tuple[str, int], ...] = ()  # (level, number) of students whom the campaign does not concern

    @property
    def changes_nothing(self) -> bool:
        return not (self.classes or self.additions or self.updates)


def plan(
    roster: Roster, known: Sequence[Known], classes: Sequence[KnownClass], levels: Collection[str], into: str = ""
) -> Plan:
    """Compare a list with what is known of the school.

    `levels`: those of the campaign; other levels are counted and left. `into`: the class of those whose line names none.
    """
    by_name: dict[tuple[str, str], list[Known]] = defaultdict(list)
    for student in known:
        by_name[name_key(student.last_name, student.first_name)].append(student)
    by_class = {plainly(c.name): c for c in classes}
    made: dict[str, tuple[str, str]] = {}
    additions: list[Addition] = []
    updates: list[Update] = []
    refused: list[Remark] = []
    elsewhere: dict[str, int] = defaultdict(int)
    met: set[int] = set()
    seen_classes: set[int] = set()
    unchanged = 0
    for pupil in roster.pupils:
        wanted = pupil.class_name or into
        present = by_class.get(plainly(wanted)) if wanted else None
        level = present.level if present else pupil.level
        if level and level not in levels:
            elsewhere[level] += 1
            continue
        if not wanted:
            refused.append(_about(pupil, "", _("aucune classe sur la ligne")))
            continue
        if present is None and not level:
            refused.append(
                _about(pupil, wanted, _("le niveau de cette classe n’est pas lisible : créez la classe d’abord"))
            )
            continue
        try:
            student = _recognised(pupil, by_name, met, present)
        except LookupError:
            refused.append(
                _about(pupil, wanted, _("plusieurs élèves du collège portent ce nom : il manque la date de naissance"))
            )
            continue
        if present is None:
            made.setdefault(plainly(wanted), (wanted, level))
        else:
            seen_classes.add(present.id)
        class_name = present.name if present else made[plainly(wanted)][0]
        if student is None:
            additions.append(Addition(pupil, class_name))
            continue
        met.add(student.id)
        update = _update(student, pupil, class_name, present)
        if update is None:
            unchanged += 1
        else:
            updates.append(update)
    return Plan(
        classes=tuple(made.values()),
        additions=tuple(additions),
        updates=tuple(updates),
        unchanged=unchanged,
        leavers=tuple(s for s in known if s.current and s.class_id in seen_classes and s.id not in met),
        refused=tuple(refused),
        elsewhere=tuple(sorted(elsewhere.items())),
    )


def _recognised(
    pupil: Pupil, by_name: dict[tuple[str, str], list[Known]], met: set[int], present: KnownClass | None
) -> Known | None:
    """The known student whom a line speaks of. Raises `LookupError` when several could be meant."""
    candidates = [s for s in by_name[name_key(pupil.last_name, pupil.first_name)] if s.id not in met]
    exact = [s for s in candidates if pupil.birth_date is not None and s.birth_date == pupil.birth_date]
    if len(exact) == 1:
        return exact[0]
    possible = [s for s in candidates if pupil.birth_date is None or s.birth_date is None] if not exact else exact
    if len(possible) > 1 and present is not None:
        here = [s for s in possible if s.class_id == present.id]
        possible = here if len(here) == 1 else possible
    if len(possible) > 1:
        raise LookupError
    return possible[0] if possible else None


def _update(student: Known, pupil: Pupil, class_name: str, present: KnownClass | None) -> Update | None:
    moved = not student.current or present is None or student.class_id != present.id
    born = pupil.birth_date if student.birth_date is None else None
    families = {name_key(g.name, "") for g in student.guardians}
    missing = tuple(g for g in pupil.guardians if name_key(g.name, "") not in families)
    new_guardians = missing[: 2 - len(student.guardians)] if len(student.guardians) < 2 else ()
    if not (moved or born or new_guardians):
        return None
    return Update(
        known=student,
        pupil=pupil,
        new_class=class_name if moved else None,
        new_birth_date=born,
        new_guardians=new_guardians,
        returns=not student.current,
    )


def _about(pupil: Pupil, value: str, reason: str) -> Remark:
    return Remark(pupil.line, _("Classe"), value or f"{pupil.last_name} {pupil.first_name}", reason)
