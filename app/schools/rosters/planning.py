"""What importing a list would do: who is new, who changes, who is already there, who is missing. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from app.kernel.tabular import Remark
from app.schools.rosters.roster import Guardian, Pupil, Roster, plainly
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


def plan(roster: Roster, known: Sequence[Known], classes: Sequence[KnownClass], levels: Collection[str]) -> Plan:
    """Compare a list with what is known of the school.

    `levels`: those of the campaign; other levels are counted and left.
    """
    comparison = _Comparison(roster.pupils, known, classes, levels)
    for pupil in roster.pupils:
        try:
            comparison.take(pupil)
        except _Refused as refusal:
            value = pupil.class_name or f"{pupil.last_name} {pupil.first_name}"
            comparison.refused.append(Remark(pupil.line, _("Classe"), value, str(refusal)))
    return comparison.result()


class _Refused(Exception):
    """Why a line is not imported."""


class _Comparison:
    def __init__(
        self,
        pupils: Sequence[Pupil],
        known: Sequence[Known],
        classes: Sequence[KnownClass],
        levels: Collection[str],
    ) -> None:
        self.pupils, self.known, self.levels = pupils, known, levels
        self.by_name: dict[tuple[str, str], list[Known]] = defaultdict(list)
        for student in known:
            self.by_name[name_key(student.last_name, student.first_name)].append(student)
        self.by_class = {plainly(c.name): c for c in classes}
        self.made: dict[str, tuple[str, str]] = {}
        self.additions: list[Addition] = []
        self.updates: list[Update] = []
        self.refused: list[Remark] = []
        self.elsewhere: dict[str, int] = defaultdict(int)
        self.met: set[int] = set()
        self.seen: set[int] = set()
        self.unchanged = 0

    def take(self, pupil: Pupil) -> None:
        """Put one student of the list where it belongs. Raises `_Refused`."""
        wanted = pupil.class_name
        present = self.by_class.get(plainly(wanted)) if wanted else None
        level = present.level if present else pupil.level
        if level and level not in self.levels:
            self.elsewhere[level] += 1
            return
        if not wanted:
            raise _Refused(_("aucune classe sur la ligne : écrivez-la dans le fichier, ou ajoutez l’élève à la main"))
        if not level:
            raise _Refused(_("le niveau de cette classe n’est pas lisible : créez la classe d’abord"))
        student = self._recognised(pupil, present)
        if present is None:
            class_name = self.made.setdefault(plainly(wanted), (wanted, level))[0]
        else:
            self.seen.add(present.id)
            class_name = present.name
        if student is None:
            self.additions.append(Addition(pupil, class_name))
            return
        self.met.add(student.id)
        update = _update(student, pupil, class_name, present)
        if update is None:
            self.unchanged += 1
        else:
            self.updates.append(update)

    def _recognised(self, pupil: Pupil, present: KnownClass | None) -> Known | None:
        """The known student whom a line speaks of. Raises `_Refused` when several could be meant."""
        name = name_key(pupil.last_name, pupil.first_name)
        candidates = [s for s in self.by_name[name] if s.id not in self.met]
        same_day = [s for s in candidates if pupil.birth_date is not None and s.birth_date == pupil.birth_date]
        possible = same_day or [s for s in candidates if pupil.birth_date is None or s.birth_date is None]
        possible = [s for s in possible if s.current] or possible  # last year's file of one who is here again
        if len(possible) > 1 and present is not None:
            possible = [s for s in possible if s.class_id == present.id] or possible
        if len(possible) > 1 and same_day and not possible[0].current:
            return possible[-1]  # one person, from one year to the next
        if len(possible) > 1:
            raise _Refused(_("plusieurs élèves du collège portent ce nom : il manque la date de naissance"))
        if not possible and present is not None:
            self._demand_another(pupil, [s for s in candidates if s.class_id == present.id])
        return possible[0] if possible else None

    def _demand_another(self, pupil: Pupil, namesakes: Sequence[Known]) -> None:
        """Somebody of this name is in this class, born another day: two people on the list, or one date corrected."""
        listed = {
            p.birth_date
            for p in self.pupils
            if name_key(p.last_name, p.first_name) == name_key(pupil.last_name, pupil.first_name)
        }
        for student in namesakes:
            if student.birth_date not in listed:
                self.met.add(student.id)
                day = student.birth_date.strftime("%d/%m/%Y") if student.birth_date else ""
                raise _Refused(
                    _(
                        "un élève de ce nom est dans cette classe, né le %(day)s : si c’est lui, corrigez sa fiche",
                        day=day,
                    )
                )

    def result(self) -> Plan:
        return Plan(
            classes=tuple(self.made.values()),
            additions=tuple(self.additions),
            updates=tuple(self.updates),
            unchanged=self.unchanged,
            leavers=tuple(s for s in self.known if s.current and s.class_id in self.seen and s.id not in self.met),
            refused=tuple(self.refused),
            elsewhere=tuple(sorted(self.elsewhere.items())),
        )


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
