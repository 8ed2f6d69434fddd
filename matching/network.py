"""The allocation as one flow: student → (limits) → slot → (host in the week) → (host) → sink, or student → left → sink.

Only the nodes that can bind are built. Whoever is pinned is taken out beforehand with the places they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from matching.objectives import Tier
from matching.problem import BoolArray, IntArray, Limit, Market, Pairs, SmallIntArray
from matching.room import bounds_of, exclusions_of, group_codes, room_of

AT_ONCE = 1_000_000  # pairs treated at a time where a whole column of a nation would be copied


@dataclass(frozen=True, slots=True, eq=False)
class EquityArcs:
    """By equity arc: the position of its key in ``market.equity``, its order in its group (from 1), the group size."""

    key: IntArray
    order: IntArray
    size: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Arcs in columns. Pair arcs come first, then one "left" arc a student, then structure, then equity arcs.

    ``kept`` are the positions of the pair arcs in the market's pairs; ``free`` the positions of the students to place.
    ``crossing`` tells that some limits cross one another and could not be written in the flow.
    """

    pairs: Pairs
    kept: SmallIntArray
    free: IntArray
    tail: SmallIntArray
    head: SmallIntArray
    capacity: SmallIntArray
    supply: IntArray
    first_equity: int
    names: tuple[tuple[str, str], ...]
    equity: EquityArcs
    crossing: tuple[Limit, ...]
    exclusions: Mapping[str, BoolArray] = field(default_factory=dict)

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.supply)

    def cost(self, tier: Tier) -> IntArray:
        """The cost of a tier on every arc."""
        cost = np.zeros(len(self.tail), np.int64)
        self.add_cost(cost, tier, 1)
        return cost

    def add_cost(self, cost: IntArray, tier: Tier, weight: int) -> None:
        """Add ``weight`` times the cost of a tier to the cost of every arc."""
        pairs, free = len(self.kept), len(self.free)
        for start in range(0, pairs, AT_ONCE):
            stop = min(start + AT_ONCE, pairs)
            cost[start:stop] += np.int64(weight) * tier.pair[start:stop]
        cost[pairs : pairs + free] += weight * tier.unplaced
        if tier.left is not None:
            cost[self.first_equity :] += weight * tier.left

    def first_pair_of_each(self) -> IntArray:
        """The first pair arc of each student who has any (pairs are sorted by student)."""
        student = self.tail[: len(self.kept)]
        return np.flatnonzero(np.concatenate([[True], student[1:] != student[:-1]]))


def build(market: Market) -> Network:
    """The network of ``market``, without costs. Equity arcs are in place; tiers put costs on them."""
    return _Builder(market).network()


