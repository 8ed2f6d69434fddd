"""What the files say, once read: students, and all that was mended, refused or left aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext as _

from app.kernel.tabular import Remark, Unreadable
from app.schools.rosters import values
from app.schools.rosters.columns import Column
from app.schools.rules import name_key

MAX_STUDENTS = 5_000  # of all the files together: more than the largest school has


@dataclass(frozen=True, slots=True)
class Guardian:
    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Pupil:
    """One student of the list. `source_id` is the file’s own number, to tell homonyms apart; it is never stored."""

    line: int
    last_name: str
    first_name: str
    birth_date: date | None = None
    class_name: str = ""
    level: str = ""
    guardians: tuple[Guardian, ...] = ()
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """What the files say. Every line read ends in exactly one of `pupils`, `same` (told again), `refused` or `left`."""

    kind: str
    columns: tuple[Column, ...]
    read: int
    pupils: tuple[Pupil, ...]
    refused: tuple[Remark, ...] = ()
    mended: tuple[Remark, ...] = ()
    left: tuple[Remark, ...] = ()  # who has left the school, who is inactive
    same: tuple[Remark, ...] = ()  # further lines of a student already read
    warnings: tuple[str, ...] = ()

    @property
    def classless(self) -> bool:
        """Whether nothing says the class of anybody: a teacher who exports one class needs no column for it."""
        return bool(self.pupils) and not any(pupil.class_name for pupil in self.pupils)

    def all_in(self, class_name: str) -> Roster:
        """The same list, everybody in one class."""
        level = values.level_of(class_name)
        pupils = (replace(pupil, class_name=class_name, level=level or pupil.level) for pupil in self.pupils)
        return replace(self, pupils=tuple(pupils))


class Pile:
    """What accumulates while lines are read."""

    def __init__(self) -> None:
        self.pupils: list[Pupil] = []
        self.by_name: dict[tuple[str, str], list[int]] = defaultdict(list)  # places in `pupils`
        self.read = 0
        self.refused: list[Remark] = []
        self.mended: list[Remark] = []
        self.left: list[Remark] = []
        self.same: list[Remark] = []
        self.warnings: list[str] = []

    def roster(self, kind: str, columns: Iterable[Column]) -> Roster:
        return Roster(
            kind=kind,
            columns=tuple(columns),
            read=self.read,
            pupils=tuple(self.pupils),
            refused=tuple(self.refused),
            mended=tuple(self.mended),
            left=tuple(self.left),
            same=tuple(self.same),
            warnings=tuple(self.warnings),
        )

    def add(self, pupil: Pupil, where: Remark) -> None:
        """Put a line with the student it speaks of: a division then groups, the same name typed twice, or somebody new.

        Two of one name are two people when their birth dates differ, or when the school counts two in two classes.
        """
        namesakes = self.by_name[name_key(pupil.last_name, pupil.first_name)]
        same_day = [at for at in namesakes if self.pupils[at].birth_date == pupil.birth_date]
        others = [at for at in namesakes if pupil.birth_date is None or self.pupils[at].birth_date is None]
        possible = same_day or others
        if not possible:
            self._append(pupil, namesakes)
            return
        at = next((at for at in possible if _one_class(self.pupils[at], pupil)), possible[0])
        known = self.pupils[at]
        if not _one_class(known, pupil) and pupil.source_id != known.source_id:
            self._append(pupil, namesakes)
        elif not _one_class(known, pupil) and (pupil.birth_date is None or not same_day):
            reason = _("même nom que la ligne %(line)s, dans une autre classe et sans date de naissance")
            self.refused.append(replace(where, reason=reason % {"line": known.line}))
        elif not same_day and len(possible) > 1:
            self.refused.append(
                replace(where, reason=_("plusieurs élèves de la liste portent ce nom : précisez la date"))
            )
        else:
            self.pupils[at] = replace(
                known,
                class_name=known.class_name or pupil.class_name,
                level=known.level or pupil.level,
                birth_date=known.birth_date or pupil.birth_date,
                guardians=known.guardians or pupil.guardians,
            )
            reason = (
                _("élève déjà lu à la ligne %(line)s", line=known.line)
                if _one_class(known, pupil)
                else _("autre ligne du même élève : la classe %(name)s est gardée", name=known.class_name)
            )
            self.same.append(replace(where, reason=reason))

    def _append(self, pupil: Pupil, namesakes: list[int]) -> None:
        if len(self.pupils) >= MAX_STUDENTS:
            raise Unreadable(_("Cette liste a plus de %(most)s élèves : déposez-la par niveaux.", most=MAX_STUDENTS))
        namesakes.append(len(self.pupils))
        self.pupils.append(pupil)


def _one_class(one: Pupil, other: Pupil) -> bool:
    """Whether nothing says that the two are in different classes."""
    return not (one.class_name and other.class_name) or plainly(one.class_name) == plainly(other.class_name)


def plainly(class_name: str) -> str:
    """« 3 A », « 3eA » and « 3ème A » are one class."""
    compact = name_key(class_name, "")[0]
    for ending in ("ieme", "eme", "e"):
        if compact[:1].isdigit() and compact[1:].startswith(ending) and len(compact) > 1 + len(ending):
            return compact[0] + compact[1 + len(ending) :]
    return compact
