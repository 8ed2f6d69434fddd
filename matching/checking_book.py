"""The checker's own reading of a market and a solution: what is open, what is full, who is where. No solver code."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.problem import BoolArray, IntArray, Market, Solution


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """One kind of capacity: names, room once pins are served, use by the others, and the member of each open pair."""

    kind: str
    names: tuple[str, ...]
    room: IntArray
    used: IntArray
    of_pair: IntArray  # -1: this kind of capacity does not concern the pair


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One equity rule: groups (within those of the rules before), their sizes, and who is left in them."""

    key: str
    mode: str
    rate: float | None
    strict: bool
    names: tuple[str, ...]
    size: IntArray
    left: IntArray
    left_at_most: IntArray
    of_student: IntArray  # -1: the student has no such group


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """Everything the checks need. ``student`` and ``slot`` are the open pairs; ``held`` is by student, -1 unplaced."""

    market: Market
    held: IntArray
    pinned: BoolArray
    rows: IntArray
    student: IntArray
    slot: IntArray
    chosen: BoolArray
    shelves: tuple[Shelf, ...]
    levels: tuple[Level, ...]

    @property
    def free(self) -> IntArray:
        """Students who are not pinned."""
        return np.flatnonzero(~self.pinned)


def open_book(market: Market, solution: Solution) -> Book:
    """Read ``solution``, whose identifiers are known to exist in ``market``."""
    number = {s.id: i for i, s in enumerate(market.students)}
    slot_number = {s.id: t for t, s in enumerate(market.slots)}
    held = np.full(len(number), -1)
    for a in solution.assignments:
        held[number[a.student]] = slot_number[a.slot]
    pinned = np.zeros(len(number), np.bool_)
    for name, _ in market.pinned:
        pinned[number[name]] = True
    pairs = market.columns
    keep = ~pinned[pairs.student]
    width = max(len(slot_number), 1)
    refused = {number[a] * width + slot_number[b] for a, b in market.forbidden}
    if refused:
        keep &= ~np.isin(pairs.student * width + pairs.slot, np.array(sorted(refused)))
    for shelf in _shelves(market, held, pinned, pairs.student, pairs.slot):
        keep &= (shelf.of_pair < 0) | (shelf.room[shelf.of_pair] > 0) if len(shelf.names) else True
    rows = np.flatnonzero(keep)
    student, slot = pairs.student[rows], pairs.slot[rows]
    return Book(
        market,
        held,
        pinned,
        rows,
        student,
        slot,
        held[student] == slot,
        tuple(_shelves(market, held, pinned, student, slot)),
        tuple(_levels(market, held, pinned)),
    )


def _shelves(market: Market, held: IntArray, pinned: BoolArray, student: IntArray, slot: IntArray) -> list[Shelf]:
    slots = market.slots
    hosts = {h.id: h for h in market.hosts}
    shelves = []

    def by_slot(kind: str, name: Callable[[Any], str], room: Callable[[Any], int | None]) -> None:
        names: dict[str, int] = {}
        rooms: list[int] = []
        member = np.full(len(slots), -1)
        for t, place in enumerate(slots):
            most = room(place)
            if most is not None:
                label = name(place)
                if label not in names:
                    names[label] = len(names)
                    rooms.append(most)
                member[t] = names[label]
        fixed = _count(member[held[pinned & (held >= 0)]], len(names))
        used = _count(member[held[~pinned & (held >= 0)]], len(names))
        of_pair = member[slot] if len(slots) else np.zeros(0, np.int64)
        shelves.append(Shelf(kind, tuple(names), np.array(rooms, np.int64) - fixed, used, of_pair))

    by_slot("slot", lambda p: str(p.id), lambda p: int(p.capacity))
    by_slot("week", lambda p: f"{p.host}@{p.week}", lambda p: hosts[p.host].in_week(p.week))
    by_slot("host", lambda p: str(p.host), lambda p: hosts[p.host].capacity)
    for key in sorted({x.group_key for x in market.limits}):
        shelves.append(_limit_shelf(market, key, held, pinned, student, slot))
    return shelves


