"""One line of a class list: the student it names, or why it names none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from app.kernel.tabular import Cell, Remark
from app.schools.rosters import values
from app.schools.rosters.columns import Column, Field, plain
from app.schools.rosters.roster import Guardian, Pile, Pupil
from app.schools.rules import birth_date_problem, cased, name_problem, split_name

_CIVILITY = re.compile(r"(?:m|mr|mme|mlle|monsieur|madame|mademoiselle)\.? +", re.IGNORECASE)
_TOTAL = re.compile(
    r"(?:sous )?totaux|(?:(?:sous )?total|effectif|nombre d)(?: (?:general|total|classe))?(?: d)?(?: eleves?)?"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the files, with what its cells mean. `sheet` says in which of several tables it stands."""

    number: int
    cells: Mapping[Field, Cell]
    columns: Mapping[Field | None, Column]
    today: date
    pile: Pile
    source_id: str = ""
    sheet: str = ""
    in_class: str = ""  # of every line of the table which names no class
    month_first: bool = False

    def remark(self, field: Field, reason: str) -> Remark:
        heading = self.columns[field].heading if field in self.columns else ""
        column = " · ".join(part for part in (self.sheet, heading) if part)
        return Remark(self.number, column, _shown(self.cells.get(field)), reason)

    def take(self, field: Field, read: values.Read[values.T]) -> values.T | None:
        """The value of a field that may be missing; what is mended or unreadable is told."""
        if read.mended:
            self.tell(field, read.mended)
        if read.refused:
            self.tell(field, _("%(why)s ; laissé vide", why=read.refused))
        return read.value

    def tell(self, field: Field, reason: str) -> None:
        self.pile.mended.append(self.remark(field, reason))


def take(line: Line) -> None:
    """Put the student of a line on the pile, or say why there is none."""
    pile, cells = line.pile, line.cells
    if _counts(line):
        line.tell(_field_of_names(line), _("ligne de total, pas un élève : laissée"))
        return
    pile.read += 1
    last, first, problem = _names(line)
    if problem is not None:
        pile.refused.append(problem)
        return
    left_on = values.date_of(cells.get(Field.LEFT_ON), line.today).value
    if left_on is not None and left_on <= line.today:
        pile.left.append(line.remark(Field.LEFT_ON, _("a quitté l’établissement")))
        return
    class_name = values.class_of(cells.get(Field.CLASS))
    if class_name.refused:
        pile.refused.append(line.remark(Field.CLASS, class_name.refused))
        return
    in_class = line.take(Field.CLASS, class_name) or line.in_class
    if in_class.casefold() == "inactifs":
        pile.left.append(line.remark(Field.CLASS, _("est inactif")))
        return
    kind = str(cells.get(Field.CLASS_KIND) or "D").strip().upper()
    level = values.level_of(values.text_of(cells.get(Field.LEVEL)).value or "")
    of_class = values.level_of(in_class)
    if level and of_class and level != of_class and kind != "G":
        line.tell(Field.LEVEL, _("ce niveau (%(level)s) ne va pas avec la classe %(name)s", level=level, name=in_class))
    pupil = Pupil(
        line=line.number,
        last_name=last,
        first_name=first,
        birth_date=_birth_date(line),
        class_name=in_class if kind != "G" else "",
        level=level or of_class,
        guardians=tuple(_guardians(line)),
        source_id=line.source_id,
    )
    pile.add(pupil, line.remark(Field.CLASS, ""))


def _counts(line: Line) -> bool:
    """Whether the line says how many students there are instead of naming one."""
    if values.text_of(line.cells.get(Field.FIRST_NAME)).value:
        return False
    written = plain(values.text_of(line.cells.get(_field_of_names(line))).value or "")
    return bool(written) and _TOTAL.fullmatch(" ".join(re.sub(r"\d+", " ", written).split())) is not None


