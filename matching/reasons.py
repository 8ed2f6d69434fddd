"""Why a student has no place: a code and counts, computed from the network and the solution."""

from __future__ import annotations

import numpy as np

from matching.network import Network
from matching.problem import IntArray, Market, Unplaced

FILTERS = ("forbidden", "no_capacity", "host_full", "limit_full")


def unplaced(market: Market, net: Network, chosen: IntArray) -> tuple[Unplaced, ...]:
    """The students without a place, each with a code and the counts behind it.

    ``no_candidate``: the market gives no pair; ``filtered``: every pair was closed beforehand (figures by filter);
    ``lost_competition``: open pairs existed and others hold the places.
    """
    left = np.flatnonzero(chosen < 0)
    n = len(market.students)
    pairs = market.columns
    candidates = np.bincount(pairs.student, minlength=n)
    remaining = np.bincount(net.pairs.student, minlength=n)
    closed = {}
    taken = np.zeros(len(pairs), np.bool_)
    for name in FILTERS:  # a pair closed for several reasons counts under the first
        mask = net.exclusions[name] & ~taken
        taken |= mask
        closed[name] = np.bincount(pairs.student[mask], minlength=n)
    rows = []
    for i in left.tolist():
        figures = {"candidates": int(candidates[i]), "open": int(remaining[i])}
        figures.update({name: int(count[i]) for name, count in closed.items() if count[i]})
        code = "no_candidate" if not candidates[i] else "filtered" if not remaining[i] else "lost_competition"
        rows.append(Unplaced(market.students[i].id, code, figures))
    return tuple(rows)
