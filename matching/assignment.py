"""The solver: a market in, the best solution out, with what proves that it is the best."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np

from matching import conditions, flow, network, objectives, reasons, record
from matching.conditions import Settled
from matching.network import Network
from matching.objectives import Tier
from matching.problem import (
    Assignment,
    Equity,
    IntArray,
    Market,
    ObjectiveValue,
    Optimality,
    Progress,
    SmallIntArray,
    Solution,
    Stage,
    TierValue,
)
from matching.room import room_of

EQUITY_UNIT = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A market made ready to solve: its network and its tiers, most important first."""

    network: Network
    tiers: tuple[Tier, ...]


def solve(
    market: Market,
    objective: str = "balanced",
    previous: Solution | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    *,
    stay_first: bool = False,
    certificate: bool = True,
    seconds: float = 20.0,
) -> Solution:
    """The best allocation of ``market`` under ``objective`` (see :mod:`matching.objectives`).

    ``previous`` keeps as many students as possible where they were, once the tiers above are reached; with
    ``stay_first``, right after the number placed (repair). ``seed`` draws lots between equal outcomes.
    ``certificate=False`` leaves the prices out of the solution. ``seconds`` bounds the integer programme of each basin
    (friends, minimums). Raises ``ValueError`` for an unknown objective, :class:`MarketError` when pins and conditions
    exclude one another.
    """
    started = time.perf_counter()
    kept = previous.places() if previous is not None else None
    if progress is not None:
        progress("network", 0.0)
    plan = prepare(market, objective, kept, seed, stay_first)
    result = _flow(plan, progress)
    chosen = chosen_slots(market, plan.network, result.units)
    settled = Settled(chosen, True, 0, False, True)
    if conditions.concern(market, plan.network):
        if (placed := _floors_to_lower(market, plan.network, chosen, seconds)) is not None:
            plan = prepare(market, objective, kept, seed, stay_first, placed)
            result = _flow(plan, progress)
            chosen = chosen_slots(market, plan.network, result.units)
        settled = conditions.settle(market, plan.network, plan.tiers, chosen, progress, seconds)
        chosen = settled.chosen
        if settled.touched and not (settled.proved and settled.drawn):
            chosen = _polished(market, objective, kept, seed, stay_first, plan, settled)
    if settled.touched:
        optimal = Optimality(settled.proved, settled.gap, "branch and bound")
    else:
        optimal = Optimality(certificate, 0, "dual prices" if certificate else "min-cost flow, proof left out")
    if progress is not None:
        progress("reasons", 0.9)
    return Solution(
        assignments=_assignments(market, chosen),
        unplaced=reasons.unplaced(market, plan.network, chosen),
        objective=_value(market, objective, plan, chosen),
        optimal=optimal,
        duals=certificate_of(plan.network, result) if certificate and not settled.touched else (),
        fingerprint=record.fingerprint(market, objective, seed, previous, stay_first),
        seconds=time.perf_counter() - started,
    )


def prepare(
    market: Market,
    objective: str,
    previous: dict[str, str] | None,
    seed: int,
    stay_first: bool = False,
    placed: int | None = None,
) -> Plan:
    """The network and the tiers of a market. Equity floors follow the share of students that can be placed: ``placed``
    over all, by default the largest number the flow can place."""
    net = network.build(market)
    equity = [_equity_tier(market, net, number, rule, placed) for number, rule in enumerate(market.equity)]
    tiers = objectives.tiers_for(market, objective, net.pairs, net.free, previous, seed, equity, stay_first)
    return Plan(net, tuple(tiers))


def most_placed(net: Network) -> int:
    """The largest number of students the network can place (pins apart)."""
    n = len(net.free)
    first = len(net.kept)
    arcs = np.r_[0:first, first + n : net.first_equity]
    units = flow.min_cost(
        net.tail[arcs], net.head[arcs], net.capacity[arcs], np.zeros(len(arcs), np.int64), net.supply, partial=True
    )
    return int(units[:first].sum())


def chosen_slots(market: Market, net: Network, units: SmallIntArray) -> IntArray:
    """Position of the slot of each student of the market, -1 when unplaced (pins included)."""
    chosen = room_of(market).pinned_slot.copy()
    used = np.flatnonzero(units[: len(net.kept)])
    chosen[net.pairs.student[used]] = net.pairs.slot[used]
    return chosen


