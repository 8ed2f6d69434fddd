"""What a cell of somebody's table may hold, and what is said when a file cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

MAX_COLUMNS = 400
MAX_CELL = 2_000

# How somebody's XML is parsed: no entity, no DTD, no network, no tree without end.
GUARDED = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class Unreadable(ValueError):
    """The file cannot be read; the message is a French sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a calculation instead of a value."""

    text: str


Cell = str | int | float | datetime | date | time | bool | Formula | None

# The name of each table of a file, and what reads its rows: (line, cells), those that are not empty.
Sheets = list[tuple[str, Callable[[], Iterator[tuple[int, list[Cell]]]]]]
