"""Pairs that a solve can do without, found before it: those that cost something in a tier which can be had for nothing.

When as many students can be placed without them, no best flow uses any: a tenth of a nation's arcs, and the weight that
would keep them apart, need not be given to the solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import max_flow
from scipy import sparse
from scipy.sparse import csgraph

from matching.objectives import Tier
from matching.problem import BoolArray, SmallIntArray

if TYPE_CHECKING:
    from matching.network import Network

LEAST_SHARE = 0.02  # of the pairs: below, looking costs more than it spares


def pairs_to_spare(network: Network, tier: Tier) -> BoolArray | None:
    """By pair arc, whether it costs something in ``tier``, if as many students can be placed without such pairs.

    None when they are few or needed, or when leaving a student has a cost in the tier. For a network that counts no
    groups (no equity arcs).
    """
    pairs = len(network.kept)
    costly: BoolArray = tier.pair > 0
    if tier.unplaced.any() or np.count_nonzero(costly) < LEAST_SHARE * pairs:
        return None
    return None if _can_grow(network, _largest_flow(network, np.flatnonzero(~costly))) else costly


def _largest_flow(network: Network, rows: SmallIntArray) -> SmallIntArray:
    """Units on every arc of a largest flow that uses only the pairs of ``rows`` and leaves nobody by choice."""
    pairs, free, sink = len(network.kept), len(network.free), network.nodes - 1
    solver = max_flow.SimpleMaxFlow()
    arcs = np.concatenate([rows, np.arange(pairs + free, len(network.tail))])
    solver.add_arcs_with_capacity(network.tail[arcs], network.head[arcs], network.capacity[arcs])
    source = np.full(free, network.nodes)
    solver.add_arcs_with_capacity(source, np.arange(free), np.ones(free, np.int64))
    solver.solve(network.nodes, sink)
    units = np.zeros(len(network.tail), np.int32)
    units[arcs] = solver.flows(np.arange(len(arcs)))
    return units


def _can_grow(network: Network, units: SmallIntArray) -> bool:
    """Whether one more student could be placed: a way from somebody left to the sink, by what ``units`` leave open.

    Breadth first. Pairs in use are kept forward too: who holds one is only reached from its slot, so nothing changes.
    """
    pairs, free, nodes = len(network.kept), len(network.free), network.nodes
    structure = np.arange(pairs + free, len(network.tail))
    forward = structure[units[structure] < network.capacity[structure]]
    backward = np.concatenate([np.flatnonzero(units[:pairs]), structure[units[structure] > 0]])
    tail = np.concatenate([network.tail[forward], network.head[backward]])
    head = np.concatenate([network.head[forward], network.tail[backward]])
    order = np.argsort(tail, kind="stable")
    placed = np.bincount(network.tail[:pairs], units[:pairs], free)[:free]
    left = np.flatnonzero(placed == 0)
    degree = np.bincount(network.tail[:pairs], minlength=nodes) + np.bincount(tail, minlength=nodes)
    start = np.concatenate([[0], np.cumsum(np.append(degree, len(left)))])
    column = np.concatenate([network.head[:pairs], head[order], left]).astype(np.int32)
    open_arcs = sparse.csr_matrix((np.ones(len(column), np.int8), column, start), shape=(nodes + 1, nodes + 1))
    reached = csgraph.breadth_first_order(open_arcs, nodes, return_predecessors=False)
    return bool(np.any(reached == nodes - 1))
