"""Exact lexicographic min-cost flow: OR-Tools solves, prices prove, and only what ties goes to the next tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from matching import sparing
from matching.network import Network
from matching.objectives import Tier
from matching.problem import BoolArray, IntArray, Progress, SmallIntArray

SAFE = 10**17  # OR-Tools multiplies costs by the number of nodes in 64 bits


LIGHTNESS = 8
LIGHT_ARCS = 50_000
LIGHT_ROUNDS = 300
READ_AT_ONCE = 1_000_000


class FlowError(RuntimeError):
    """The solver refused a network that is feasible by construction: a fault of ours."""


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """Tiers solved at once, each weight above anything the tiers after it can add up to."""

    tiers: tuple[Tier, ...]
    weights: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """An optimal flow: units on each arc, and for each pack the prices of the nodes that prove it."""

    units: SmallIntArray
    packs: tuple[Pack, ...]
    prices: tuple[IntArray, ...]


def pack(network: Network, tiers: Sequence[Tier]) -> list[Pack]:
    """Cut ``tiers`` into as few solves as 64-bit costs allow."""
    spans = [_span(network, t) for t in tiers]
    packs: list[Pack] = []
    start = 0
    while start < len(tiers):
        stop = start + 1
        best = _weights(spans[start:stop])
        while stop < len(tiers):
            weights = _weights(spans[start : stop + 1])
            unpaid = 1 if start == 0 and fills_first(network, tiers) else 0  # the number placed then has no cost
            if _largest(tiers[start + unpaid : stop + 1], weights[unpaid:]) * network.nodes >= SAFE:
                break
            best, stop = weights, stop + 1
        packs.append(Pack(tuple(tiers[start:stop]), tuple(best)))
        start = stop
    return packs


def solve(network: Network, packs: Sequence[Pack], progress: Progress | None = None) -> Flow:
    """The flow that is best for the first tier, then the second, and so on.

    After each solve, prices give every arc a reduced cost; arcs where it is not 0 keep their flow in every optimum,
    so that the next solve runs on the others only.
    """
    alive: IntArray | None = None  # the first pack sees every arc: no copy of a nation's
    units = np.zeros(len(network.tail), np.int32)
    supply = network.supply.copy()
    all_prices = []
    for number, one in enumerate(packs):
        if progress is not None:
            progress("solve", number / len(packs))
        tail, head, capacity = network.tail, network.head, network.capacity
        if alive is not None:
            tail, head, capacity = tail[alive], head[alive], capacity[alive]
        if alive is None and fills_first(network, one.tiers):
            flow, prices = _first(network, one)
            cost = cost_of(network, one)
        else:
            cost = cost_of(network, one) if alive is None else cost_of(network, one)[alive]
            flow = min_cost(tail, head, capacity, cost, supply)
            prices = potentials(network.nodes, tail, head, capacity, cost, flow)
        all_prices.append(prices)
        cost += prices[tail]
        cost -= prices[head]
        settled = cost != 0
        del cost
        units[slice(None) if alive is None else alive] = flow
        supply = supply - np.bincount(tail[settled], flow[settled], network.nodes).astype(np.int64)
        supply = supply + np.bincount(head[settled], flow[settled], network.nodes).astype(np.int64)
        alive = np.flatnonzero(~settled) if alive is None else alive[~settled]
    return Flow(units, tuple(packs), tuple(all_prices))


def fills_first(network: Network, tiers: Sequence[Tier]) -> bool:
    """Whether the first tier is the number placed and no group counts who is left: a maximum flow then settles it."""
    return tiers[0].name == "placed" and network.first_equity == len(network.tail)


def _first(network: Network, one: Pack) -> tuple[SmallIntArray, IntArray]:
    """Units and prices of the first pack. Large markets are tried with light weights, several times faster to solve:
    if the true weights have prices for the flow found, it is optimal for them too; else they are solved for. Pairs that
    cost something in the second tier are set aside when as many can be placed without them."""
    ends = network.tail, network.head, network.capacity
    if len(one.tiers) > 2 and len(network.tail) > LIGHT_ARCS:
        spared = sparing.pairs_to_spare(network, one.tiers[1])
        tiers = one.tiers if spared is None else (one.tiers[0], *one.tiers[2:])
        units = _most_then_cheapest(network, Pack(tiers, _light_weights(tiers)), spared)
        try:
            return units, potentials(network.nodes, *ends, cost_of(network, one), units, LIGHT_ROUNDS)
        except FlowError:
            pass
    units = _most_then_cheapest(network, one, None)
    return units, potentials(network.nodes, *ends, cost_of(network, one), units)


def _light_weights(tiers: Sequence[Tier]) -> tuple[int, ...]:
    """Each weight outweighs a few students' worth of the tiers after it, which is nearly always enough."""
    weights: list[int] = []
    below = 0
    for tier in reversed(tiers):
        weights.append(LIGHTNESS * below + 1)
        below += weights[-1] * _largest([tier], [1])
    return tuple(weights[::-1])


