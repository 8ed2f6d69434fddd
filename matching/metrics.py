"""What a coordinator reads of a run: how many, how well, how evenly, and what changed since the last one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matching.problem import Market, Solution


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one run. ``shares`` is by group key then value: the share of its students who are placed.

    ``affinity_5th`` is the affinity that 95 % of the students placed reach (None when no affinity is known);
    ``worst`` and ``gap`` are, by group key, the lowest share and its distance to the highest; ``moved`` counts the
    students of the previous run who do not keep their place (None without one).
    """

    students: int
    placed: int
    first_wishes: int
    profile: tuple[int, ...]
    unacceptable: int
    mean_affinity: float | None
    affinity_5th: float | None
    shares: Mapping[str, Mapping[str, float]]
    worst: Mapping[str, float]
    gap: Mapping[str, float]
    moved: int | None


def measure(market: Market, solution: Solution, previous: Solution | None = None) -> Metrics:
    """The figures of ``solution``, counted from its assignments alone."""
    held = solution.places()
    slots = market.index_of_slots()
    pairs = market.columns
    chosen = np.array([slots.get(held.get(s.id, ""), -1) for s in market.students], np.int64)
    rows = np.flatnonzero(chosen[pairs.student] == pairs.slot)
    ranks = pairs.rank[rows]
    affinity = pairs.affinity[rows][~np.isnan(pairs.affinity[rows])]
    profile = np.bincount(ranks[ranks > 0], minlength=int(pairs.rank.max(initial=0)) + 1)[1:].tolist()
    shares: dict[str, dict[str, float]] = {}
    for key in sorted({k for s in market.students for k in s.groups}):
        values = np.array([s.groups.get(key, "") for s in market.students])
        known = np.array([key in s.groups for s in market.students])
        names, where = np.unique(values[known], return_inverse=True)
        placed = np.bincount(where, chosen[known] >= 0, len(names)) / np.bincount(where, minlength=len(names))
        shares[key] = dict(zip(names.tolist(), np.round(placed, 4).tolist(), strict=True))
    before = None if previous is None else previous.places()
    return Metrics(
        students=len(market.students),
        placed=len(held),
        first_wishes=profile[0] if profile else 0,
        profile=tuple(profile),
        unacceptable=int(np.sum(~pairs.acceptable[rows])),
        mean_affinity=round(float(affinity.mean()), 4) if affinity.size else None,
        affinity_5th=round(float(np.percentile(affinity, 5)), 4) if affinity.size else None,
        shares=shares,
        worst={key: min(values.values()) for key, values in shares.items()},
        gap={key: round(max(v.values()) - min(v.values()), 4) for key, v in shares.items()},
        moved=None if before is None else sum(held.get(s) != t for s, t in before.items()),
    )
