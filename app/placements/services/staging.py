"""The stage itself: it begins and ends by the calendar, or is interrupted for a reason.

No stage begins without an agreement signed by all: until then it stays as it was confirmed, and `unsigned` tells.
"""

from __future__ import annotations

from app.access.actor import Actor
from app.access.policy import Permission
from app.kernel import clock
from app.kernel.database import transaction
from app.kernel.jobs import jobs
from app.placements import hours, seals
from app.placements.models import Placement
from app.placements.queries import stage
from app.placements.services import telling
from app.placements.services.moving import release_seat, step, take
from app.placements.states import PlacementState


@jobs.every_minute
def follow_calendar() -> None:
    """Start the signed stages whose first day has come, complete those whose last day has passed. Idempotent."""
    for placement_id in _due():
        with transaction():
            _follow(take(placement_id))


def _due() -> list[int]:
    today = clock.today()
    placements = stage.due(today)
    days, signed = hours.of_all(placements), seals.among([placement.id for placement in placements])
    return [
        placement.id
        for placement in placements
        if days[placement.id].dates
        and (
            placement.id in signed
            if placement.state is PlacementState.CONFIRMED
            else days[placement.id].dates[-1] < today
        )
        and days[placement.id].dates[0] <= today
    ]


def _follow(placement: Placement) -> None:
    today, dates = clock.today(), hours.of(placement).dates
    begins = placement.state is PlacementState.CONFIRMED and dates and dates[0] <= today
    if begins and seals.is_sealed(placement.id):
        step(placement, "start", by=None)
    if placement.state is PlacementState.UNDER_WAY and dates and dates[-1] < today:
        step(placement, "complete", by=None)


def interrupt(placement_id: int, reason: str, *, by: Actor) -> Placement:
    """Stop a stage under way: its seat is free, everybody concerned is told. Called again it changes nothing."""
    with transaction():
        placement = take(placement_id)
        by.demand(Permission.PLACEMENT_MANAGE, placement)
        if placement.state is PlacementState.INTERRUPTED:
            return placement
        step(placement, "interrupt", by=by, reason=reason)
        release_seat(placement, by=by, reason=placement.state_reason)
        telling.tell_undone(placement)
        return placement
