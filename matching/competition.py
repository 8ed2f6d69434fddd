"""What placing one more student would cost, tier by tier: shortest paths in what the optimal flow leaves open.

Placing an unplaced student is a chain: they take a place, its holder takes another… and at the end somebody is left
instead. The cheapest chain tells which rule decided, and in whose favour. Computed for all at once, pack after pack of
tiers, on the arcs where the packs before see no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching import flow
from matching.flow import Pack
from matching.network import Network
from matching.problem import IntArray

FAR = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a student is left: the first tier that a chain placing them would worsen, by how much, and who would be left.

    ``rule`` is ``none`` when the cheapest chain changes no tier; ``instead_of`` is a position in ``net.free``.
    """

    rule: str
    worse_by: int
    instead_of: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """Where a unit could still move: arcs ``tail → head`` with a cost, from an arc of the network and a direction."""

    tail: IntArray
    head: IntArray
    cost: IntArray
    arc: IntArray
    sign: IntArray


def decisions(net: Network, packs: Sequence[Pack], units: IntArray) -> dict[int, Decision]:
    """For each student left with an open pair (position in ``net.free``), the rule that decided.

    ``units`` is an optimal flow; :class:`matching.flow.FlowError` otherwise.
    """
    pairs, free = len(net.kept), len(net.free)
    has_pair = np.bincount(net.tail[:pairs], minlength=free)[:free] > 0
    waiting = np.flatnonzero((units[pairs : pairs + free] > 0) & has_pair)
    alive = np.arange(len(net.tail))
    found: dict[int, Decision] = {}
    for one in packs:
        cost = flow.cost_of(net, one)
        left = _residual(net, alive, units, cost)
        # A chain may not end by leaving the student it places: their own "left" arc is closed, they enter by a pair.
        towards, via = _to_sink(net, left)
        ties: list[int] = []
        entries = np.flatnonzero((left.sign > 0) & (left.arc < pairs))
        entries = entries[np.isin(left.tail[entries], waiting) & (towards[left.head[entries]] < FAR)]
        totals = left.cost[entries] + towards[left.head[entries]]
        order = np.lexsort((totals, left.tail[entries]))
        students, first = np.unique(left.tail[entries][order], return_index=True)
        for i, best in zip(students.tolist(), order[first].tolist(), strict=True):
            if totals[best] <= cost[pairs + i] and one is not packs[-1]:
                ties.append(i)
            else:
                found[i] = _read(net, one, left, via, int(entries[best]), i)
        tail, head = net.tail[alive], net.head[alive]
        prices = flow.potentials(net.nodes, tail, head, net.capacity[alive], cost[alive], units[alive])
        alive = alive[cost[alive] + prices[tail] - prices[head] == 0]
        waiting = np.array(ties, np.int64)
    return found


def reachable(net: Network, units: IntArray) -> IntArray:
    """Whether each student to place is left, or could lose their place to someone left through a chain (1 or 0)."""
    left = _residual(net, np.arange(len(net.tail)), units, np.zeros(len(net.tail), np.int64))
    sink = net.nodes - 1
    forward = left.head != sink
    order = np.argsort(left.tail[forward], kind="stable")
    tail, head = left.tail[forward][order], left.head[forward][order]
    start = np.searchsorted(tail, np.arange(net.nodes + 1))
    pairs, free = len(net.kept), len(net.free)
    seen = np.zeros(net.nodes, np.bool_)
    front = np.flatnonzero(units[pairs : pairs + free] > 0)
    seen[front] = True
    while front.size:
        degree = start[front + 1] - start[front]
        offsets = np.repeat(start[front] - (np.cumsum(degree) - degree), degree)
        reached = np.unique(head[offsets + np.arange(int(degree.sum()))])
        front = reached[~seen[reached]]
        seen[front] = True
    return seen[:free].astype(np.int64)


def _residual(net: Network, alive: IntArray, units: IntArray, cost: IntArray) -> Residual:
    forward = alive[units[alive] < net.capacity[alive]]
    backward = alive[units[alive] > 0]
    return Residual(
        np.concatenate([net.tail[forward], net.head[backward]]),
        np.concatenate([net.head[forward], net.tail[backward]]),
        np.concatenate([cost[forward], -cost[backward]]),
        np.concatenate([forward, backward]),
        np.concatenate([np.ones(len(forward), np.int64), -np.ones(len(backward), np.int64)]),
    )


def _to_sink(net: Network, left: Residual) -> tuple[IntArray, IntArray]:
    """Cheapest way from each node to the sink, and the residual arc it starts with (-1: none)."""
    sink = net.nodes - 1
    order = np.argsort(left.head, kind="stable")
    start = np.searchsorted(left.head[order], np.arange(net.nodes + 1))
    distance = np.full(net.nodes, FAR)
    distance[sink] = 0
    via = np.full(net.nodes, -1)
    moved = np.array([sink])
    for _ in range(net.nodes + 1):
        degree = start[moved + 1] - start[moved]
        offsets = np.repeat(start[moved] - (np.cumsum(degree) - degree), degree)
        arcs = order[offsets + np.arange(int(degree.sum()))]
        offer = np.repeat(distance[moved], degree) + left.cost[arcs]
        tails = left.tail[arcs]
        better = (offer < distance[tails]) & (tails != sink)
        if not better.any():
            return distance, via
        arcs, offer, tails = arcs[better], offer[better], tails[better]
        first = np.lexsort((offer, tails))
        keep = first[np.append(True, tails[first][1:] != tails[first][:-1])]
        distance[tails[keep]], via[tails[keep]] = offer[keep], arcs[keep]
        moved = tails[keep]
    raise flow.FlowError("the flow is not optimal: a chain of negative cost comes back on itself")


def _read(net: Network, one: Pack, left: Residual, via: IntArray, arc: int, student: int) -> Decision:
    """Follow a chain to its end and add up each tier along it."""
    pairs, free = len(net.kept), len(net.free)
    path = [arc]
    node = int(left.head[arc])
    while via[node] >= 0 and len(path) <= net.nodes:
        path.append(int(via[node]))
        node = int(left.head[via[node]])
    arcs, signs = left.arc[path], left.sign[path]
    ends = arcs[(arcs >= pairs) & (arcs < pairs + free) & (signs > 0)]
    instead = int(ends[-1]) - pairs if ends.size else None
    for tier in one.tiers:
        cost = net.cost(tier)
        change = int((cost[arcs] * signs).sum()) - int(cost[pairs + student])
        if change:
            return Decision(tier.name, change, instead)
    return Decision("none", 0, instead)