def _count(members: IntArray, n: int) -> IntArray:
    return np.bincount(members[members >= 0], minlength=n)


def _limit_shelf(
    market: Market, key: str, held: IntArray, pinned: BoolArray, student: IntArray, slot: IntArray
) -> Shelf:
    """Cells (value of the group, slot) that a limit bounds. A pin may exceed a limit: the room is then 0."""
    rules = [x for x in market.limits if x.group_key == key]
    values, code = _coded([s.groups.get(key) for s in market.students])
    everywhere: dict[str | None, int] = {}
    somewhere: dict[tuple[str, str | None], int] = {}
    for rule in rules:
        if rule.slot is None:
            everywhere[rule.value] = min(rule.maximum, everywhere.get(rule.value, rule.maximum))
        else:
            at = (rule.slot, rule.value)
            somewhere[at] = min(rule.maximum, somewhere.get(at, rule.maximum))
    width = max(len(values), 1)
    mine = code[student] >= 0
    cell = slot * width + code[student]
    cells = np.unique(cell[mine])
    rooms, names, bounded = [], [], []
    for c in cells.tolist():
        value, place = str(values[c % width]), market.slots[c // width].id
        found = [
            x
            for x in (
                everywhere.get(None),
                everywhere.get(value),
                somewhere.get((place, None)),
                somewhere.get((place, value)),
            )
            if x is not None
        ]
        bounded.append(bool(found))
        rooms.append(min(found) if found else 0)
        names.append(f"{key}={value}@{place}")
    kept = cells[np.array(bounded, np.bool_)] if len(cells) else cells
    position = np.searchsorted(kept, cell)
    inside = mine & (position < len(kept))
    if len(kept):
        inside &= kept[np.minimum(position, len(kept) - 1)] == cell
    of_pair = np.where(inside, position, -1)
    seated = held >= 0
    where = held * width + code

    def tally(who: BoolArray) -> IntArray:
        return np.array(
            [int(np.sum(where[who & seated & (code >= 0)] == c)) for c in kept.tolist()]
            if len(kept) < 50
            else _tally(where[who & seated & (code >= 0)], kept),
            np.int64,
        )

    room = np.array([r for r, b in zip(rooms, bounded, strict=True) if b], np.int64)
    kept_names = tuple(n for n, b in zip(names, bounded, strict=True) if b)
    return Shelf("limit", kept_names, np.maximum(room - tally(pinned), 0), tally(~pinned), of_pair)


def _tally(where: IntArray, cells: IntArray) -> IntArray:
    position = np.minimum(np.searchsorted(cells, where), len(cells) - 1)
    return np.bincount(position[cells[position] == where], minlength=len(cells))


def _coded(labels: Sequence[Hashable | None]) -> tuple[list[Any], IntArray]:
    values: dict[Hashable, int] = {}
    codes = [-1 if label is None else values.setdefault(label, len(values)) for label in labels]
    return list(values), np.array(codes, np.int64)


def _levels(market: Market, held: IntArray, pinned: BoolArray) -> list[Level]:
    levels = []
    above: list[tuple[str, ...]] = [() for _ in market.students]
    for rule in market.equity:
        key = rule.group_key
        above = [(*path, f"{key}={s.groups.get(key, '')}") for path, s in zip(above, market.students, strict=True)]
        labels = ["&".join(path) if key in s.groups else None for path, s in zip(above, market.students, strict=True)]
        names, of_student = _coded(labels)
        levels.append(
            Level(
                key,
                rule.mode,
                rule.rate,
                rule.strict,
                tuple(names),
                _count(of_student, len(names)),
                _count(of_student[held < 0], len(names)),
                _count(of_student[~pinned], len(names)),
                of_student,
            )
        )
    return levels
