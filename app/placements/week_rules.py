"""A week shared among structures: who has which day. Pure decisions, no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.regulations.words import WEEKDAYS

MOST_DAYS = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A structure of the week: its name, the weekdays on which it is open (0 is Monday)."""

    name: str
    open_on: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Division:
    """Weekday → the key of the structure that has it; a day that is left out is spent at school."""

    days: Mapping[int, str]

    def of(self, key: str) -> tuple[int, ...]:
        """The weekdays of one structure, in order."""
        return tuple(day for day in sorted(self.days) if self.days[day] == key)


def problems(division: Division, places: Mapping[str, Place]) -> dict[str, str]:
    """Day by day ("day_2" is Wednesday), what cannot be; "days" for the week as a whole."""
    found: dict[str, str] = {}
    for day, key in sorted(division.days.items()):
        place = places.get(key)
        if place is None:
            found[f"day_{day}"] = _("Choisissez d’abord la structure de ce jour.")
        elif day not in place.open_on:
            found[f"day_{day}"] = _("%(name)s n’accueille pas le %(day)s.", name=place.name, day=WEEKDAYS[day])
    if len(division.days) > MOST_DAYS:
        found["days"] = _("Une semaine de stage compte cinq jours au plus.")
    for key, place in places.items():
        if not division.of(key):
            found.setdefault("days", _("Donnez au moins un jour à %(name)s.", name=place.name))
    return found
