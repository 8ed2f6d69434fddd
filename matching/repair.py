"""After a withdrawal: the smallest set of moves that restores the largest number placed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching import assignment
from matching.problem import Market, MarketError, Pairs, Slot, Solution, Student


@dataclass(frozen=True, slots=True)
class Move:
    """A student who changes place: ``before`` or ``after`` is None for someone without a place."""

    student: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, eq=False)
class RepairPlan:
    """The moves, the market as it is after the withdrawal, and its new solution."""

    moves: tuple[Move, ...]
    market: Market
    solution: Solution
    placed_before: int
    placed_after: int


def repair(
    market: Market,
    solution: Solution,
    withdrawn: Collection[str] = (),
    leaving: Collection[str] = (),
    lost_places: Mapping[str, int] | None = None,
) -> RepairPlan:
    """Restore the largest number placed once slots are ``withdrawn``, students ``leaving``, or some places lost.

    ``lost_places`` maps a slot to how many of its places are gone. The new solution places as many as possible, then
    moves as few as possible of those who had a place, exactly; the tiers of the former objective come after. Raises
    :class:`MarketError` for an unknown identifier.
    """
    after = without(market, withdrawn, leaving, lost_places or {})
    parameters = solution.fingerprint.get("parameters", {})
    objective = solution.objective.name or "balanced"
    new = assignment.solve(after, objective, solution, int(parameters.get("seed", 0)), stay_first=True)
    held, now = solution.places(), new.places()
    moves = tuple(Move(s.id, held.get(s.id), now.get(s.id)) for s in after.students if held.get(s.id) != now.get(s.id))
    return RepairPlan(moves, after, new, len(held), len(now))


def without(market: Market, withdrawn: Collection[str], leaving: Collection[str], lost: Mapping[str, int]) -> Market:
    """The market after a withdrawal: no places in the slots withdrawn, no pin to them, the students gone."""
    slots, students = {s.id for s in market.slots}, {s.id for s in market.students}
    for name in (*withdrawn, *lost):
        if name not in slots:
            raise MarketError(f"unknown slot {name!r}", ("withdrawn",))
    for name in leaving:
        if name not in students:
            raise MarketError(f"unknown student {name!r}", ("leaving",))
    withdrawn, leaving = set(withdrawn), set(leaving)

    def shrunk(slot: Slot) -> Slot:
        capacity = 0 if slot.id in withdrawn else max(0, slot.capacity - lost.get(slot.id, 0))
        if capacity == slot.capacity:
            return slot
        return replace(slot, capacity=capacity, minimum=slot.minimum if capacity >= slot.minimum else 0)

    new_slots = tuple(shrunk(s) for s in market.slots)
    room = {s.id: s.capacity for s in new_slots}
    pinned = []
    for student, slot in market.pinned:
        if student not in leaving and room[slot] > 0:
            room[slot] -= 1
            pinned.append((student, slot))
    kept = tuple(s for s in market.students if s.id not in leaving)
    return replace(
        market,
        slots=new_slots,
        students=kept,
        pinned=tuple(pinned),
        pairs=market.pairs if not leaving else _pairs_of(market.columns, kept),
        forbidden=tuple(x for x in market.forbidden if x[0] not in leaving),
        together=tuple(t for t in market.together if not {t.a, t.b} & leaving),
    )


def _pairs_of(pairs: Pairs, kept: Sequence[Student]) -> Pairs:
    """The columns of the students kept, renumbered."""
    names = tuple(s.id for s in kept)
    position = {name: i for i, name in enumerate(names)}
    new = np.array([position.get(name, -1) for name in pairs.student_ids], np.int64)
    rows = np.flatnonzero(new[pairs.student] >= 0)
    return Pairs(
        names,
        pairs.slot_ids,
        new[pairs.student[rows]],
        pairs.slot[rows],
        pairs.affinity[rows],
        pairs.rank[rows],
        pairs.acceptable[rows],
    )
