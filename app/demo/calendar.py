"""When the demo campaign takes place, so that whoever loads it finds the wishes open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

# The weeks in which the offers of `data/offers.jsonl` are written.
WRITTEN = (date(2026, 12, 14), date(2027, 1, 25), date(2027, 2, 1), date(2027, 2, 8))

_LEAD = timedelta(days=21)  # between today and the first week, at least
_HORIZON = 80  # weeks looked at before giving up


@dataclass(frozen=True, slots=True)
class Calendar:
    school_year: str
    mondays: tuple[date, ...]
    offers_open_on: date
    wishes_open_on: date
    wishes_close_on: date
    publish_on: date

    def monday(self, written: date) -> date:
        """The week that stands for a week as written in the data."""
        return self.mondays[WRITTEN.index(written)]


def school_year_of(day: date) -> str:
    start = day.year if day.month >= 8 else day.year - 1
    return f"{start}-{start + 1}"


def calendar_for(today: date, is_stage_week: Callable[[date], bool]) -> Calendar:
    """The written weeks in the autumn of 2026; at any other date, the next four weeks of one school year.

    The wishes opened two weeks ago and stay open until ten days before the first week.
    """
    near = date(2026, 9, 14) <= today <= WRITTEN[0] - _LEAD + timedelta(days=4)
    mondays = WRITTEN if near else _next_weeks(today, is_stage_week)
    opened = today - timedelta(days=13)
    return Calendar(
        school_year=school_year_of(mondays[0]),
        mondays=mondays,
        offers_open_on=opened - timedelta(days=56),
        wishes_open_on=opened,
        wishes_close_on=mondays[0] - timedelta(days=10),
        publish_on=mondays[0] - timedelta(days=6),
    )


def year_before(calendar: Calendar, is_stage_week: Callable[[date], bool]) -> Calendar:
    """A closed campaign, some fifty weeks earlier."""
    start = calendar.mondays[0] - timedelta(weeks=49)
    mondays = _next_weeks(start - _LEAD, is_stage_week)[:2]
    return Calendar(
        school_year=school_year_of(mondays[0]),
        mondays=mondays,
        offers_open_on=mondays[0] - timedelta(days=110),
        wishes_open_on=mondays[0] - timedelta(days=60),
        wishes_close_on=mondays[0] - timedelta(days=30),
        publish_on=mondays[0] - timedelta(days=20),
    )


def _next_weeks(today: date, is_stage_week: Callable[[date], bool]) -> tuple[date, ...]:
    first = today + _LEAD
    monday = first + timedelta(days=-first.weekday() % 7)
    found: list[date] = []
    for _ in range(_HORIZON):
        if is_stage_week(monday):
            if found and school_year_of(found[0]) != school_year_of(monday):
                found = []
            found.append(monday)
            if len(found) == len(WRITTEN):
                return tuple(found)
        monday += timedelta(days=7)
    raise LookupError("no four stage weeks in the coming year and a half")
