"""The door to the calendars: school holidays (vacances-scolaires-france) and public holidays (holidays)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from flask_babel import gettext as _
from holidays import country_holidays
from vacances_scolaires_france import SchoolHolidayDates, UnsupportedYearException

ZONE = "B"  # académie de Lille


class UnknownYear(LookupError):
    """The library does not know the school holidays of that year yet."""


@cache
def _school_holidays() -> SchoolHolidayDates:
    return SchoolHolidayDates()


@cache
def is_school_holiday(day: date) -> bool:
    """Whether zone B is on holiday; raises `UnknownYear` beyond the published calendar."""
    try:
        return bool(_school_holidays().is_holiday_for_zone(day, ZONE))
    except UnsupportedYearException as error:
        raise UnknownYear(str(day.year)) from error


@cache
def _public_holidays(year: int) -> dict[date, str]:
    return dict(country_holidays("FR", years=year, language="fr").items())


def public_holiday(day: date) -> str | None:
    """The name of the public holiday of that day, in French, or None."""
    return _public_holidays(day.year).get(day)


def public_holidays(first: date, last: date) -> dict[date, str]:
    """The public holidays between two days, both included, and the reason in words; known for every year."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    names = {day: public_holiday(day) for day in days}
    return {day: _("c’est un jour férié (%(name)s)", name=name) for day, name in names.items() if name}


def closed_days(first: date, last: date) -> dict[date, str]:
    """The days, both ends included, on which no stage takes place, and why. Raises `UnknownYear`."""
    closed = public_holidays(first, last)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day not in closed and is_school_holiday(day):
            closed[day] = _("ce sont les vacances scolaires de la zone %(zone)s", zone=ZONE)
    return closed
