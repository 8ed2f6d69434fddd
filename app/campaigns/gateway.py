"""The door to the calendars: school holidays (vacances-scolaires-france) and public holidays (holidays)."""

from __future__ import annotations

from datetime import date
from functools import cache

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