def _equity_tier(market: Market, net: Network, number: int, rule: Equity, placed: int | None) -> Tier:
    mine = net.equity.key == number
    zero = np.zeros(len(net.kept), np.int64), np.zeros(len(net.free), np.int64)
    if rule.mode == "convex":
        cost = np.rint(EQUITY_UNIT * (2 * net.equity.order - 1) / np.maximum(net.equity.size, 1)).astype(np.int64)
        return Tier(f"inequity:{rule.group_key}", *zero, np.where(mine, cost, 0), unit=EQUITY_UNIT)
    rate = rule.rate
    if rate is None:
        pinned = len(market.students) - len(net.free)
        rate = (pinned + most_placed(net) if placed is None else placed) / max(len(market.students), 1)
    floor = np.floor(rate * net.equity.size + 1e-9).astype(np.int64)
    below = mine & (net.equity.order > net.equity.size - floor)
    name = f"below_floor:{rule.group_key}" + (":strict" if rule.strict else "")
    return Tier(name, *zero, below.astype(np.int64))


def _assignments(market: Market, chosen: IntArray) -> tuple[Assignment, ...]:
    pairs = market.columns
    row = np.full(len(market.students), -1)
    mine = np.flatnonzero(chosen[pairs.student] == pairs.slot)
    row[pairs.student[mine]] = mine
    placed = np.flatnonzero(chosen >= 0)
    rows = row[placed]
    known = rows >= 0
    rank = np.where(known, pairs.rank[rows], 0) if len(pairs) else np.zeros(len(placed), np.int64)
    affinity = np.where(known, pairs.affinity[rows], np.nan) if len(pairs) else np.full(len(placed), np.nan)
    slots = market.slots
    columns = zip(placed.tolist(), chosen[placed].tolist(), rank.tolist(), affinity.tolist(), strict=True)
    return tuple(
        Assignment(market.students[i].id, slots[t].id, r or None, None if math.isnan(a) else a)
        for i, t, r, a in columns
    )


def _flow(plan: Plan, progress: Progress | None) -> flow.Flow:
    return flow.solve(plan.network, flow.pack(plan.network, [t for t in plan.tiers if not t.couples]), progress)


def _polished(
    market: Market,
    objective: str,
    kept: dict[str, str] | None,
    seed: int,
    stay_first: bool,
    plan: Plan,
    settled: Settled,
) -> IntArray:
    """An outcome found in haste, made as good as its couples and its open and closed slots allow, by one more flow."""
    fixed = conditions.held_by_conditions(market, settled.chosen)
    counts = np.bincount(settled.chosen[settled.chosen >= 0], minlength=len(market.slots))
    slots = tuple(
        replace(s, minimum=0, capacity=s.capacity if n or s.minimum <= 1 else 0)
        for s, n in zip(market.slots, counts.tolist(), strict=True)
    )
    pinned = tuple((market.students[i].id, market.slots[int(settled.chosen[i])].id) for i in fixed)
    apart = tuple(
        (market.students[i].id, market.slots[int(t)].id)
        for i, t in conditions.left_by_must(market, plan.network, settled.chosen)
    )
    easier = replace(market, slots=slots, pinned=pinned, together=(), forbidden=(*market.forbidden, *apart))
    again = prepare(easier, objective, kept, seed, stay_first, int((settled.chosen >= 0).sum()))
    chosen = chosen_slots(easier, again.network, _flow(again, None).units)
    hard = replace(market, together=tuple(t for t in market.together if t.must))
    worse = int((chosen >= 0).sum()) < int((settled.chosen >= 0).sum())
    return settled.chosen if worse or conditions.broken_students(hard, plan.network, chosen).any() else chosen


def _floors_to_lower(market: Market, net: Network, chosen: IntArray, seconds: float) -> int | None:
    """How many can be placed under the conditions, when that lowers the floors of equity set without them."""
    if not any(e.mode == "floor" and e.rate is None for e in market.equity):
        return None
    pinned = len(market.students) - len(net.free)
    largest = pinned + most_placed(net)
    if int((chosen >= 0).sum()) == largest and not conditions.broken_students(market, net, chosen).any():
        return None
    most = Tier("placed", np.zeros(len(net.kept), np.int64), np.ones(len(net.free), np.int64))
    start = chosen_slots(market, net, flow.solve(net, flow.pack(net, [most])).units)
    placed = int((conditions.settle(market, net, [most], start, None, seconds).chosen >= 0).sum())
    return placed if placed < largest else None


