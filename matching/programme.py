"""One basin of a market written as an integer programme: its variables and its constraints."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from matching.network import Network
from matching.problem import BoolArray, FloatArray, IntArray, Market
from matching.room import bounds_of, group_codes, room_of


@dataclass(slots=True, eq=False)
class Rows:
    """Linear constraints gathered one by one: lower ≤ coefficients · variables ≤ upper."""

    row: list[IntArray] = field(default_factory=list)
    column: list[IntArray] = field(default_factory=list)
    value: list[FloatArray] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add(self, columns: IntArray, values: FloatArray, lower: float, upper: float) -> None:
        """One constraint."""
        self.row.append(np.full(len(columns), len(self.lower)))
        self.column.append(columns)
        self.value.append(values)
        self.lower.append(lower)
        self.upper.append(upper)

    def matrix(self, width: int) -> sparse.csr_matrix:
        """The constraints as a sparse matrix of ``width`` variables."""
        entries = (np.concatenate(self.value), (np.concatenate(self.row), np.concatenate(self.column)))
        return sparse.csr_matrix(entries, shape=(len(self.lower), width))


@dataclass(frozen=True, slots=True, eq=False)
class Basin:
    """The programme of some students: variables are pairs, students left, equity arcs, slots open, couples granted."""

    members: IntArray
    chosen: IntArray
    net: Network
    arcs: IntArray  # positions in the network's pairs
    left: IntArray  # positions in ``net.free``
    equity: IntArray  # positions among the equity arcs
    couples: IntArray  # first variable and one past the last of the couples granted
    width: int
    rows: Rows
    integral: IntArray
    possible: bool


def of(market: Market, net: Network, members: IntArray, chosen: IntArray) -> Basin:
    """The programme of ``members``; the other students stay as in ``chosen``, which counts for equity only."""
    inside = np.zeros(len(market.students), np.bool_)
    inside[members] = True
    arcs = np.flatnonzero(inside[net.pairs.student])
    left = np.flatnonzero(inside[net.free])
    student, slot = net.pairs.student[arcs], net.pairs.slot[arcs]
    p, s = len(arcs), len(left)
    rows = Rows()
    order = np.argsort(student, kind="stable")
    starts = np.searchsorted(student[order], net.free[left])
    ends = np.searchsorted(student[order], net.free[left], side="right")
    for k in range(s):
        mine = np.append(order[starts[k] : ends[k]], p + k)
        rows.add(mine, np.ones(len(mine)), 1, 1)
    room = room_of(market)
    for name_of, rooms in (
        (lambda t: t, dict(enumerate(room.slot.tolist()))),
        (lambda t: (market.slots[t].host, market.slots[t].week), room.week),
        (lambda t: market.slots[t].host, room.host),
    ):
        _capacity_rows(rows, slot, name_of, rooms)
    _limit_rows(rows, market, room.pinned_slot, student, slot)
    equity = _equity_rows(rows, net, inside, chosen, p, s)
    width = p + s + len(equity)
    opened = [t for t in np.unique(slot).tolist() if market.slots[t].minimum > 1]
    fixed = np.bincount(room.pinned_slot[room.pinned_slot >= 0], minlength=len(market.slots))
    for k, t in enumerate(opened):
        here = np.append(np.flatnonzero(slot == t), width + k)
        ones, pins = np.ones(len(here) - 1), float(fixed[t])
        rows.add(here, np.append(ones, -float(market.slots[t].minimum)), -pins, np.inf)
        rows.add(here, np.append(ones, -float(market.slots[t].capacity)), -np.inf, -pins)
    width += len(opened)
    inner = {market.slots[t].id for t in np.unique(slot).tolist()}
    possible = all(
        market.slots[t].minimum <= fixed[t] or market.slots[t].id in inner or not fixed[t]
        for t in np.flatnonzero(fixed).tolist()
        if inside[room.pinned_slot == t].any()
    )
    first = width
    width, agreed = _couple_rows(rows, market, room.pinned_slot, inside, student, slot, width)
    integral = np.zeros(width, np.int64)
    integral[:p] = 1
    integral[p + s + len(equity) : first] = 1
    return Basin(
        members, chosen, net, arcs, left, equity, np.array([first, width]), width, rows, integral, possible and agreed
    )


def _capacity_rows(rows: Rows, slot: IntArray, name_of: Callable[[int], Hashable], rooms: Mapping[Any, int]) -> None:
    members: dict[object, list[int]] = {}
    for k, t in enumerate(slot.tolist()):
        members.setdefault(name_of(t), []).append(k)
    for name, inside in members.items():
        most = rooms.get(name)
        if most is not None and most < len(inside):
            rows.add(np.array(inside), np.ones(len(inside)), -np.inf, most)


def _limit_rows(rows: Rows, market: Market, pinned: IntArray, student: IntArray, slot: IntArray) -> None:
    for key in sorted({x.group_key for x in market.limits}):
        codes, values = group_codes(market, key)
        bound = bounds_of(market, key, slot, codes[student], values)
        cell = slot * (len(values) + 1) + codes[student]
        for c in np.unique(cell[codes[student] >= 0]).tolist():
            inside = np.flatnonzero((cell == c) & (codes[student] >= 0))
            fixed = int(np.sum(pinned[codes == c % (len(values) + 1)] == c // (len(values) + 1)))
            most = max(int(bound[inside[0]]) - fixed, 0)
            if most < len(inside):
                rows.add(inside, np.ones(len(inside)), -np.inf, most)


def _equity_rows(rows: Rows, net: Network, inside: BoolArray, chosen: IntArray, p: int, s: int) -> IntArray:
    """Variables for the equity arcs of the groups met, and who feeds them; students outside stay as they are."""
    first, n = len(net.kept), len(net.free)
    tail, head = net.tail[net.first_equity :], net.head[net.first_equity :]
    if not len(tail):
        return np.zeros(0, np.int64)
    groups, first_arc = np.unique(tail, return_index=True)
    entry = net.head[first : first + n]
    position = {int(k): v for v, k in enumerate(np.flatnonzero(inside[net.free]).tolist())}
    outside_left = np.flatnonzero(~inside[net.free] & (chosen[net.free] < 0))
    arcs = np.arange(len(tail))
    for node, arc in zip(groups.tolist(), first_arc.tolist(), strict=True):
        parent = head[arc]
        own = arcs[tail == node]
        feeders = [p + position[k] for k in np.flatnonzero(entry == node).tolist() if k in position]
        inner = arcs[(head == node)]
        columns = np.concatenate([p + s + own, np.array(feeders, np.int64), p + s + inner])
        values = np.concatenate([np.ones(len(own)), -np.ones(len(feeders)), -np.ones(len(inner))])
        constant = float(np.sum(entry[outside_left] == node))
        rows.add(columns, values, constant, constant)
        assert parent >= 0
    return arcs


def _couple_rows(
    rows: Rows, market: Market, pinned: IntArray, inside: BoolArray, student: IntArray, slot: IntArray, width: int
) -> tuple[int, bool]:
    """Constraints of the couples of the basin; the new width, and whether no pin excludes a couple that must be."""
    number = market.index_of_students()
    agreed = True
    for couple in market.together:
        a, b = number[couple.a], number[couple.b]
        if not inside[a]:
            continue
        if pinned[a] >= 0 and pinned[b] >= 0:
            continue
        if pinned[a] >= 0 or pinned[b] >= 0:
            mover, place = (b, pinned[a]) if pinned[a] >= 0 else (a, pinned[b])
            there = np.flatnonzero((student == mover) & (slot == place))
            if couple.must:
                agreed = agreed and len(there) == 1
                rows.add(there, np.ones(len(there)), 1, 1)
            elif len(there):
                rows.add(np.append(there, width), np.array([1.0, -1.0]), 0, 1)
                width += 1
            continue
        by_slot_a = {int(slot[k]): k for k in np.flatnonzero(student == a).tolist()}
        by_slot_b = {int(slot[k]): k for k in np.flatnonzero(student == b).tolist()}
        if couple.must:
            for t in sorted(set(by_slot_a) | set(by_slot_b)):
                both = [d[t] for d in (by_slot_a, by_slot_b) if t in d]
                signs = [1.0, -1.0] if len(both) == 2 else [1.0]
                rows.add(np.array(both), np.array(signs), 0, 0)
        else:
            for t in sorted(set(by_slot_a) & set(by_slot_b)):
                rows.add(np.array([by_slot_a[t], width]), np.array([1.0, -1.0]), 0, 1)
                rows.add(np.array([by_slot_b[t], width]), np.array([1.0, -1.0]), 0, 1)
                width += 1
    return width, agreed
