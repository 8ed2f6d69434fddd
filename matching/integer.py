"""A basin's integer programme, solved tier after tier by SciPy's HiGHS."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from matching.objectives import Tier
from matching.problem import FloatArray, IntArray
from matching.programme import Basin

LOTTERY_PAIRS = 2_000  # in larger basins the lottery is not drawn: equal outcomes are as HiGHS finds them


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The slot of each student of the market (only the members changed), or None when nothing was found in time."""

    chosen: IntArray | None
    proved: bool
    bound: int | None


def solve(programme: Basin, tiers: Sequence[Tier], seconds: float, reached: Sequence[int] = ()) -> Answer | None:
    """The best outcome of the basin, tier after tier. None when its constraints exclude one another.

    ``reached`` are the costs that the flow reaches in the first tiers without the conditions: nothing can be better, so
    that all of them are tried as one constraint before any is searched for.
    """
    if not programme.possible:
        return None
    costs = [(tier, _cost(programme, tier)) for tier in tiers]
    if len(programme.arcs) > LOTTERY_PAIRS:
        costs = [(tier, cost) for tier, cost in costs if tier.name != "lottery"]
    search = _Search(programme, time.monotonic() + seconds)
    known = [(cost, value) for (_, cost), value in zip(costs, reached, strict=False)]
    start = 0
    if 0 < len(known) < len(costs):
        start = search.start_from(known, costs[len(known)][1])
    bound = len(programme.left) - int(reached[0]) if reached and tiers[0].name == "placed" else None
    for tier, cost in costs[start:]:
        if not cost.any():
            continue
        status = search.improve(cost)
        if status == "impossible" and search.best is None:
            return None
        if tier.name == "placed" and search.bound is not None:
            bound = len(programme.left) - int(np.ceil(search.bound - 1e-6))
        if status != "optimal":
            break
    else:
        status = "optimal"
    if search.best is None:
        return Answer(None, False, bound)
    chosen = programme.chosen.copy()
    net = programme.net
    free = programme.members[np.isin(programme.members, net.free)]
    chosen[free] = -1
    taken = programme.arcs[search.best[: len(programme.arcs)] > 0.5]
    chosen[net.pairs.student[taken]] = net.pairs.slot[taken]
    return Answer(chosen, status == "optimal", bound)


def _cost(programme: Basin, tier: Tier) -> FloatArray:
    """What a tier costs on each variable."""
    p, s = len(programme.arcs), len(programme.left)
    cost = np.zeros(programme.width)
    cost[:p] = tier.pair[programme.arcs]
    cost[p : p + s] = tier.unplaced[programme.left]
    if tier.left is not None:
        cost[p + s : p + s + len(programme.equity)] = tier.left[programme.equity]
    if tier.couples:
        cost[programme.couples[0] : programme.couples[1]] = -1
    return cost


class _Search:
    """Calls to HiGHS that share their constraints, the best outcome so far and the time left."""

    def __init__(self, programme: Basin, stop: float) -> None:
        self.programme, self.rows, self.stop = programme, programme.rows, stop
        self.best: FloatArray | None = None
        self.bound: float | None = None

    def start_from(self, known: Sequence[tuple[FloatArray, int]], cost: FloatArray) -> int:
        """How many tiers are settled when the values ``known`` are tried at once, ``cost`` being the next tier."""
        rows = self.rows
        before = len(rows.lower)
        for one, value in known:
            self.fix(one, value)
        status = self.improve(cost, keep=False)
        if status in ("optimal", "feasible") and self.best is not None:
            if status == "optimal":
                self.fix(cost, float(np.rint(cost @ self.best)))
            return len(known) + (status == "optimal")
        for part in (rows.row, rows.column, rows.value, rows.lower, rows.upper):
            del part[before:]
        return 0

    def improve(self, cost: FloatArray, keep: bool = True) -> str:
        """Make ``cost`` as small as possible: ``optimal``, ``feasible`` (out of time), ``impossible``, ``nothing``."""
        remaining = self.stop - time.monotonic()
        if remaining <= 0:
            return "nothing"
        programme, rows = self.programme, self.rows
        limits = optimize.LinearConstraint(rows.matrix(programme.width), np.array(rows.lower), np.array(rows.upper))
        answer = optimize.milp(
            cost,
            integrality=programme.integral,
            bounds=optimize.Bounds(0, 1),
            constraints=limits,
            options={"time_limit": remaining, "mip_rel_gap": 0.0},
        )
        self.bound = (
            float(answer.mip_dual_bound)
            if answer.mip_dual_bound is not None and np.isfinite(answer.mip_dual_bound)
            else None
        )
        if answer.x is None:
            return "impossible" if answer.status == 2 else "nothing"
        self.best = np.where(programme.integral == 1, np.rint(answer.x), answer.x)
        if keep:
            self.fix(cost, float(np.rint(cost @ self.best)))
        return "optimal" if answer.status == 0 else "feasible"

    def fix(self, cost: FloatArray, value: float) -> None:
        """From now on, ``cost`` is at most ``value``."""
        used = np.flatnonzero(cost)
        if used.size:
            self.rows.add(used, cost[used], -np.inf, value + 0.25)
