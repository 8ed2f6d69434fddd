"""From the files that a teacher drops to the students they name, with all that was mended, refused or left aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext as _

from app.kernel import tabular
from app.kernel.tabular import Cell, Remark, Row, Unreadable
from app.schools.rosters import bee, values
from app.schools.rosters.columns import Column, Field, recognise, why_not_read
from app.schools.rules import birth_date_problem, cased, name_key, name_problem, split_name

HEADING_WITHIN = 12  # lines: exports begin with a title, a date, the name of the school


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


class _Pile:
    """What accumulates while lines are read."""

    def __init__(self) -> None:
        self.pupils: dict[tuple[object, ...], Pupil] = {}
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
            pupils=tuple(self.pupils.values()),
            refused=tuple(self.refused),
            mended=tuple(self.mended),
            left=tuple(self.left),
            same=tuple(self.same),
            warnings=tuple(self.warnings),
        )


def read(files: Sequence[tuple[str, bytes]], today: date) -> Roster:
    """The students named by `files` (name, content): one table, or BEE files (students, and guardians beside).

    Raises `Unreadable`, with a sentence, when nothing can be read.
    """
    documents = list(_documents(files))
    markup = [(name, data) for name, data in documents if bee.is_markup(data)]
    if markup and len(markup) == len(documents):
        return _from_bee(markup, today)
    if len(documents) != 1:
        raise Unreadable(_("Choisissez une seule liste à la fois, ou les deux fichiers XML élèves et responsables."))
    return _from_table(documents[0][1], today)


def _documents(files: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    if not files:
        raise Unreadable(_("Choisissez un fichier."))
    for name, data in files:
        if len(data) > tabular.MAX_BYTES:
            tabular.open_table(data)  # says that it is too big
        if data.startswith(b"PK") and not tabular.is_workbook(data):
            inside = [(inner, content) for inner, content in tabular.unpack(data) if not inner.startswith("__MACOSX")]
            if not inside:
                raise Unreadable(_("Cette archive est vide."))
            yield from inside
        else:
            yield name, data


# --- tables -----------------------------------------------------------------------------------------------------------


def _from_table(data: bytes, today: date) -> Roster:
    table = tabular.open_table(data)
    columns, start = _headings(table)
    by_field: dict[Field | None, Column] = {column.field: column for column in columns if column.field}
    pile = _Pile()
    for row in table.rows({column.index for column in by_field.values()}):
        if row.line < start or not row.cells:
            continue
        pile.read += 1
        cells = {field: row.cells.get(column.index) for field, column in by_field.items() if field}
        _take(_Line(row.line, cells, by_field, today, pile))
    if not pile.read:
        raise Unreadable(_("Ce fichier n’a que des titres de colonnes, aucun élève."))
    return pile.roster(f"{table.kind} ({table.detail})", columns)


def _headings(table: tabular.Table) -> tuple[list[Column], int]:
    """The columns and the first line of students."""
    first: Row | None = None
    for number, row in enumerate(table.rows()):
        first = first or row
        columns = recognise(row)
        if columns is not None:
            return columns, row.line + 1
        if number >= HEADING_WITHIN:
            break
    if first is not None and (guessed := _without_headings(first)):
        return guessed, first.line
    raise Unreadable(
        _("Aucun titre de colonne reconnu : il faut une ligne avec au moins « Nom », « Prénom » et « Classe ».")
    )


def _without_headings(row: Row) -> list[Column] | None:
    """« DUPONT;Marie » on the first line: the smallest export has no headings."""
    texts = [(index, cell) for index, cell in sorted(row.cells.items()) if isinstance(cell, str)]
    if len(texts) != len(row.cells) or not 2 <= len(texts) <= 3 or not texts[0][1].isupper():
        return None
    if any(name_problem(text) for _index, text in texts[:2]):
        return None
    fields = (Field.LAST_NAME, Field.FIRST_NAME, Field.CLASS)
    return [Column(index, _("(sans titre)"), field) for (index, _text), field in zip(texts, fields, strict=False)]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a table, with what its cells mean."""

    number: int
    cells: Mapping[Field, Cell]
    columns: Mapping[Field | None, Column]
    today: date
    pile: _Pile
    source_id: str = ""

    def remark(self, field: Field, reason: str) -> Remark:
        cell = self.cells.get(field)
        return Remark(self.number, self.columns[field].heading if field in self.columns else "", _shown(cell), reason)

    def take(self, field: Field, read: values.Read[values.T]) -> values.T | None:
        """The value of a field that may be missing; what is mended or unreadable is told."""
        if read.mended:
            self.pile.mended.append(self.remark(field, read.mended))
        if read.refused:
            self.pile.mended.append(self.remark(field, _("%(why)s ; laissé vide", why=read.refused)))
        return read.value


def _take(line: _Line) -> None:
    pile, cells = line.pile, line.cells
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
    in_class = line.take(Field.CLASS, class_name) or ""
    if in_class.casefold() == "inactifs":
        pile.left.append(line.remark(Field.CLASS, _("est inactif")))
        return
    kind = str(cells.get(Field.CLASS_KIND) or "D").strip().upper()
    written_level = values.text_of(cells.get(Field.LEVEL)).value or ""
    pupil = Pupil(
        line=line.number,
        last_name=last,
        first_name=first,
        birth_date=_birth_date(line),
        class_name=in_class if kind != "G" else "",
        level=values.level_of(written_level) or values.level_of(in_class),
        guardians=tuple(_guardians(line)),
        source_id=line.source_id,
    )
    _pile_up(pile, pupil, line.remark(Field.CLASS, ""))


