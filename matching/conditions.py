"""Rules that no flow expresses: friends together, slots that open for a minimum, limits that cross one another.

The flow is solved first, without them. Where it happens to respect them it is already the optimum. Elsewhere, one
connected basin of students and slots at a time, an integer programme decides, tier after tier, under a time limit; if
it finds nothing in time, the flow's answer is cut down until it is valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from matching import fallback, integer, programme
from matching.integer import Answer
from matching.network import Network
from matching.objectives import Tier
from matching.problem import BoolArray, IntArray, Limit, Market, MarketError, Progress
from matching.room import group_codes

JOINT_PAIRS = 4_000  # equity ties basins to one another: up to this size they are one integer programme


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """The slot of each student (-1: none), whether all was proved, and what may remain to gain in students placed."""

    chosen: IntArray
    proved: bool
    gap: int
    touched: bool  # False: the flow was kept as it is, and its prices prove it
    drawn: bool  # False: some basin was too large for its lottery to be part of the programme


def concern(market: Market, net: Network) -> bool:
    """Whether the market has a rule that the network could not express."""
    return bool(market.together or net.crossing or any(s.minimum > 1 for s in market.slots))


def settle(
    market: Market, net: Network, tiers: Sequence[Tier], chosen: IntArray, progress: Progress | None, seconds: float
) -> Settled:
    """Make ``chosen``, the best flow, respect the conditions at the least loss.

    ``seconds`` is the time one basin may take. :class:`MarketError` when pins and conditions exclude one another.
    """
    broken = broken_students(market, net, chosen)
    if not broken.any():
        return Settled(chosen, True, 0, False, True)
    basins, joint = _basins(market, net, broken, bool(market.equity))
    chosen = chosen.copy()
    before = int((chosen >= 0).sum())
    proved, gap, drawn = joint or not market.equity, 0, True
    for number, members in enumerate(basins):
        if progress is not None:
            progress("conditions", number / len(basins))
        basin = programme.of(market, net, members, chosen)
        reached = _reached(net, tiers, members, chosen) if not market.equity else ()
        answer = integer.solve(basin, tiers, seconds, reached)
        drawn = drawn and len(basin.arcs) <= integer.LOTTERY_PAIRS
        if answer is None:
            raise MarketError("pins and conditions (together, minimum) exclude one another", ("pinned",))
        if answer.chosen is None:
            answer = Answer(fallback.valid(market, net, members, chosen), False, answer.bound)
        assert answer.chosen is not None
        students = members[answer.chosen[members] >= 0]
        if not answer.proved and answer.bound is not None:
            gap += max(0, answer.bound - len(students))
        proved = proved and answer.proved
        chosen[members] = answer.chosen[members]
    if not proved:
        gap = min(gap, before - int((chosen >= 0).sum())) if gap else max(0, before - int((chosen >= 0).sum()))
    return Settled(chosen, proved, gap, True, drawn)


def _reached(net: Network, tiers: Sequence[Tier], members: IntArray, chosen: IntArray) -> list[int]:
    """What the flow costs the basin in the tiers before the wishes to be together (or all but the last two)."""
    couples = [k for k, t in enumerate(tiers) if t.couples]
    inside = np.zeros(len(chosen), np.bool_)
    inside[members] = True
    pair = inside[net.pairs.student] & (chosen[net.pairs.student] == net.pairs.slot)
    left = inside[net.free] & (chosen[net.free] < 0)
    return [int(t.pair[pair].sum() + t.unplaced[left].sum()) for t in tiers[: couples[0] if couples else -2]]


def broken_students(market: Market, net: Network, chosen: IntArray) -> BoolArray:
    """Students concerned by a condition that ``chosen`` breaks, or by a wish to be together that it leaves unmet."""
    broken = np.zeros(len(market.students), np.bool_)
    number = market.index_of_students()
    for couple in market.together:
        a, b = number[couple.a], number[couple.b]
        apart = chosen[a] != chosen[b]
        if apart if couple.must else (apart or chosen[a] < 0) and _could_meet(net, chosen, a, b):
            broken[[a, b]] = True
    counts = np.bincount(chosen[chosen >= 0], minlength=len(market.slots))
    for t, slot in enumerate(market.slots):
        if 0 < counts[t] < slot.minimum:
            broken[chosen == t] = True
    for limit in market.limits:
        broken |= _over(market, limit, chosen)
    return broken


def held_by_conditions(market: Market, chosen: IntArray) -> list[int]:
    """Placed students whom a condition holds there: pins, couples united, the first of a slot with a minimum."""
    number = market.index_of_students()
    held = {number[s] for s, _ in market.pinned}
    for couple in market.together:
        a, b = number[couple.a], number[couple.b]
        if chosen[a] == chosen[b] and chosen[a] >= 0:
            held |= {a, b}
    for t, slot in enumerate(market.slots):
        if slot.minimum > 1:
            inside = np.flatnonzero(chosen == t).tolist()
            already = [i for i in inside if i in held]
            others = [i for i in inside if i not in held]
            held.update(others[: max(0, slot.minimum - len(already))])
    return sorted(held)


def left_by_must(market: Market, net: Network, chosen: IntArray) -> list[tuple[int, int]]:
    """Pairs of students who must be together and are both left: alone, neither may be placed."""
    number = market.index_of_students()
    left = {number[x] for t in market.together if t.must for x in (t.a, t.b) if chosen[number[x]] < 0}
    pairs = zip(net.pairs.student.tolist(), net.pairs.slot.tolist(), strict=True)
    return [(i, t) for i, t in pairs if i in left]


def satisfied_couples(market: Market, chosen: IntArray) -> int:
    """How many wishes to be together are granted."""
    number = market.index_of_students()
    couples = [(number[t.a], number[t.b]) for t in market.together if not t.must]
    return sum(int(chosen[a] == chosen[b] and chosen[a] >= 0) for a, b in couples)


def _could_meet(net: Network, chosen: IntArray, a: int, b: int) -> bool:
    """Whether two students have a slot in common that is open to each of them (or where one of them is pinned)."""

    def slots(i: int) -> set[int]:
        found = set(net.pairs.slot[slice(*np.searchsorted(net.pairs.student, [i, i + 1]))].tolist())
        return found if i in net.free else {int(chosen[i])}

    return bool(slots(a) & slots(b))


def _over(market: Market, limit: Limit, chosen: IntArray) -> BoolArray:
    """Students in a (slot, value) cell that exceeds ``limit``, pins apart."""
    codes, values = group_codes(market, limit.group_key)
    inside = (chosen >= 0) & (codes >= 0)
    if limit.slot is not None:
        inside &= chosen == market.index_of_slots()[limit.slot]
    if limit.value is not None:
        inside &= codes == (values.index(limit.value) if limit.value in values else -2)
    cell = np.where(inside, chosen * (len(values) + 1) + codes, -1)
    pinned = np.zeros(len(chosen), np.bool_)
    number = market.index_of_students()
    pinned[[number[s] for s, _ in market.pinned]] = True
    cells, inverse, counts = np.unique(cell, return_inverse=True, return_counts=True)
    fixed = np.bincount(inverse[pinned], minlength=len(cells))
    over: BoolArray = inside & (counts > np.maximum(limit.maximum, fixed))[inverse]
    return over


def _basins(market: Market, net: Network, broken: BoolArray, equity: bool) -> tuple[list[IntArray], bool]:
    """The students of each basin where something is broken; and whether they are joined in one because of equity."""
    n, m = len(market.students), len(market.slots)
    number = market.index_of_students()
    slots = market.index_of_slots()
    hosts = {h.id: k for k, h in enumerate(market.hosts)}
    tails = [net.pairs.student, np.array([number[t.a] for t in market.together], np.int64)]
    heads = [n + net.pairs.slot, np.array([number[t.b] for t in market.together], np.int64)]
    bound = [t for t, s in enumerate(market.slots) if _limits_host(market, hosts[s.host])]
    tails.append(n + np.array(bound, np.int64))
    heads.append(n + m + np.array([hosts[market.slots[t].host] for t in bound], np.int64))
    tails.append(np.array([number[s] for s, _ in market.pinned], np.int64))
    heads.append(n + np.array([slots[t] for _, t in market.pinned], np.int64))
    tail, head = np.concatenate(tails), np.concatenate(heads)
    size = n + m + len(hosts)
    graph = sparse.coo_matrix((np.ones(len(tail), np.int8), (tail, head)), shape=(size, size))
    _, label = csgraph.connected_components(graph, directed=False)
    if equity and len(net.pairs) <= JOINT_PAIRS:
        return [np.arange(n)], True
    return [np.flatnonzero(label[:n] == b) for b in np.unique(label[:n][broken]).tolist()], False


def _limits_host(market: Market, host: int) -> bool:
    return market.hosts[host].capacity is not None or market.hosts[host].weekly_capacity is not None
