"""When to remind somebody who has not signed: more often as the first day comes near, never twice a day."""

from __future__ import annotations

from datetime import date, time

# (days before the stage from which this pace holds, days between two reminders), nearest first.
PACE = ((3, 1), (10, 3), (10_000, 7))
WAKING = (time(8), time(19))  # nobody's telephone rings at night for a signature
WARN_COORDINATOR = 5  # days before the first day


def due(asked: date, reminded: date | None, first_day: date, today: date) -> bool:
    """Whether a reminder is due today. Once the stage has begun there is nothing left to remind of."""
    left = (first_day - today).days
    if left < 0:
        return False
    pace = next(days for limit, days in PACE if left <= limit)
    return (today - (reminded or asked)).days >= pace


def awake(now: time) -> bool:
    return WAKING[0] <= now < WAKING[1]


def late(first_day: date, today: date) -> bool:
    """Whether the coordinator must know that signatures are missing."""
    return 0 <= (first_day - today).days <= WARN_COORDINATOR
