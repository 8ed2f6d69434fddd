"""Dates, hours, numbers and distances in words, for templates, mails and sentences of refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import format_date
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.discretion import Found
from app.kernel.geography import TravelMode, minutes
from app.regulations.words import day as day
from app.regulations.words import enumeration
from app.regulations.words import hour as hour
from app.web import languages


def week(monday: date) -> str:
    """« du lundi 25 au vendredi 29 janvier »."""
    return _between(monday, date.fromordinal(monday.toordinal() + 4))


def _between(start: date, end: date) -> str:
    if languages.current() != languages.FRENCH.code:
        return _("du %(first)s au %(last)s", first=day(start), last=day(end))
    first = format_date(start, "EEEE d" if start.month == end.month else "EEEE d MMMM")
    text = _("du %(first)s au %(last)s", first=first, last=format_date(end, "EEEE d MMMM"))
    return text.replace(" 1 ", " 1er ")


def days(dates: Sequence[date]) -> str:
    """Rising days: « lundi 25 et mardi 26 janvier », « du lundi 25 au mercredi 27 janvier » when three or more follow
    each other; every month is said when they differ, or in another language.
    """
    if len(dates) > 2 and (dates[-1] - dates[0]).days == len(dates) - 1:
        return _between(dates[0], dates[-1])
    if languages.current() != languages.FRENCH.code or len({(one.year, one.month) for one in dates}) > 1:
        return enumeration([day(one) for one in dates])
    short = [format_date(one, "EEEE d") for one in dates[:-1]]
    return enumeration([*(text + "er" if text.endswith(" 1") else text for text in short), *map(day, dates[-1:])])


def moment(value: datetime) -> str:
    """« lundi 25 janvier à 14 h 05 », Paris time."""
    local = value.astimezone(clock.PARIS)
    return _("%(day)s à %(hour)s", day=day(local.date()), hour=hour(local.time()))


def number(value: float, digits: int = 0) -> str:
    """A French number: narrow no-break space for thousands, comma for decimals."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",")


def duration(minutes_: int) -> str:
    """« 40 min », and past an hour and a half « 2 h 40 »."""
    if minutes_ <= 90:
        return f"{minutes_}\u00a0min"
    hours, rest = divmod(minutes_, 60)
    return f"{hours}\u00a0h\u00a0{rest:02d}" if rest else f"{hours}\u00a0h"


def distance(km: float | None, mode: str | None = None) -> str:
    """« 2,4 km, environ 10 min à vélo » ; near home: « moins d’un km »."""
    if km is None:
        return ""
    text = f"{number(km, 1)}\u00a0km" if km >= 1 else _("moins d’un\u00a0km")
    if mode is None:
        return text
    travel = TravelMode(mode)
    how = {
        TravelMode.WALK: _("à pied"),
        TravelMode.BIKE: _("à vélo"),
        TravelMode.BUS: _("en bus"),
        TravelMode.CAR: _("en voiture"),
    }[travel]
    return _("%(km)s, environ %(time)s %(how)s", km=text, time=duration(minutes(km, travel)), how=how)


def topics(found: Found) -> str:
    """« de santé, de religion »: what private words a sentence may be about."""
    said = [
        (found.health, _("de santé")),
        (found.religion, _("de religion")),
        (found.opinion, _("d’opinions politiques ou syndicales")),
    ]
    return ", ".join(label for words, label in said if words)
