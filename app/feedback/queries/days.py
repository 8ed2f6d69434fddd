"""The days and minutes of a stage: those of the signed agreement, else those of the offer in the slot's week."""

from __future__ import annotations

from datetime import date

from app.feedback.queries import stages
from app.placements.models import Placement
from app.regulations.schedules import USUAL_WEEK, Schedule


def planned(placement: Placement) -> dict[date, int]:
    """Minutes of presence of each day, in order; never empty."""
    stop = stages.signed_stop(placement.id)
    slot = placement.slot
    schedule = Schedule.from_json(stop.schedule) if stop else Schedule.for_week(slot.monday, slot.offer.hours)
    if not schedule.days:
        schedule = Schedule.for_week(slot.monday, USUAL_WEEK)
    return {day.date: day.minutes for day in schedule.days}


def last_day(placement: Placement) -> date:
    return max(planned(placement))
