"""The rules as dated data: `data/*.toml`, read and checked once.

A version of a rule is one `[[rule]]`: its dates of validity, its severity, its limits by band (age or level, and the
switch that turns a band on) and, for each way of breaking it, the article and the sentence. Next year's text is one
more version. `SHAPES` states what the engine reads from a rule; whatever does not fit is refused at loading.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Limit = int | time
_PLACEHOLDER = re.compile(r"%\((\w+)\)")


class Severity(StrEnum):
    BLOCK = "block"
    WARN = "warn"


class CatalogueError(ValueError):
    """The data of the rules is wrong; the message names the rule and what to correct."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Band(_Row):
    """Limits for ages `from_age` ≤ age < `below` and for `levels` (empty: all), with `switch` on if there is one."""

    from_age: int | None = Field(default=None, alias="from")
    below: int | None = None
    levels: tuple[str, ...] = ()
    switch: str | None = None
    limits: dict[str, Limit]

    def holds(self, age: int | None, level: str, switches: frozenset[str]) -> bool:
        """Whether the band is for this student. An unknown age is taken as the lowest."""
        years = -1 if age is None else age
        return (
            (self.from_age is None or years >= self.from_age)
            and (self.below is None or years < self.below)
            and (not self.levels or level in self.levels)
            and (self.switch is None or self.switch in switches)
        )

    def __getitem__(self, name: str) -> int:
        """A limit in minutes, days or students; hours of the day as minutes since midnight."""
        limit = self.limits[name]
        return limit.hour * 60 + limit.minute if isinstance(limit, time) else limit


class Case(_Row):
    """One way of breaking a rule: the articles, and the sentence that says what to change (`%(name)s` are figures)."""

    articles: tuple[str, ...] = Field(min_length=1)
    sentence: str


class Rule(_Row):
    """One dated version of a rule; both ends of its validity are included."""

    id: str
    title: str
    field: str
    severity: Severity
    valid_from: date
    valid_until: date | None = None
    note: str = ""
    bands: tuple[Band, ...] = ()
    cases: dict[str, Case] = Field(min_length=1)

    def band(self, age: int | None, level: str, switches: frozenset[str]) -> Band:
        """The limits for this student: the last band that holds."""
        return next(band for band in reversed(self.bands) if band.holds(age, level, switches))

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        shape = SHAPES.get(self.id)
        if shape is None:
            raise ValueError(f"the engine knows no rule {self.id}")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until comes before valid_from")
        for name, case in self.cases.items():
            if name not in shape.cases:
                raise ValueError(f"case {name!r} is unknown; the engine knows {sorted(shape.cases)}")
            strange = set(_PLACEHOLDER.findall(case.sentence)) - shape.cases[name]
            if strange:
                raise ValueError(f"case {name!r} asks for figures that the engine has not: {sorted(strange)}")
        missing = shape.cases.keys() - self.cases.keys()
        if missing:
            raise ValueError(f"cases without a sentence: {sorted(missing)}")
        self._bands_fit(shape)
        return self

    def _bands_fit(self, shape: Shape) -> None:
        for band in self.bands:
            if band.limits.keys() != shape.limits.keys():
                raise ValueError(f"limits {sorted(band.limits)} where the engine reads {sorted(shape.limits)}")
            for name, kind in shape.limits.items():
                if not isinstance(band.limits[name], kind):
                    raise ValueError(f"limit {name!r} must be a {kind.__name__}")
        ages = [band for band in self.bands if band.switch is None and not band.levels]
        if shape.limits and not ages:
            raise ValueError("no band holds for everybody: add one without levels and without switch")
        if ages and (ages[0].from_age is not None or ages[-1].below is not None):
            raise ValueError("the bands do not cover every age")
        for younger, older in pairwise(ages):
            if younger.below is None or younger.below != older.from_age:
                raise ValueError(f"bands overlap or leave a gap between {younger.below} and {older.from_age} years")


class Switch(_Row):
    """A limit on which texts differ; the territory or the template of convention decides, `default` if nobody did."""

    id: str
    label: str
    default: bool
    source: str


class _File(_Row):
    switch: tuple[Switch, ...] = ()
    rule: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """What the engine reads from a rule: its limits and their type, its cases and the figures of each sentence."""

    cases: Mapping[str, frozenset[str]]
    limits: Mapping[str, type] = field(default_factory=dict)


def _shape(limits: str = "", **cases: str) -> Shape:
    kinds = {name.removesuffix("@"): time if name.endswith("@") else int for name in limits.split()}
    return Shape({name.rstrip("_"): frozenset(figures.split()) for name, figures in cases.items()}, kinds)