def _most_then_cheapest(network: Network, one: Pack, spared: BoolArray | None) -> SmallIntArray:
    """The first pack without its "left" arcs, twice as fast: what leaving a student costs is taken off their pairs.
    Pairs to be ``spared`` are left out too."""
    pairs, free = len(network.kept), len(network.free)
    rows = None if spared is None else np.flatnonzero(~spared).astype(np.int32)

    def arcs(column: SmallIntArray) -> SmallIntArray:
        return np.concatenate([column[:pairs] if rows is None else column[rows], column[pairs + free :]])

    found = min_cost(
        arcs(network.tail),
        arcs(network.head),
        arcs(network.capacity),
        arcs(_without_leaving(network, one)),
        network.supply,
        partial=True,
    )
    units = np.zeros(len(network.tail), np.int32)
    kept = pairs if rows is None else len(rows)
    units[slice(pairs) if rows is None else rows] = found[:kept]
    units[pairs + free :] = found[kept:]
    units[pairs : pairs + free] = 1 - np.bincount(network.tail[:pairs], units[:pairs], free)[:free].astype(np.int32)
    return units


def _without_leaving(network: Network, one: Pack) -> IntArray:
    """The cost of every arc, what leaving a student costs being taken off their pairs (which stay at 0 or above)."""
    pairs, free = len(network.kept), len(network.free)
    cost = cost_of(network, Pack(one.tiers[1:], one.weights[1:]))
    leaving = cost[pairs : pairs + free]
    if leaving.any():
        cost[:pairs] += leaving.max(initial=0) - leaving[network.tail[:pairs]]
    return cost


def cost_of(network: Network, one: Pack) -> IntArray:
    """The cost of every arc in a pack: its tiers, weighted."""
    cost = np.zeros(len(network.tail), np.int64)
    for tier, weight in zip(one.tiers, one.weights, strict=True):
        network.add_cost(cost, tier, weight)
    return cost


def min_cost(
    tail: SmallIntArray,
    head: SmallIntArray,
    capacity: SmallIntArray,
    cost: IntArray,
    supply: IntArray,
    partial: bool = False,
) -> SmallIntArray:
    """Units on each arc of one cheapest flow (with ``partial``, of those that move as much of the supply as possible).

    Raises :class:`FlowError` when there is none.
    """
    largest = int(np.abs(cost).max(initial=0))
    assert largest * len(supply) < SAFE, "costs too large for 64 bits: the tiers must be packed apart"
    arcs = len(tail)
    units = np.zeros(arcs, np.int32)
    if not arcs:
        return units
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    del tail, head, capacity, cost  # a nation's arcs are held by the solver now
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve_max_flow_with_min_cost() if partial else solver.solve()
    if status != solver.OPTIMAL:
        raise FlowError(f"min-cost flow ended with {status}")
    for start in range(0, arcs, READ_AT_ONCE):
        stop = min(start + READ_AT_ONCE, arcs)
        units[start:stop] = solver.flows(np.arange(start, stop))
    return units


def potentials(
    nodes: int,
    tail: SmallIntArray,
    head: SmallIntArray,
    capacity: SmallIntArray,
    cost: IntArray,
    flow: SmallIntArray,
    rounds: int | None = None,
) -> IntArray:
    """Prices that prove ``flow`` cheapest: ``cost + price[tail] - price[head]`` is ≥ 0 where a unit can be added and
    ≤ 0 where one can be removed. Label-correcting over the nodes that moved; :class:`FlowError` on a negative cycle,
    or when ``rounds`` (by default as many as nodes) are not enough to exclude one.
    """
    forward, backward = flow < capacity, flow > 0
    u = np.concatenate([tail[forward], head[backward]])
    v = np.concatenate([head[forward], tail[backward]])
    c = np.concatenate([cost[forward], -cost[backward]])
    order = np.argsort(u, kind="stable")
    v, c = v[order], c[order]
    start = np.searchsorted(u[order], np.arange(nodes + 1))
    prices = np.zeros(nodes, np.int64)
    falls = c < 0  # from prices of 0, the first round moves the heads of these alone
    np.minimum.at(prices, v[falls], c[falls])
    moved = np.unique(v[falls])
    for _ in range(nodes + 1 if rounds is None else rounds):
        degree = start[moved + 1] - start[moved]
        total = int(degree.sum())
        offsets = np.repeat(start[moved] - np.concatenate([[0], np.cumsum(degree)[:-1]]), degree)
        arcs = offsets + np.arange(total)
        offer = np.repeat(prices[moved], degree) + c[arcs]
        better = offer < prices[v[arcs]]
        if not better.any():
            return prices
        reached = v[arcs][better]
        np.minimum.at(prices, reached, offer[better])
        moved = np.unique(reached)
    raise FlowError("the flow is not optimal: a cycle of negative cost remains")


def _span(network: Network, tier: Tier) -> int:
    """An upper bound of what a tier can cost: each student's worst outcome, and every equity arc used."""
    worst = tier.unplaced.copy()
    if len(tier.pair):
        first = network.first_pair_of_each()
        student = network.tail[first]
        worst[student] = np.maximum(worst[student], np.maximum.reduceat(tier.pair, first))
    return int(worst.sum()) + (int(tier.left.sum()) if tier.left is not None else 0)


def _weights(spans: Sequence[int]) -> list[int]:
    """The smallest weights such that one unit of a tier outweighs all that follows."""
    weights: list[int] = []
    below = 0
    for span in reversed(spans):
        weights.append(below + 1)
        below += (below + 1) * span
    return weights[::-1]


def _largest(tiers: Sequence[Tier], weights: Sequence[int]) -> int:
    """An upper bound of the cost of one arc."""

    def arc(tier: Tier) -> int:
        left = 0 if tier.left is None else int(tier.left.max(initial=0))
        return max(int(tier.pair.max(initial=0)), int(tier.unplaced.max(initial=0)), left)

    return sum(w * arc(t) for w, t in zip(weights, tiers, strict=True))
