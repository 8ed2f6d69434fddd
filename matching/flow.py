"""Exact lexicographic min-cost flow: OR-Tools solves, prices prove, and only what ties goes to the next tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from matching.network import Network
from matching.objectives import Tier
from matching.problem import IntArray, Progress

SAFE = 10**17  # OR-Tools multiplies costs by the number of nodes in 64 bits


LIGHTNESS = 8
LIGHT_ARCS = 50_000
LIGHT_ROUNDS = 300


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

    units: IntArray
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
    alive = np.arange(len(network.tail))
    units = np.zeros(len(network.tail), np.int64)
    supply = network.supply.copy()
    all_prices = []
    for number, one in enumerate(packs):
        if progress is not None:
            progress("solve", number / len(packs))
        cost, tail, head, capacity = cost_of(network, one), network.tail, network.head, network.capacity
        if number:  # the first pack sees every arc: no copy of a nation's
            cost, tail, head, capacity = cost[alive], tail[alive], head[alive], capacity[alive]
        if number == 0 and fills_first(network, one.tiers):
            flow, prices = _first(network, one, cost)
        else:
            flow = min_cost(tail, head, capacity, cost, supply)
            prices = potentials(network.nodes, tail, head, capacity, cost, flow)
        all_prices.append(prices)
        reduced = cost + prices[tail] - prices[head]
        units[alive] = flow
        settled = reduced != 0
        del cost
        supply = supply - np.bincount(tail[settled], flow[settled], network.nodes).astype(np.int64)
        supply = supply + np.bincount(head[settled], flow[settled], network.nodes).astype(np.int64)
        alive = alive[~settled]
    return Flow(units, tuple(packs), tuple(all_prices))


def fills_first(network: Network, tiers: Sequence[Tier]) -> bool:
    """Whether the first tier is the number placed and no group counts who is left: a maximum flow then settles it."""
    return tiers[0].name == "placed" and network.first_equity == len(network.tail)


def _first(network: Network, one: Pack, cost: IntArray) -> tuple[IntArray, IntArray]:
    """Units and prices of the first pack. Large markets are tried with light weights, several times faster to solve:
    if the true weights have prices for the flow found, it is optimal for them too; else they are solved for."""
    ends = network.tail, network.head, network.capacity
    if len(one.tiers) > 2 and len(network.tail) > LIGHT_ARCS:
        units = _most_then_cheapest(network, Pack(one.tiers, _light_weights(one.tiers)))
        try:
            return units, potentials(network.nodes, *ends, cost, units, LIGHT_ROUNDS)
        except FlowError:
            pass
    units = _most_then_cheapest(network, one)
    return units, potentials(network.nodes, *ends, cost, units)


def _light_weights(tiers: Sequence[Tier]) -> tuple[int, ...]:
    """Each weight outweighs a few students' worth of the tiers after it, which is nearly always enough."""
    weights: list[int] = []
    below = 0
    for tier in reversed(tiers):
        weights.append(LIGHTNESS * below + 1)
        below += weights[-1] * _largest([tier], [1])
    return tuple(weights[::-1])


def _most_then_cheapest(network: Network, one: Pack) -> IntArray:
    """The first pack without its "left" arcs, twice as fast: what leaving a student costs is taken off their pairs."""
    pairs, free = len(network.kept), len(network.free)
    cost = cost_of(network, Pack(one.tiers[1:], one.weights[1:]))
    spared = cost[pairs : pairs + free]
    cost[:pairs] += spared.max(initial=0) - spared[network.tail[:pairs]]
    arcs = np.r_[0:pairs, pairs + free : len(network.tail)]
    units = np.zeros(len(network.tail), np.int64)
    units[arcs] = min_cost(
        network.tail[arcs], network.head[arcs], network.capacity[arcs], cost[arcs], network.supply, partial=True
    )
    units[pairs : pairs + free] = 1 - np.bincount(network.tail[:pairs], units[:pairs], free).astype(np.int64)[:free]
    return units


def cost_of(network: Network, one: Pack) -> IntArray:
    """The cost of every arc in a pack: its tiers, weighted."""
    cost = np.zeros(len(network.tail), np.int64)
    for tier, weight in zip(one.tiers, one.weights, strict=True):
        cost += weight * network.cost(tier)
    return cost


def min_cost(
    tail: IntArray, head: IntArray, capacity: IntArray, cost: IntArray, supply: IntArray, partial: bool = False
) -> IntArray:
    """Units on each arc of one cheapest flow (with ``partial``, of those that move as much of the supply as possible).

    Raises :class:`FlowError` when there is none.
    """
    largest = int(np.abs(cost).max(initial=0))
    assert largest * len(supply) < SAFE, "costs too large for 64 bits: the tiers must be packed apart"
    if not len(tail):
        return np.zeros(0, np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    arcs = len(tail)
    del tail, head, capacity, cost  # a nation's arcs are held by the solver now
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve_max_flow_with_min_cost() if partial else solver.solve()
    if status != solver.OPTIMAL:
        raise FlowError(f"min-cost flow ended with {status}")
    return np.asarray(solver.flows(np.arange(arcs)), np.int64)


def potentials(
    nodes: int,
    tail: IntArray,
    head: IntArray,
    capacity: IntArray,
    cost: IntArray,
    flow: IntArray,
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
    moved = np.arange(nodes)
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
    np.maximum.at(worst, network.tail[: len(network.kept)], tier.pair)
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
