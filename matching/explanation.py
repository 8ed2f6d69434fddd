"""Why this place, and why not that one: codes and figures, found by forcing the pair and solving again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from matching import assignment, network
from matching.network import Network
from matching.problem import IntArray, Market, MarketError, Pairs, Solution, TierValue, Unplaced
from matching.repair import Move

MOST_MOVES = 20
MOST_WISHES = 10


@dataclass(frozen=True, slots=True)
class Preferred:
    """A slot the student would rather have. ``code``: ``free`` (it has room), ``full``, or the filter that closed."""

    slot: str
    rank: int | None
    affinity: float | None
    code: str
    capacity: int
    taken: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a student holds, what they would rather have, and why they hold nothing when that is so."""

    student: str
    slot: str | None
    pinned: bool
    rank: int | None
    affinity: float | None
    preferred: tuple[Preferred, ...]
    unplaced: Unplaced | None


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What it would take to give ``slot`` to ``student``.

    ``code`` is ``holds_it``, ``not_a_candidate``, ``forbidden``, ``no_capacity``, ``impossible`` (pins and conditions
    exclude it), ``costs`` (``rule`` is the first tier that gets worse, by ``worse_by``), ``tie`` (only the lottery
    decided), or ``better`` (``rule`` would gain: the solution is not the best of this market, or it kept the places of
    a previous one that was not given). ``tiers`` are the values now and with the pair forced; ``moves`` what else
    would change.
    """

    student: str
    slot: str
    code: str
    rule: str | None = None
    worse_by: float = 0
    tiers: tuple[tuple[TierValue, TierValue], ...] = ()
    moves: tuple[Move, ...] = ()
    moved: int = 0


def explain(market: Market, solution: Solution, student: str) -> Explanation:
    """The outcome of ``student`` and what stands before the slots they would rather have.

    Raises :class:`MarketError` for an unknown student.
    """
    number = _number(market, student)
    net = network.build(market)
    chosen = _chosen(market, solution)
    pairs = market.columns
    rows = np.flatnonzero(pairs.student == number)
    held = int(chosen[number])
    own = next((int(k) for k in rows if pairs.slot[k] == held), None)
    taken = np.bincount(chosen[chosen >= 0], minlength=len(market.slots))
    wanted = [int(k) for k in rows if own is None or _liking(pairs, int(k)) < _liking(pairs, own)]
    preferred = tuple(_preferred(market, net, k, taken) for k in sorted(wanted, key=lambda k: _liking(pairs, k)))
    pair = None if own is None else pairs[own]
    left = next((u for u in solution.unplaced if u.student == student), None)
    return Explanation(
        student,
        None if held < 0 else market.slots[held].id,
        student in dict(market.pinned),
        pair.rank if pair else None,
        pair.affinity if pair else None,
        preferred[:MOST_WISHES],
        left,
    )


def why_not(market: Market, solution: Solution, student: str, slot: str, previous: Solution | None = None) -> WhyNot:
    """Force ``student`` into ``slot``, solve again with the parameters of ``solution``, and tell the cost.

    ``previous`` is the solution whose places this one kept where it could: students who would leave theirs then count.
    Raises :class:`MarketError` for an unknown student or slot.
    """
    number = _number(market, student)
    if slot not in market.index_of_slots():
        raise MarketError(f"unknown slot {slot!r}", ("slot",))
    if solution.places().get(student) == slot:
        return WhyNot(student, slot, "holds_it")
    if (student, slot) in market.forbidden:
        return WhyNot(student, slot, "forbidden")
    pairs = market.columns
    target = market.index_of_slots()[slot]
    if not np.any((pairs.student == number) & (pairs.slot == target)):
        return WhyNot(student, slot, "not_a_candidate")
    pinned = tuple(p for p in market.pinned if p[0] != student)
    try:
        forced_market = replace(market, pinned=(*pinned, (student, slot)))
    except MarketError:
        return WhyNot(student, slot, "no_capacity")
    parameters = solution.fingerprint.get("parameters", {})
    objective, seed = solution.objective.name or "balanced", int(parameters.get("seed", 0))
    stay_first = bool(parameters.get("stay_first", False))
    try:
        forced = assignment.solve(forced_market, objective, previous, seed, stay_first=stay_first, certificate=False)
    except MarketError:
        return WhyNot(student, slot, "impossible")
    free_market = market if len(pinned) == len(market.pinned) else replace(market, pinned=pinned)
    kept = None if previous is None else previous.places()
    now = assignment.value_of(free_market, objective, seed, _chosen(market, solution), kept, stay_first)
    then = assignment.value_of(free_market, objective, seed, _chosen(market, forced), kept, stay_first)
    tiers = tuple(zip(now.tiers, then.tiers, strict=True))
    held, after = solution.places(), forced.places()
    moves = tuple(
        Move(s.id, held.get(s.id), after.get(s.id))
        for s in market.students
        if held.get(s.id) != after.get(s.id) and s.id != student
    )
    for before, forced_value in tiers:
        worse = (before.value - forced_value.value) * (1 if before.sense == "max" else -1)
        if abs(worse) > 1e-9:
            code = "tie" if before.name == "lottery" else "costs" if worse > 0 else "better"
            return WhyNot(student, slot, code, before.name, round(worse, 9), tiers, moves[:MOST_MOVES], len(moves))
    return WhyNot(student, slot, "tie", "lottery", 0, tiers, moves[:MOST_MOVES], len(moves))


def as_values(explanation: Explanation | WhyNot) -> Mapping[str, object]:
    """Plain values ready for JSON."""
    if isinstance(explanation, Explanation):
        return {
            "student": explanation.student,
            "slot": explanation.slot,
            "pinned": explanation.pinned,
            "rank": explanation.rank,
            "affinity": explanation.affinity,
            "preferred": [
                {
                    "slot": p.slot,
                    "rank": p.rank,
                    "affinity": p.affinity,
                    "code": p.code,
                    "capacity": p.capacity,
                    "taken": p.taken,
                }
                for p in explanation.preferred
            ],
            "unplaced": None
            if explanation.unplaced is None
            else {"code": explanation.unplaced.code, "figures": dict(explanation.unplaced.figures)},
        }
    return {
        "student": explanation.student,
        "slot": explanation.slot,
        "code": explanation.code,
        "rule": explanation.rule,
        "worse_by": explanation.worse_by,
        "tiers": [{"name": a.name, "sense": a.sense, "now": a.value, "forced": b.value} for a, b in explanation.tiers],
        "moved": explanation.moved,
        "moves": [{"student": m.student, "before": m.before, "after": m.after} for m in explanation.moves],
    }


def _number(market: Market, student: str) -> int:
    number = market.index_of_students().get(student)
    if number is None:
        raise MarketError(f"unknown student {student!r}", ("student",))
    return number


def _chosen(market: Market, solution: Solution) -> IntArray:
    slots, held = market.index_of_slots(), solution.places()
    return np.fromiter((slots.get(held.get(s.id, ""), -1) for s in market.students), np.int64, len(market.students))


def _liking(pairs: Pairs, k: int) -> tuple[float, float]:
    """Sort key: wishes in their order, then affinity."""
    affinity = float(pairs.affinity[k])
    return float(pairs.rank[k]) or float("inf"), 0.0 if np.isnan(affinity) else -affinity


def _preferred(market: Market, net: Network, k: int, taken: IntArray) -> Preferred:
    pair = market.columns[k]
    slot = market.slots[int(market.columns.slot[k])]
    closed = next((name for name, mask in net.exclusions.items() if mask[k]), None)
    holders = int(taken[int(market.columns.slot[k])])
    return Preferred(
        slot.id,
        pair.rank,
        pair.affinity,
        closed or ("full" if holders >= slot.capacity else "free"),
        slot.capacity,
        holders,
    )
