"""The rules of retention as data: whole, dated, and nothing personal left out."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.kernel.database import db
from app.privacy.queries import retention as queries
from app.privacy.retention_rules import (
    ANNOUNCED_FOR,
    After,
    Held,
    Rule,
    announced_for,
    catalogue,
    due_of_year,
    in_force,
    last_day_due,
    last_year_end_due,
    later,
    rule_of,
    year_end,
)
from app.privacy.retention_words import TABLES, delay
from app.privacy.services.forgetting import VERBS

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2027, 7, 31), 3, date(2027, 10, 31)),
        (date(2027, 7, 31), 1, date(2027, 8, 31)),
        (date(2027, 7, 31), 7, date(2028, 2, 29)),
        (date(2027, 7, 31), 24, date(2029, 7, 31)),
        (date(2028, 2, 29), -12, date(2027, 2, 28)),
        (date(2027, 3, 15), -6, date(2026, 9, 15)),
    ],
)
def test_months_later(day: date, months: int, then: date) -> None:
    assert later(day, months) == then


def test_every_personal_column_has_a_rule_that_forgets_it() -> None:
    """A column which says that it is personal, in a table that no rule forgets, would stay for ever."""
    forgotten = set().union(*[rule.tables for rule in in_force(TODAY)])
    personal = {
        table.name for table in db.metadata.sorted_tables if any(column.info.get("privacy") for column in table.columns)
    }
    assert personal <= forgotten, f"no rule of retention.toml forgets {sorted(personal - forgotten)}"


def test_rules_name_tables_columns_paths_and_verbs_that_exist(context: Flask) -> None:
    for rule in in_force(TODAY):
        assert rule.tables <= set(db.metadata.tables)
        assert not rule.verb or rule.verb in VERBS
        assert delay(rule)
        for step in rule.step:
            statement = queries.rows_due(
                rule, step, 1 if step.file and rule.announced else None, TODAY, Held(frozenset({1}))
            )
            assert db.session.scalars(statement).all() == []
            assert step.table in TABLES


@pytest.mark.parametrize(
    "wrong",
    [
        {"after": "verb"},
        {"after": "moment"},
        {"after": "moment", "step": [{"table": "wish"}]},
        {"after": "moment", "step": [{"table": "wish", "at": "x", "misspelt": 1}]},
    ],
)
def test_half_a_rule_is_refused(wrong: dict[str, object]) -> None:
    whole = {"id": "x", "title": "x", "sentence": "x", "basis": "x", "valid_from": TODAY}
    with pytest.raises(ValidationError):
        Rule.model_validate({**whole, **wrong})


def test_no_rule_is_in_force_before_its_day() -> None:
    assert in_force(date(2026, 8, 31)) == []
    assert len({rule.id for rule in in_force(TODAY)}) == len(catalogue().rule)


def test_the_year_ends_on_31_july_and_wishes_three_months_later() -> None:
    wishes = rule_of("wishes", TODAY)
    assert wishes is not None
    assert due_of_year(wishes, "2026-2027") == date(2027, 10, 31)
    assert last_year_end_due(wishes, date(2027, 10, 30)) == date(2026, 7, 31)
    assert last_year_end_due(wishes, date(2027, 10, 31)) == date(2027, 7, 31)
    assert year_end("2030-2031") == date(2031, 7, 31)


@given(st.dates(date(2026, 9, 1), date(2040, 1, 1)), st.sampled_from(catalogue().rule))
def test_nothing_is_forgotten_before_thirty_days_nor_before_its_time(today: date, rule: Rule) -> None:
    assert today + ANNOUNCED_FOR <= announced_for(rule, today)
    assert announced_for(rule, today).day == 1 or rule.after is After.SCHOOL_YEAR
    years = [f"{y}-{y + 1}" for y in (today.year - 2, today.year - 1, today.year)]
    for year in years:
        assert announced_for(rule, today, [year]) >= due_of_year(rule, year)
    assert last_day_due(rule, today) <= today