class _Builder:
    def __init__(self, market: Market) -> None:
        self.market = market
        self.room = room_of(market)
        self.free = np.flatnonzero(self.room.pinned_slot < 0)
        self.names: list[tuple[str, str]] = [("student", market.students[i].id) for i in self.free]
        self.tails: list[Any] = []
        self.heads: list[Any] = []
        self.capacities: list[Any] = []

    def network(self) -> Network:
        market, pairs = self.market, self.market.columns
        exclusions = exclusions_of(market, self.room)
        is_free = self.room.pinned_slot < 0
        open_pairs = is_free[pairs.student] & ~np.logical_or.reduce(list(exclusions.values()))
        limit_full, limit_nodes = self.limit_bounds(open_pairs)
        exclusions["limit_full"] = limit_full
        kept = np.flatnonzero(open_pairs & ~limit_full).astype(np.int32)

        position = np.full(len(market.students), -1, np.int32)
        position[self.free] = np.arange(len(self.free))
        everything = len(kept) == len(pairs)
        slot_of_arc = pairs.slot if everything else pairs.slot[kept]
        present = np.bincount(slot_of_arc, minlength=len(market.slots)) > 0
        used = np.flatnonzero(present)
        first_slot = self.add_nodes([("slot", market.slots[t].id) for t in used.tolist()])
        target = (first_slot + np.cumsum(present) - 1).astype(np.int32)[slot_of_arc]
        entry, crossing = self.limits(kept, target, limit_nodes)
        self.slots_to_hosts(used, first_slot)
        structure = (self.tails, self.heads, self.capacities)
        self.tails, self.heads, self.capacities = [], [], []
        sink_of_left, equity_arcs = self.equity()
        sink = self.add_nodes([("sink", "")])

        def flat(parts: list[Any]) -> SmallIntArray:
            return np.concatenate([np.asarray(p, np.int32) for p in parts]) if parts else np.zeros(0, np.int32)

        ones = np.ones(len(kept) + len(self.free), np.int32)
        student_of_arc = pairs.student if everything else pairs.student[kept]
        tail = [position[student_of_arc], np.arange(len(self.free), dtype=np.int32), flat(structure[0])]
        first_equity = sum(map(len, tail))
        tail.append(flat(self.tails))
        head = np.concatenate([entry, sink_of_left.astype(np.int32), flat(structure[1]), flat(self.heads)])
        head[head < 0] = sink
        supply = np.zeros(len(self.names), np.int64)
        supply[: len(self.free)] = 1
        supply[sink] = -len(self.free)
        still_open = (
            pairs
            if everything
            else Pairs(
                pairs.student_ids,
                pairs.slot_ids,
                pairs.student[kept],
                pairs.slot[kept],
                pairs.affinity[kept],
                pairs.rank[kept],
                pairs.acceptable[kept],
            )
        )
        return Network(
            still_open,
            kept,
            self.free,
            np.concatenate(tail),
            head,
            np.concatenate([ones, flat(structure[2]), flat(self.capacities)]),
            supply,
            first_equity,
            tuple(self.names),
            equity_arcs,
            crossing,
            exclusions,
        )

    def add_nodes(self, names: list[tuple[str, str]]) -> int:
        first = len(self.names)
        self.names.extend(names)
        return first

    def add_arcs(self, tail: Any, head: Any, capacity: Any) -> None:
        self.tails.append(np.atleast_1d(tail))
        self.heads.append(np.atleast_1d(head))
        self.capacities.append(np.atleast_1d(capacity))

    # limits

    def limit_bounds(self, open_pairs: BoolArray) -> tuple[BoolArray, list[tuple[str, IntArray, IntArray, list[str]]]]:
        """Pairs closed by a limit that pins already fill, and by key what remains of the bound of every pair."""
        market, pairs = self.market, self.market.columns
        full = np.zeros(len(pairs), np.bool_)
        found = []
        for key in sorted({x.group_key for x in market.limits}):
            codes, values = group_codes(market, key)
            code = codes[pairs.student]
            bound = bounds_of(market, key, pairs.slot, code, values)
            width = len(values) + 1
            pins = np.flatnonzero(self.room.pinned_slot >= 0)
            pinned = self.room.pinned_slot[pins] * width + codes[pins]
            cells, counts = np.unique(pinned[codes[pins] >= 0], return_counts=True)
            cell = pairs.slot * width + code
            if cells.size:
                at = np.minimum(np.searchsorted(cells, cell), len(cells) - 1)
                bound = bound - np.where((cells[at] == cell) & (code >= 0), counts[at], 0)
            full |= (bound <= 0) & open_pairs
            found.append((key, code, bound, values))
        return full, found

    def limits(
        self,
        kept: SmallIntArray,
        target: SmallIntArray,
        found: list[tuple[str, IntArray, IntArray, list[str]]],
    ) -> tuple[SmallIntArray, tuple[Limit, ...]]:
        """Nodes for the limits that can bind, the finest groups nearest to the students; the entry of each pair."""
        pairs, entry = self.market.columns, target
        crossing: list[Limit] = []
        levels = []
        for key, code, bound, values in found:
            code, bound = code[kept], bound[kept]
            cell = pairs.slot[kept] * (len(values) + 1) + code
            cells, inverse, counts = np.unique(cell, return_inverse=True, return_counts=True)
            binding = (code >= 0) & (counts[inverse] > bound)
            levels.append((len(np.unique(cell[binding])), key, cell, bound, values, binding))
        for _, key, cell, bound, values, binding in sorted(levels, key=lambda level: level[:2]):
            rows = np.flatnonzero(binding)
            if not rows.size:
                continue
            cells, first, inverse = np.unique(cell[rows], return_index=True, return_inverse=True)
            onward = entry[rows]
            if np.any(onward != onward[first][inverse]):
                crossing.extend(x for x in self.market.limits if x.group_key == key)
                continue
            width = len(values) + 1
            names = [("limit", f"{key}={values[c % width]}@{self.market.slots[c // width].id}") for c in cells.tolist()]
            node = self.add_nodes(names)
            self.add_arcs(node + np.arange(len(cells)), onward[first], bound[rows][first])
            entry = entry.copy()
            entry[rows] = node + inverse
        return entry, tuple(crossing)

    # hosts

    def slots_to_hosts(self, used: IntArray, first_slot: int) -> None:
        """Arcs slot → (host in the week) → (host) → sink, the sink being written -1 until it has a number."""
        slots = self.market.slots
        by_host: dict[str, int] = {}
        by_week: dict[tuple[str, str], int] = {}
        for t in used.tolist():
            place, room = slots[t], int(self.room.slot[t])
            by_host[place.host] = by_host.get(place.host, 0) + room
            by_week[place.host, place.week] = by_week.get((place.host, place.week), 0) + room
        host_node: dict[str, int] = {}
        for name in sorted(h for h, total in by_host.items() if self.room.host.get(h, total) < total):
            host_node[name] = self.add_nodes([("host", name)])
            self.add_arcs(host_node[name], -1, self.room.host[name])
        week_node: dict[tuple[str, str], int] = {}
        for cell in sorted(c for c, total in by_week.items() if self.room.week.get(c, total) < total):
            week_node[cell] = self.add_nodes([("week", f"{cell[0]}@{cell[1]}")])
            self.add_arcs(week_node[cell], host_node.get(cell[0], -1), self.room.week[cell])
        heads = [week_node.get((slots[t].host, slots[t].week), host_node.get(slots[t].host, -1)) for t in used.tolist()]
        self.add_arcs(first_slot + np.arange(len(used)), np.asarray(heads, np.int64), self.room.slot[used])

    # equity

    def equity(self) -> tuple[IntArray, EquityArcs]:
        """Nodes that count who is left in each group; a second key is counted within each value of the first.

        The arcs out of a group are parallel, of capacity 1: the first is for its first student left, and so on.
        """
        students = self.market.students
        node = np.full(len(self.free), -1, np.int64)
        paths = [""] * len(students)
        key_of: list[IntArray] = []
        order: list[IntArray] = []
        sizes: list[IntArray] = []
        for number, equity in enumerate(self.market.equity):
            key = equity.group_key
            steps = (f"{key}={s.groups.get(key, '')}" for s in students)
            paths = [f"{path}&{step}" if path else step for path, step in zip(paths, steps, strict=True)]
            members: dict[str, list[int]] = {}
            for i, student in enumerate(students):
                if key in student.groups:
                    members.setdefault(paths[i], []).append(i)
            position = {int(i): k for k, i in enumerate(self.free)}
            parents = node.copy()
            for path in sorted(members):
                at = np.asarray([position[i] for i in members[path] if i in position], np.int64)
                if not at.size:
                    continue
                here = self.add_nodes([("group", path)])
                self.add_arcs(np.full(at.size, here), np.full(at.size, parents[at[0]]), np.ones(at.size, np.int64))
                key_of.append(np.full(at.size, number))
                order.append(np.arange(1, at.size + 1))
                sizes.append(np.full(at.size, len(members[path])))
                node[at] = here

        def flat(parts: list[IntArray]) -> IntArray:
            return np.concatenate(parts) if parts else np.zeros(0, np.int64)

        return node, EquityArcs(flat(key_of), flat(order), flat(sizes))
