"""Typed readers of the small files in `data/`."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from app.regulations.rules import USUAL_WEEK, Interval, WeekHours
from app.regulations.schedules import WEEKDAYS


@dataclass(frozen=True, slots=True)
class CommuneFacts:
    insee: str
    name: str
    postcode: str
    lat: float
    lon: float
    inhabitants: int


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """A collège as the ministry publishes it; `pupils_3e` counts the 3e of 2021, SEGPA and ULIS included."""

    uai: str
    name: str
    address: str
    postcode: str
    commune_insee: str
    lat: float
    lon: float
    is_public: bool
    priority_education: str
    pupils_3e: int


@dataclass(frozen=True, slots=True)
class Words:
    """What one fictional student says."""

    text: str
    avoid_text: str
    interests: tuple[str, ...]
    likes: tuple[str, ...]
    avoids: tuple[str, ...]


Record = dict[str, Any]


def _text(name: str) -> str:
    return (files("app.demo") / "data" / name).read_text(encoding="utf-8")


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines(), delimiter=";"))


def _records(name: str) -> list[Record]:
    return [json.loads(line) for line in _text(name).splitlines() if line.strip()]


@cache
def communes() -> tuple[CommuneFacts, ...]:
    return tuple(
        CommuneFacts(r["insee"], r["name"], r["postcode"], float(r["lat"]), float(r["lon"]), int(r["inhabitants"]))
        for r in _rows("communes.csv")
    )


@cache
def schools() -> tuple[SchoolFacts, ...]:
    return tuple(
        SchoolFacts(
            uai=r["uai"],
            name=r["name"],
            address=r["address"],
            postcode=r["postcode"],
            commune_insee=r["commune_insee"],
            lat=float(r["lat"]),
            lon=float(r["lon"]),
            is_public=r["is_public"] == "yes",
            priority_education=r["priority_education"],
            pupils_3e=int(r["pupils_3e"]),
        )
        for r in _rows("schools.csv")
    )


@cache
def words() -> tuple[Words, ...]:
    return tuple(
        Words(r["text"], r["avoid_text"], tuple(r["interests"]), tuple(r["likes"]), tuple(r["avoids"]))
        for r in _records("student_words.jsonl")
    )


def organizations() -> list[Record]:
    return _records("organizations.jsonl")


def offers() -> list[Record]:
    """The offers of this year, in the order of the file."""
    return _records("offers.jsonl")


def last_year_offers() -> list[Record]:
    return _records("last_year.jsonl")


def names(kind: str) -> tuple[str, ...]:
    """`kind` is "given" or "family"."""
    return tuple(line for line in _text(f"{kind}_names.txt").splitlines() if line.strip())


def week_hours(record: Record) -> WeekHours:
    """The written hours, the same each day of `days` (Monday to Friday unless said)."""
    hours = record.get("hours")
    if hours is None:
        return USUAL_WEEK
    halves = Interval.at(hours["start"], hours["lunch_start"]), Interval.at(hours["lunch_end"], hours["end"])
    return WeekHours.uniform(halves, [WEEKDAYS.index(day) for day in hours.get("days", WEEKDAYS[:5])])


def week_places(record: Record) -> dict[date, int]:
    """Monday → number of places, as written in the offer's `weeks`."""
    return {date.fromisoformat(monday): int(places) for monday, places in record["weeks"].items()}
