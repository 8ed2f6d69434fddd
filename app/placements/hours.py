"""The days and hours of a stage: those of the signed agreement when there is one, else the ordinary week of the offer.

The room above knows the agreements and hands its query down at start-up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from app.placements.models import Placement
from app.regulations.schedules import Schedule

# Placement ids → the schedule that was signed, for those which have one.
Source = Callable[[Collection[int]], Mapping[int, Schedule]]


def _none(_placement_ids: Collection[int]) -> Mapping[int, Schedule]:
    return {}


_source: Source = _none


def provide(source: Source) -> None:
    global _source
    _source = source


def of(placement: Placement) -> Schedule:
    return of_all([placement])[placement.id]


def of_all(placements: Sequence[Placement]) -> dict[int, Schedule]:
    """Placement id → its days, in the order of the calendar. Slot and offer should be loaded."""
    agreed = _source([placement.id for placement in placements]) if placements else {}
    return {
        placement.id: agreed.get(placement.id) or Schedule.for_week(placement.slot.monday, placement.slot.offer.hours)
        for placement in placements
    }
