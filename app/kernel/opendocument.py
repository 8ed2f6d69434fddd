"""Tables of OpenDocument spreadsheets (.ods), as LibreOffice saves them: row by row, repeated blanks passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import partial
from io import BytesIO

from flask_babel import gettext as _
from lxml import etree

from app.kernel.cells import GUARDED, MAX_CELL, MAX_COLUMNS, Cell, Formula, Sheets, Unreadable

CONTENT = "content.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
MAX_REPEATED = 200  # equal rows on end that are really rows: beyond, it is the paper below the table
MAX_TAGS = 20_000  # between the ends of two rows


def sheets(content: bytes) -> Sheets:
    """The tables of a `content.xml`. Raises `Unreadable`."""
    names = [table.get(f"{_TABLE}name") or "" for table in _elements(content) if table.tag == f"{_TABLE}table"]
    if not names:
        raise Unreadable(_("Ce classeur n’a aucune feuille."))
    return [(name, partial(_rows, content, index)) for index, name in enumerate(names)]


def _rows(content: bytes, sheet: int) -> Iterator[tuple[int, list[Cell]]]:
    at, line = -1, 0
    for element in _elements(content):
        if element.tag == f"{_TABLE}table":
            at, line = at + 1, 0
            if at > sheet:
                return
            continue
        times = _repeated(element, "number-rows-repeated")
        if at == sheet:
            cells = _cells(element)
            if any(cell not in (None, "") for cell in cells):
                yield from ((line + n, cells) for n in range(1, min(times, MAX_REPEATED) + 1))
        line += times


def _elements(content: bytes) -> Iterator[etree._Element]:
    """Tables as they begin, rows as they end; each row is forgotten before the next."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Unreadable(_("Ce classeur contient des déclarations qu’un tableur n’écrit jamais. Il est refusé."))
    parser = etree.iterparse(
        BytesIO(content),
        events=("start", "end"),
        **GUARDED,
    )
    tags = 0
    try:
        for moment, element in parser:
            tags += moment == "start"
            if tags > MAX_TAGS:
                raise Unreadable(_("Ce classeur est bien trop gros. Exportez seulement les classes concernées."))
            if moment == "start" and element.tag == f"{_TABLE}table":
                yield element
            elif moment == "end" and element.tag == f"{_TABLE}table-row":
                yield element
                tags = 0
                element.clear()
                while (before := element.getprevious()) is not None and (table := element.getparent()) is not None:
                    table.remove(before)
    except etree.XMLSyntaxError as error:
        raise Unreadable(_("Ce classeur est abîmé. Enregistrez-le à nouveau, ou exportez en CSV.")) from error


def _repeated(element: etree._Element, name: str) -> int:
    text = element.get(f"{_TABLE}{name}") or "1"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _cells(row: etree._Element) -> list[Cell]:
    cells: list[Cell] = []
    for element in row:
        if element.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        cells += [_value(element)] * min(_repeated(element, "number-columns-repeated"), MAX_COLUMNS)
        if len(cells) >= MAX_COLUMNS:
            return cells[:MAX_COLUMNS]
    return cells


def _value(cell: etree._Element) -> Cell:
    if formula := cell.get(f"{_TABLE}formula"):
        return Formula(formula[:MAX_CELL])
    kind = cell.get(f"{_OFFICE}value-type")
    try:
        if kind in {"float", "percentage", "currency"}:
            return float(cell.get(f"{_OFFICE}value") or "")
        if kind == "date":
            return _day(cell.get(f"{_OFFICE}date-value") or "")
        if kind == "time" and (match := _DURATION.match(cell.get(f"{_OFFICE}time-value") or "")):
            return time(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass  # the text shown is all there is
    return "\n".join("".join(map(str, part.itertext())) for part in cell.iter(f"{_TEXT}p"))[:MAX_CELL] or None


def _day(text: str) -> date | datetime:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
