"""Which family of file a heading line announces, and which of its columns are read: in any order, accents or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.directories.headings import FAMILIES, Field, Headings
from app.directories.records import Family
from app.kernel.tabular import Row
from app.schools.rosters.columns import plain


@dataclass(frozen=True, slots=True)
class Columns:
    """The heading line of a file: which cell holds which field, and what each column is called."""

    family: Family
    at: Mapping[Field, int]
    headings: Mapping[int, str]

    def heading(self, field: Field) -> str:
        return self.headings.get(self.at.get(field, -1), "")

    def told(self) -> tuple[tuple[str, bool], ...]:
        """Every heading, and whether its column is read."""
        read = set(self.at.values())
        return tuple((heading, index in read) for index, heading in sorted(self.headings.items()))


def recognise(row: Row, only: Family | None = None) -> Columns | None:
    """The family whose columns a line names best, or None when the line is no heading. `only`: the family is said."""
    best: Columns | None = None
    for family, (needed, headings) in FAMILIES.items():
        if only not in (None, family):
            continue
        found = _found(row, headings)
        fits = all(found.keys() & alternatives for alternatives in needed)
        if fits and (best is None or len(found) > len(best.at)):
            best = Columns(family, found, {index: str(cell)[:80] for index, cell in row.cells.items()})
    return best


_YEARS = re.compile(r"(?: (20[0-9]{2}))+$")


def _found(row: Row, headings: Headings) -> dict[Field, int]:
    """Which cell names which field: the better of two names; of « ips 2022 » and « ips 2023 », the later year."""
    meaning = {name: (field, rank) for field, names in headings.items() for rank, name in reversed([*enumerate(names)])}
    found: dict[Field, tuple[tuple[int, int], int]] = {}
    for index, cell in row.cells.items():
        name = plain(cell)
        year = _YEARS.search(name)
        field, rank = meaning.get(name[: year.start()] if year else name, (None, 0))
        worth = (rank, -int(year[1]) if year else -9_999)
        if field is not None and (field not in found or worth < found[field][0]):
            found[field] = (worth, index)
    return {field: index for field, (_worth, index) in found.items()}


def knows(family: Family) -> bool:
    """Whether files of this family are tables (and not JSON)."""
    return family in FAMILIES
