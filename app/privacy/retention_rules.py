"""How long things are kept: `data/retention.toml`, read and checked once; and the dates that follow from it. Pure."""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, model_validator

ANNOUNCED_FOR = timedelta(days=30)
LONGEST_HOLD = timedelta(days=366)
SITE = "site"  # the place of what belongs to no territory


@dataclass(frozen=True, slots=True)
class Held:
    """The files that wait, whatever the rules say: numbers of students and of adults' accounts."""

    students: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.students) + len(self.accounts)


class After(StrEnum):
    SCHOOL_YEAR = "school_year"
    MOMENT = "moment"
    VERB = "verb"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Row):
    """Rows of one table: deleted, or emptied in the columns of `blank`. `days`: a delay of its own."""

    table: str
    blank: tuple[str, ...] = ()
    year: str = ""
    at: str = ""
    file: str = ""
    days: int | None = None


class Rule(_Row):
    """`months` and `days` after what `after` says. `covers`: tables that a verb, and no step, takes care of."""

    id: str
    title: str
    sentence: str
    after: After
    months: int = 0
    days: int = 0
    basis: str
    valid_from: date
    announced: bool = False
    snapshot: bool = False
    verb: str = ""
    by: str = ""
    covers: tuple[str, ...] = ()
    step: tuple[Step, ...] = Field(default=())

    @model_validator(mode="after")
    def _whole(self) -> Rule:
        if self.after is After.VERB and not self.verb:
            raise ValueError(f"{self.id}: name the verb")
        if self.after is not After.VERB and not self.step and not self.by:
            raise ValueError(f"{self.id}: nothing to forget")
        for step in self.step:
            if not (step.year or step.at):
                raise ValueError(f"{self.id}, {step.table}: neither `year` nor `at`")
        return self

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(self.covers) | {step.table for step in self.step}


class Catalogue(_Row):
    version: str
    rule: tuple[Rule, ...]


@cache
def catalogue() -> Catalogue:
    """The data, refused as a whole when a line of it is wrong."""
    text = (files("app.privacy") / "data" / "retention.toml").read_text(encoding="utf-8")
    return Catalogue.model_validate(tomllib.loads(text))


def in_force(today: date) -> list[Rule]:
    """The version of each rule that holds on that day, in the order of the file (what points at rows goes first)."""
    latest: dict[str, Rule] = {}
    for rule in catalogue().rule:
        known = latest.get(rule.id)
        if rule.valid_from <= today and (known is None or known.valid_from <= rule.valid_from):
            latest[rule.id] = rule
    return list(latest.values())


def rule_of(rule_id: str, today: date) -> Rule | None:
    return next((rule for rule in in_force(today) if rule.id == rule_id), None)


def year_end(school_year: str) -> date:
    """The 31 July of « 2026-2027 »."""
    return date(int(school_year[5:9]), 7, 31)


def later(day: date, months: int) -> date:
    """So many months after (or before), at the end of the month when it is shorter; the last day stays the last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if is_last else min(day.day, last))


def due_of_year(rule: Rule, school_year: str) -> date:
    return later(year_end(school_year), rule.months) + timedelta(days=rule.days)


def last_day_due(rule: Rule, cutoff: date, days: int | None = None) -> date:
    """What happened on this day or before is due at `cutoff`, for rules that count from a moment."""
    if days is not None:
        return cutoff - timedelta(days=days)
    return later(cutoff, -rule.months) - timedelta(days=rule.days)


def last_year_end_due(rule: Rule, cutoff: date) -> date:
    """The end of the latest school year whose things are due at `cutoff`."""
    years = range(cutoff.year, cutoff.year - 12, -1)
    return next(date(y, 7, 31) for y in years if later(date(y, 7, 31), rule.months) <= cutoff)


def announced_for(rule: Rule, today: date, school_years: Iterable[str] = ()) -> date:
    """The day on which what is announced today is forgotten: never before 30 days.

    With the school years of what there is to forget, the day that the rule gives the earliest of them; else the first
    of a month, so that accounts are forgotten in one batch a month.
    """
    soonest = today + ANNOUNCED_FOR
    years = list(school_years)
    if years:
        return max(soonest, min(due_of_year(rule, year) for year in years))
    return soonest if soonest.day == 1 else later(soonest.replace(day=1), 1)