def units_of(market: Market, net: Network, chosen: IntArray) -> SmallIntArray:
    """The flow that an outcome is: units on every arc (equity arcs filled in their order)."""
    units = np.zeros(len(net.tail), np.int32)
    first = len(net.kept)
    units[:first] = chosen[net.pairs.student] == net.pairs.slot
    units[first : first + len(net.free)] = chosen[net.free] < 0
    out = np.full(net.nodes, -1)  # past the pairs, each node up to the sink has one arc out
    structure = np.arange(first + len(net.free), net.first_equity)
    out[net.tail[structure]] = structure
    at = net.head[:first][units[:first] > 0]
    while (at := at[out[at] >= 0]).size:
        np.add.at(units, out[at], 1)
        at = net.head[out[at]]
    if net.first_equity < len(net.tail):
        into = np.bincount(net.head[first : first + len(net.free)][chosen[net.free] < 0], minlength=net.nodes)
        tail, head = net.tail[net.first_equity :], net.head[net.first_equity :]
        for node in np.unique(tail)[::-1].tolist():  # inner groups were numbered after the groups that contain them
            arcs = np.flatnonzero(tail == node)
            units[net.first_equity + arcs[: into[node]]] = 1
            into[head[arcs[0]]] += into[node]
    return units


def value_of(
    market: Market,
    objective: str,
    seed: int,
    chosen: IntArray,
    previous: dict[str, str] | None = None,
    stay_first: bool = False,
) -> ObjectiveValue:
    """What ``objective`` makes of an outcome (position of each student's slot, -1 unplaced), optimal or not.

    ``previous`` (student → slot) and ``stay_first`` are those of the run that is judged.
    """
    return _value(market, objective, prepare(market, objective, previous, seed, stay_first), chosen)


def _value(market: Market, objective: str, plan: Plan, chosen: IntArray) -> ObjectiveValue:
    units = units_of(market, plan.network, chosen)
    tiers = tuple(
        TierValue(
            t.name,
            t.sense,
            conditions.satisfied_couples(market, chosen)
            if t.couples
            else t.shown(int((plan.network.cost(t) * units).sum())),
        )
        for t in plan.tiers
    )
    pairs = market.columns
    rows = np.flatnonzero(chosen[pairs.student] == pairs.slot) if len(pairs) else np.zeros(0, np.int64)
    ranks = pairs.rank[rows]
    profile = np.bincount(ranks[ranks > 0], minlength=int(pairs.rank.max(initial=0)) + 1)[1:]
    affinities = pairs.affinity[rows]
    total = math.fsum(affinities[~np.isnan(affinities)].tolist())
    return ObjectiveValue(objective, tiers, tuple(profile.tolist()), int(ranks.sum()), round(total, 9))


def certificate_of(net: Network, result: flow.Flow) -> tuple[Stage, ...]:
    """What proves the optimum: at these prices each student holds a cheapest outcome, only what is full has a price.

    Prices are vectors, one component a stage, compared like words in a dictionary.

    From the prices of the nodes: a capacity costs what its arc would gain (0 when it gains nothing), a group what one
    more student left in it costs.
    """
    first = len(net.kept) + len(net.free)
    arcs = np.arange(first, net.first_equity)
    groups, group_arcs = np.unique(net.tail[net.first_equity :], return_index=True)
    group_arcs = group_arcs + net.first_equity
    reduced = []
    for one, prices in zip(result.packs, result.prices, strict=True):
        cost = flow.cost_of(net, one)
        reduced.append((cost + prices[net.tail] - prices[net.head])[arcs])
    sign = np.zeros(len(arcs), np.int64)
    for part in reduced:
        sign = np.where(sign == 0, np.sign(part), sign)
    stages = []
    for one, prices, part in zip(result.packs, result.prices, reduced, strict=True):
        by_kind: dict[str, dict[str, int]] = {}
        value = np.where(sign < 0, -part, 0)
        for k in np.flatnonzero(value).tolist():
            kind, name = net.names[int(net.tail[arcs[k]])]
            by_kind.setdefault(kind, {})[name] = int(value[k])
        for node, arc in zip(groups.tolist(), group_arcs.tolist(), strict=True):
            kind, name = net.names[node]
            by_kind.setdefault(kind, {})[name] = int(prices[net.head[arc]] - prices[node])
        weights = tuple((t.name, w) for t, w in zip(one.tiers, one.weights, strict=True))
        stages.append(Stage(weights, {kind: dict(sorted(names.items())) for kind, names in sorted(by_kind.items())}))
    return tuple(stages)
