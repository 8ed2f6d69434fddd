"""The days and hours of a stage: those of the signed agreement when there is one, else the offer's on its days.

The room above knows the agreements and hands its query down at start-up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from app.offers.models import Slot
from app.placements.models import Placement
from app.regulations.schedules import Schedule, WeekHours

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
    return {placement.id: agreed.get(placement.id) or ordinary(placement) for placement in placements}


def ordinary(placement: Placement, weekdays: Collection[int] | None = None) -> Schedule:
    """The hours of the offer on the days of this placement, or on these `weekdays` (0 is Monday) of its week."""
    return of_week(placement.slot, placement.weekdays if weekdays is None else weekdays)


def of_week(slot: Slot, weekdays: Collection[int]) -> Schedule:
    """The hours of the slot's offer on these days of its week, those on which it is open."""
    return Schedule.for_week(slot.monday, _kept(slot, weekdays))


def weekly(placement: Placement) -> WeekHours:
    """As `ordinary`, without dates."""
    return _kept(placement.slot, placement.weekdays)


def _kept(slot: Slot, weekdays: Collection[int]) -> WeekHours:
    week = slot.offer.hours
    return WeekHours.of({day: week.days[day] for day in weekdays})


def in_order(placements: Iterable[Placement]) -> list[Placement]:
    """As the days go: those of a week shared among structures follow each other."""
    rows = list(placements)
    days = of_all(rows)
    return sorted(rows, key=lambda row: (days[row.id].dates[:1] or (row.slot.monday,), row.stop, row.id))