def _names(line: _Line) -> tuple[str, str, Remark | None]:
    whole = values.name_of(line.cells.get(Field.FULL_NAME))
    last, first = values.name_of(line.cells.get(Field.LAST_NAME)), values.name_of(line.cells.get(Field.FIRST_NAME))
    usage = values.name_of(line.cells.get(Field.USAGE_NAME))
    for field, read_ in ((Field.FULL_NAME, whole), (Field.LAST_NAME, last), (Field.FIRST_NAME, first)):
        if read_.refused:
            return "", "", line.remark(field, read_.refused)
    names = (usage.value or last.value or "", first.value or "")
    field = Field.LAST_NAME
    if whole.value and not all(names):
        field = Field.FULL_NAME
        names = split_name(whole.value) or ("", "")
    elif last.value and not first.value and Field.FIRST_NAME not in line.columns:
        names = split_name(last.value) or ("", "")
    names = (cased(names[0]), cased(names[1]))
    letters = [re.sub(r"\d", "", name).strip() for name in names]
    if problem := name_problem(letters[0]) or name_problem(letters[1]):
        return "", "", line.remark(field, problem)
    if letters != list(names):
        line.pile.mended.append(line.remark(field, _("ce nom contient un chiffre : vérifiez-le")))
    return *names, None


def _birth_date(line: _Line) -> date | None:
    born = line.take(Field.BIRTH_DATE, values.date_of(line.cells.get(Field.BIRTH_DATE), line.today))
    if problem := birth_date_problem(born, line.today):
        line.pile.mended.append(line.remark(Field.BIRTH_DATE, _("%(why)s Laissée vide.", why=problem)))
        return None
    return born


def _guardians(line: _Line) -> Iterator[Guardian]:
    for number in (1, 2):
        last, first, email, phone = (Field(f"guardian_{number}_{part}") for part in ("last", "first", "email", "phone"))
        names = (values.name_of(line.cells.get(first)).value, values.name_of(line.cells.get(last)).value)
        name = " ".join(cased(part) for part in names if part)
        if not name:
            continue
        yield Guardian(
            name=name[:160],
            email=line.take(email, values.email_of(line.cells.get(email))) or "",
            phone=line.take(phone, values.phone_of(line.cells.get(phone))) or "",
        )


def _pile_up(pile: _Pile, pupil: Pupil, where: Remark) -> None:
    """Put a line with the student it speaks of: a division then groups, the same name typed twice, or somebody new."""
    name = name_key(pupil.last_name, pupil.first_name)
    key: tuple[object, ...] = (name, pupil.birth_date)
    known = pile.pupils.get(key)
    if known is None:
        pile.pupils[key] = pupil
        return
    other_class = known.class_name and pupil.class_name and plainly(known.class_name) != plainly(pupil.class_name)
    if other_class and pupil.source_id != known.source_id:  # the school counts two people of one name
        pile.pupils[*key, pupil.source_id] = pupil
        return
    if other_class and pupil.birth_date is None:
        reason = _("même nom que la ligne %(line)s, dans une autre classe et sans date de naissance", line=known.line)
        pile.refused.append(replace(where, reason=reason))
        return
    merged = replace(
        known,
        class_name=known.class_name or pupil.class_name,
        level=known.level or pupil.level,
        guardians=known.guardians or pupil.guardians,
    )
    pile.pupils[key] = merged
    reason = (
        _("autre ligne du même élève : la classe %(name)s est gardée", name=known.class_name)
        if other_class
        else _("élève déjà lu à la ligne %(line)s", line=known.line)
    )
    pile.same.append(replace(where, reason=reason))


def plainly(class_name: str) -> str:
    """« 3 A », « 3eA » and « 3ème A » are one class."""
    compact = name_key(class_name, "")[0]
    for ending in ("ieme", "eme", "e"):
        if compact[:1].isdigit() and compact[1:].startswith(ending) and len(compact) > 1 + len(ending):
            return compact[0] + compact[1 + len(ending) :]
    return compact


def _shown(cell: Cell) -> str:
    return "" if cell is None else str(getattr(cell, "text", cell))[:80]


# --- BEE --------------------------------------------------------------------------------------------------------------


def _from_bee(markup: Sequence[tuple[str, bytes]], today: date) -> Roster:
    content = bee.read(data for _name, data in markup)
    if not content.students:
        raise Unreadable(
            _("Ce fichier XML n’a aucun élève. Choisissez « ElevesSansAdresses » ou « ElevesAvecAdresses ».")
        )
    columns = [Column(index, tag, field) for index, (tag, field) in enumerate(bee.READ)]
    by_field: dict[Field | None, Column] = {column.field: column for column in columns}
    columns += [
        Column(index, tag, None, why_not_read(tag))
        for index, tag in enumerate(sorted(content.unread), start=len(columns))
    ]
    pile = _Pile()
    pile.warnings.extend(content.warnings)
    for student in content.students:
        pile.read += 1
        _take(_Line(student.line, student.cells, by_field, today, pile, student.source_id))
    return pile.roster("XML (BEE)", columns)
