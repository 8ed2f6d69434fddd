"""The only reader of the clock. Dates are those of Paris; instants are UTC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

_shift: ContextVar[timedelta] = ContextVar("shift", default=timedelta())


def now() -> datetime:
    return datetime.now(UTC) + _shift.get()


def today() -> date:
    return now().astimezone(PARIS).date()


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Within, time flows from `moment` on: how the demo lives its last weeks through the real verbs. For it alone."""
    token = _shift.set(moment - datetime.now(UTC))
    try:
        yield
    finally:
        _shift.reset(token)