SHAPES: dict[str, Shape] = {
    "LVL-1": _shape("allowed ordinary_age", refused="level"),
    "LVL-2": _shape("days", partial="days needed level"),
    "HRS-1": _shape("minutes", long="worked limit excess who"),
    "HRS-2": _shape("minutes", long="worked limit excess who"),
    "HRS-3": _shape(
        "stretch pause", stretch="worked start end limit needed latest who", pause="start end pause needed limit who"
    ),
    "HRS-4": _shape("earliest@ latest@", early="start limit who", late="end limit who"),
    "HRS-5": _shape("minutes", short="rest needed start latest who"),
    "HRS-6": _shape(sunday="", rest=""),
    "HRS-7": _shape("minutes days", short="worked days least least_days"),
    "CAL-1": _shape(closed="reason"),
    "CAL-2": _shape("week total exact", none="", week="days limit", total="days limit level", short="days limit level"),
    "CAL-3": _shape(overlap="start end", full="days limit"),
    "HST-1": _shape(ineligible=""),
    "HST-2": _shape(suspended="", bar=""),
    "HST-3": _shape(unread=""),
    "HST-4": _shape("students", unnamed="", many="students limit"),
    "FAM-1": _shape(same=""),
    "CNV-1": _shape(missing="what who", unsigned="who", board="school"),
    "CNV-2": _shape(changed=""),
    "DATA-1": _shape(health="words where"),
}


class Catalogue:
    """Every version of every rule, and the switches."""

    def __init__(self, rules: Iterable[Rule], switches: Iterable[Switch] = ()) -> None:
        """Raises `CatalogueError` when versions of a rule overlap or leave a gap, or name an unknown switch."""
        self.rules = tuple(sorted(rules, key=lambda rule: (rule.id, rule.valid_from)))
        self.switches = {switch.id: switch for switch in switches}
        for before, after in pairwise(self.rules):
            if before.id == after.id:
                _follow(before, after)
        for rule in self.rules:
            for band in rule.bands:
                if band.switch is not None and band.switch not in self.switches:
                    raise CatalogueError(f"{rule.id}: the switch {band.switch!r} is not declared")
        ends = (r.valid_until + timedelta(days=1) for r in self.rules if r.valid_until is not None)
        self._changes = sorted({*(rule.valid_from for rule in self.rules), *ends})
        self._periods = [
            {rule.id: rule for rule in self.rules if rule.valid_from <= day and _lasts(rule, day)}
            for day in self._changes
        ]

    @property
    def default_switches(self) -> frozenset[str]:
        return frozenset(switch.id for switch in self.switches.values() if switch.default)

    def on(self, day: date) -> Mapping[str, Rule]:
        """The rules in force that day, by identifier."""
        period = bisect_right(self._changes, day) - 1
        return self._periods[period] if period >= 0 else {}


def _lasts(rule: Rule, day: date) -> bool:
    return rule.valid_until is None or day <= rule.valid_until


def _follow(before: Rule, after: Rule) -> None:
    if before.valid_until is None or before.valid_until >= after.valid_from:
        raise CatalogueError(f"{before.id}: two versions are in force on {after.valid_from}")
    if before.valid_until + timedelta(days=1) != after.valid_from:
        raise CatalogueError(f"{before.id}: no version between {before.valid_until} and {after.valid_from}")


def read(texts: Mapping[str, str]) -> Catalogue:
    """The catalogue written in TOML `texts` (name → content); raises `CatalogueError`."""
    rules: list[Rule] = []
    switches: list[Switch] = []
    for name, text in texts.items():
        try:
            content: dict[str, Any] = tomllib.loads(text)
            read_ = _File.model_validate(content)
        except tomllib.TOMLDecodeError as error:
            raise CatalogueError(f"{name}: {error}") from error
        except ValidationError as error:
            raise CatalogueError(f"{name}: {_first(error, content)}") from error
        rules.extend(read_.rule)
        switches.extend(read_.switch)
    return Catalogue(rules, switches)


def _first(error: ValidationError, content: Mapping[str, Any]) -> str:
    """What is wrong first, with the identifier of the rule instead of its position."""
    problem = error.errors()[0]
    where = [str(part) for part in problem["loc"]]
    if len(where) > 1 and where[1].isdigit():
        row = content[where[0]][int(where[1])]
        where[:2] = [str(row.get("id", "?")), f"from {row.get('valid_from', '?')}"]
    return f"{', '.join(where)}: {problem['msg']}"


@cache
def current() -> Catalogue:
    """The catalogue of the product."""
    folder = files("app.regulations") / "data"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return read({name: (folder / name).read_text(encoding="utf-8") for name in names})
