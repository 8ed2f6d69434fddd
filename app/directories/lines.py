"""One line of a file, with what its cells mean, and what every reader of a family is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from app.directories import values
from app.directories.columns import Columns
from app.directories.headings import Field
from app.directories.lambert import to_degrees
from app.directories.records import Pile
from app.kernel.tabular import Cell, Formula, Remark


@dataclass(frozen=True, slots=True)
class Line:
    """`number` is the line which the person sees in the file (in a JSON file: the rank of the element, from 1)."""

    number: int
    cells: Mapping[int, Cell]
    columns: Columns

    def cell(self, field: Field) -> Cell:
        return self.cells.get(self.columns.at.get(field, -1))

    def text(self, field: Field, most: int = 2_000) -> str:
        return values.text_of(self.cell(field), most)

    def remark(self, field: Field, reason: str) -> Remark:
        return Remark(self.number, self.columns.heading(field), shown(self.cell(field)), reason)


class Reader(Protocol):
    """Reads the lines of one family into a pile."""

    pile: Pile

    def take(self, line: Line) -> None:
        """Put one line where it belongs: a record, a refusal, or left alone."""

    def finish(self) -> None:
        """What can only be said once every line has been read."""


def coordinates(cell: Callable[[Field], Cell]) -> tuple[Cell, Cell]:
    """Latitude and longitude of a line in degrees: two cells, one cell for both, or Lambert-93 metres."""
    lat, lon = cell(Field.LAT), cell(Field.LON)
    if values.text_of(lat) or values.text_of(lon):
        return lat, lon
    pair = re.split(r"\s*[,;|]\s*|\s+", values.text_of(cell(Field.PAIR)).strip("[]() "))
    if len(pair) == 2:
        return pair[0], pair[1]
    x, y = values.number_of(cell(Field.X)), values.number_of(cell(Field.Y))
    point = to_degrees(x, y) if x is not None and y is not None else None
    return (point.lat, point.lon) if point else (None, None)


def shown(cell: Cell) -> str:
    """A cell as a remark shows it."""
    return cell.text[:80] if isinstance(cell, Formula) else values.text_of(cell, 80)
