"""Who cannot be placed and why, and where one more place would help most (each figure found by solving again)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from matching import assignment, competition, flow, network, reasons
from matching.problem import BoolArray, Host, IntArray, Market, MarketError, Pairs, Progress, Slot, Solution
from matching.room import exclusions_of, room_of

MOST_CELLS = 12
MOST_PLACES = 10


@dataclass(frozen=True, slots=True)
class Left:
    """A student without a place. ``rule`` is the tier that decided, ``instead_of`` who would be left in their stead."""

    student: str
    code: str
    figures: Mapping[str, int]
    rule: str | None
    instead_of: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One sector, commune and week. ``one_more`` is the gain in students placed with one more place there, ``most`` the
    gain with ``places`` more: both are solved again, not estimated. ``waiting`` students left have a pair there."""

    sector: str
    commune: str
    week: str
    waiting: int
    one_more: int
    places: int
    most: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """The students left and the cells where places are missing, most useful first."""

    unplaced: tuple[Left, ...]
    cells: tuple[Cell, ...]
    placed: int


def find(
    market: Market, solution: Solution, progress: Progress | None = None, previous: Solution | None = None
) -> Shortage:
    """Reasons of each student left, and the cells (sector × commune × week) where one more place places most.

    A market without sectors and communes is cut by host and week instead. Works on any solution; the deciding rules are
    only known for an optimal one, and for one made with ``previous`` when it is given here too.
    """
    net = network.build(market)
    chosen = _chosen(market, solution)
    units = assignment.units_of(market, net, chosen)
    decided = _decisions(market, solution, net, units, previous)
    ids = [s.id for s in market.students]
    place = {int(i): k for k, i in enumerate(net.free)}
    rows = []
    number = market.index_of_students()
    for row in reasons.unplaced(market, net, chosen):
        decision = decided.get(place.get(number[row.student], -1))
        instead = None if decision is None or decision.instead_of is None else ids[int(net.free[decision.instead_of])]
        rows.append(Left(row.student, row.code, row.figures, decision.rule if decision else None, instead))
    return Shortage(tuple(rows), _cells(market, net, chosen, units, progress), len(solution.assignments))


def _chosen(market: Market, solution: Solution) -> IntArray:
    slots, held = market.index_of_slots(), solution.places()
    for name in held.values():
        if name not in slots:
            raise MarketError(f"unknown slot {name!r}", ("assignments",))
    return np.fromiter(
        (slots[held[s.id]] if s.id in held else -1 for s in market.students), np.int64, len(market.students)
    )


def _decisions(
    market: Market,
    solution: Solution,
    net: network.Network,
    units: IntArray,
    previous: Solution | None,
) -> Mapping[int, competition.Decision]:
    parameters = solution.fingerprint.get("parameters", {})
    if ("previous" in parameters and previous is None) or solution.optimal.method == "branch and bound":
        return {}  # who stayed, or who is together, is not known here
    objective = solution.objective.name or "balanced"
    kept = None if previous is None else previous.places()
    plan = assignment.prepare(market, objective, kept, int(parameters.get("seed", 0)))
    packs = flow.pack(plan.network, [t for t in plan.tiers if not t.couples])
    try:
        return competition.decisions(plan.network, packs, units)
    except flow.FlowError:
        return {}


def _cells(
    market: Market,
    net: network.Network,
    chosen: IntArray,
    units: IntArray,
    progress: Progress | None,
) -> tuple[Cell, ...]:
    names = [_cell_of(s) for s in market.slots]
    labels = sorted(set(names))
    number = {name: k for k, name in enumerate(labels)}
    of_slot = np.array([number[name] for name in names], np.int64)
    pairs = market.columns
    waiting = chosen < 0
    able = np.zeros(len(market.students), np.bool_)
    able[net.free] = competition.reachable(net, units) > 0
    usable = ~exclusions_of(market, room_of(market))["forbidden"]
    cell = of_slot[pairs.slot] if len(pairs) else np.zeros(0, np.int64)
    direct = _distinct(pairs.student, cell, waiting[pairs.student] & usable, len(labels))
    indirect = _distinct(pairs.student, cell, able[pairs.student] & usable, len(labels))
    order = sorted(range(len(labels)), key=lambda k: (-direct[k], -indirect[k], labels[k]))
    useful = [k for k in order if indirect[k]][:MOST_CELLS]
    base = assignment.most_placed(net)
    found = []
    for turn, k in enumerate(useful):
        if progress is not None:
            progress("one more place", turn / len(useful))
        rows = np.flatnonzero((cell == k) & usable)
        places = int(min(MOST_PLACES, indirect[k]))
        gain = {
            n: assignment.most_placed(network.build(_with_places(market, labels[k], rows, n))) - base
            for n in {1, places}
        }
        found.append(Cell(*labels[k], int(direct[k]), gain[1], places, gain[places]))
    return tuple(sorted(found, key=lambda c: (-c.one_more, -c.most, -c.waiting, c.sector, c.commune, c.week)))


def _cell_of(slot: Slot) -> tuple[str, str, str]:
    if slot.sector or slot.commune:
        return slot.sector, slot.commune, slot.week
    return slot.host, "", slot.week


def _distinct(student: IntArray, cell: IntArray, kept: BoolArray, cells: int) -> IntArray:
    """Number of distinct students in each cell among the rows kept."""
    both = np.unique(np.stack([cell[kept], student[kept]]), axis=1)
    return np.bincount(both[0], minlength=cells)


def _with_places(market: Market, cell: tuple[str, str, str], rows: IntArray, places: int) -> Market:
    """The market with ``places`` more in a new slot of the cell, open to whoever has a pair in that cell."""
    name = "+" + "/".join(cell)
    slot = Slot(name, name, name, cell[2], places, 0, cell[0], cell[1])
    pairs = market.columns
    students, first = np.unique(pairs.student[rows], return_index=True)
    same = rows[first]
    columns = Pairs(
        pairs.student_ids,
        (*pairs.slot_ids, name),
        np.concatenate([pairs.student, students]),
        np.concatenate([pairs.slot, np.full(len(students), len(market.slots))]),
        np.concatenate([pairs.affinity, pairs.affinity[same]]),
        np.concatenate([pairs.rank, pairs.rank[same]]),
        np.concatenate([pairs.acceptable, pairs.acceptable[same]]),
    )
    return replace(market, slots=(*market.slots, slot), hosts=(*market.hosts, Host(name)), pairs=columns)
