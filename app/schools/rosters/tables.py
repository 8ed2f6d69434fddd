"""Class lists in tables: where the headings are, what stands above them, which class a sheet speaks of."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _

from app.kernel.tabular import Row, Table, Unreadable
from app.schools.rosters import lines, values
from app.schools.rosters.columns import Column, Field, plain, recognise
from app.schools.rosters.roster import Pile
from app.schools.rules import name_problem

HEADING_WITHIN = 20  # lines: exports begin with a title, a date, the name of the school
_TITLE = re.compile(
    r"(?:\bclasse|\bdivision|\bélèves de)\b(?:\s+de)?\s*:?\s*(?P<name>(?:[3-6T]|2n?de|2gt)[^:;(–]*)", re.IGNORECASE
)
_NO_CLASS = re.compile(r"\b20\d\d\b|\beleves?\b|\bclasses\b")  # a year, how many they are
_BARE = re.compile(
    r"(?:(?:classe|liste)\s+)?[3-6]\s?(?:[A-Z0-9]{1,7}|(?:e|è|[eè]me|°)\s?[A-Z0-9]\w{0,11})", re.IGNORECASE
)


class NoHeadings(Unreadable):
    """A table that is no list: a cover, a legend."""


def take(table: Table, pile: Pile, today: date, name: str, among_others: bool) -> list[Column]:
    """Read a table onto the pile; the columns it has. `name`: of the sheet or the file. Raises `Unreadable`."""
    columns, heading, above = _headings(table)
    by_field: dict[Field | None, Column] = {column.field: column for column in columns if column.field}
    start = heading.line if heading else 0
    wanted = {column.index for column in by_field.values()}
    rows = [row for row in table.rows(wanted) if row.line > start and row.cells and not _is_heading(row, heading)]
    in_class, source = ("", "") if Field.CLASS in by_field else _class_told(above, name)
    if in_class:
        pile.warnings.append(
            _("Aucune colonne ne dit la classe : %(name)s est lue dans « %(source)s ».", name=in_class, source=source)
        )
    born = by_field.get(Field.BIRTH_DATE)
    month_first = values.month_first(row.cells.get(born.index) for row in rows) if born else False
    if month_first is not False:
        pile.warnings.append(_american(month_first))
    for row in rows:
        if in_class and len(row.cells) == 1 and (next_class := _class_told([row], "")[0]):
            in_class = next_class  # lists of several classes, one below the other
            continue
        lines.take(
            lines.Line(
                number=row.line,
                cells={field: row.cells.get(column.index) for field, column in by_field.items() if field},
                columns=by_field,
                today=today,
                pile=pile,
                sheet=name if among_others else "",
                in_class=in_class,
                month_first=bool(month_first),
            )
        )
    return columns


def _american(whole_column: bool | None) -> str:
    if whole_column:
        return _("Les dates de naissance sont écrites mois/jour/année, et lues ainsi : vérifiez-en deux ou trois.")
    return _(
        "Certaines dates sont écrites mois/jour/année, d’autres jour/mois/année : vérifiez chaque date de naissance."
    )


def _headings(table: Table) -> tuple[list[Column], Row | None, list[Row]]:
    """The columns, the line of their headings (None when there is none), and the lines above."""
    first: list[Row] = []
    best: tuple[int, list[Column], int] = (0, [], 0)  # fields recognised, columns, place in `first`
    for row in itertools.islice(table.rows(), HEADING_WITHIN):
        columns = recognise(row) or []
        best = max(best, (sum(column.field is not None for column in columns), columns, len(first)), key=lambda b: b[0])
        first.append(row)
        if best[0] > 1:  # one alone may be a title: « Élèves »
            break
    known, columns, at = best
    if known:
        return columns, first[at], first[:at]
    if first and (guessed := _without_headings(first[0])):
        return guessed, None, []
    raise NoHeadings(
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


def _is_heading(row: Row, heading: Row | None) -> bool:
    """Whether a line says the headings again, as printed lists do on each page."""
    return heading is not None and all(
        plain(cell) == plain(heading.cells.get(at, "")) for at, cell in row.cells.items()
    )


def _class_told(above: Sequence[Row], name: str) -> tuple[str, str]:
    """The class of a table which has no column for it, and where it is said: in a title, else in the sheet's name."""
    for row in above:
        texts = [cell for cell in row.cells.values() if isinstance(cell, str)]
        joined = " ".join(texts)
        for text in (joined, *texts):
            match = _TITLE.search(text)
            if found := _a_class(re.split(r"\s+-\s|,", match["name"])[0] if match else "") or _bare_class(text):
                return found, joined[:80]
    stem = name.rpartition("/")[2].rpartition(".")[0] or name
    return (found, stem) if (found := _bare_class(stem)) else ("", "")


def _bare_class(text: str) -> str:
    return (
        _a_class(re.sub(r"^(?:classe|liste)\s+", "", text.strip(), flags=re.IGNORECASE))
        if _BARE.fullmatch(text)
        else ""
    )


def _a_class(text: str) -> str:
    """`text` when it can be the name of a class whose level is readable, else nothing."""
    name = values.class_of(text.strip()).value or ""
    return name if values.level_of(name) and not _NO_CLASS.search(plain(name)) else ""