def _field_of_names(line: Line) -> Field:
    return Field.FULL_NAME if Field.FULL_NAME in line.columns else Field.LAST_NAME


def _names(line: Line) -> tuple[str, str, Remark | None]:
    whole = values.name_of(line.cells.get(Field.FULL_NAME))
    last, first = values.name_of(line.cells.get(Field.LAST_NAME)), values.name_of(line.cells.get(Field.FIRST_NAME))
    for field, read in ((Field.FULL_NAME, whole), (Field.LAST_NAME, last), (Field.FIRST_NAME, first)):
        if read.refused:
            return "", "", line.remark(field, read.refused)
    usage = values.name_of(line.cells.get(Field.USAGE_NAME)).value
    names = (usage or last.value or "", _first_of_several(line, first.value or ""))
    field = Field.LAST_NAME
    if whole.value and not all(names):
        field = Field.FULL_NAME
        names = _cut(line, field, whole.value)
    elif last.value and not first.value and Field.FIRST_NAME not in line.columns:
        names = _cut(line, field, last.value)
    names = (cased(names[0]), cased(names[1]))
    letters = [re.sub(r"\d", "", name).strip() for name in names]
    if problem := name_problem(letters[0]) or name_problem(letters[1]):
        return "", "", line.remark(field, problem)
    if letters != list(names):
        line.tell(field, _("ce nom contient un chiffre : vérifiez-le"))
    return *names, None


def _first_of_several(line: Line, first_names: str) -> str:
    """« Marie, Louise, Anne » is called Marie."""
    first, comma, _others = first_names.partition(",")
    if comma:
        line.tell(Field.FIRST_NAME, _("seul le premier prénom est gardé"))
    return first.strip()


def _cut(line: Line, field: Field, whole: str) -> tuple[str, str]:
    """(family name, first name) of one cell: by a comma, the capitals, else the order of the heading, and said."""
    last, comma, first = whole.partition(",")
    if comma:
        return last.strip(), first.strip()
    found = split_name(whole)
    if found is None:
        return "", ""
    if not found.guessed:
        return found.last_name, found.first_name
    line.tell(field, _("rien ne dit où finit le nom de famille : vérifiez"))
    if plain(line.columns[field].heading).startswith("prenom"):
        return found.last_name, found.first_name
    loud = split_name(whole.upper())  # the family name first, with its particles
    cut = len(loud.last_name.split()) if loud else 1
    words = whole.split()
    return " ".join(words[:cut]), " ".join(words[cut:])


def _birth_date(line: Line) -> date | None:
    born = line.take(Field.BIRTH_DATE, values.date_of(line.cells.get(Field.BIRTH_DATE), line.today, line.month_first))
    if problem := birth_date_problem(born, line.today):
        line.tell(Field.BIRTH_DATE, _("%(why)s Laissée vide.", why=problem))
        return None
    return born


def _guardians(line: Line) -> Iterator[Guardian]:
    for number in (1, 2):
        last, first, email, phone = (Field(f"guardian_{number}_{part}") for part in ("last", "first", "email", "phone"))
        name = _guardian_name(*(values.name_of(line.cells.get(field)).value or "" for field in (last, first)))
        if not name:
            continue
        yield Guardian(
            name=name[:160],
            email=line.take(email, values.email_of(line.cells.get(email))) or "",
            phone=line.take(phone, values.phone_of(line.cells.get(phone))) or "",
        )


def _guardian_name(last: str, first: str) -> str:
    """« Paul Dupont », from two cells or from « M. DUPONT Paul » in one."""
    last = _CIVILITY.sub("", last, count=1) if _CIVILITY.match(last) else last
    if not first and (found := split_name(last)) and not found.guessed:
        return f"{found.first_name} {found.last_name}"
    return " ".join(cased(part) for part in (first, last) if part)


def _shown(cell: Cell) -> str:
    return "" if cell is None else str(getattr(cell, "text", cell))[:80]
