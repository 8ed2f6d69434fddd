"""The small reference tables the product speaks with: interests, occupations of the ESS, sectors, working conditions.

Facts of ROME 4.0 (version 60, September 2025, France Travail, Licence Ouverte), restated in our own files of `data/`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Interest:
    """A first-person "centre d'intérêt" of ROME 4.0; `short` is the caption of its tile."""

    code: str
    label: str
    short: str
    pictogram: str


@dataclass(frozen=True, slots=True)
class Occupation:
    rome_code: str
    label: str
    sector: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sector:
    code: str
    label: str
    hint: str
    pictogram: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A working condition, worded for who likes it, who avoids it, and the employer who ticks it."""

    code: str
    like: str
    avoid: str
    host: str
    pictogram: str


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("app.occupations") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))


@cache
def interests() -> dict[str, Interest]:
    return {r["code"]: Interest(**r) for r in _rows("interests.csv")}


@cache
def sectors() -> dict[str, Sector]:
    return {r["code"]: Sector(**r) for r in _rows("sectors.csv")}


@cache
def conditions() -> dict[str, Condition]:
    return {r["code"]: Condition(**r) for r in _rows("conditions.csv")}


@cache
def occupations() -> dict[str, Occupation]:
    return {
        r["rome_code"]: Occupation(r["rome_code"], r["label"], r["sector"], tuple(r["keywords"].split("|")))
        for r in _rows("occupations_ess.csv")
    }
