"""The rules of an offer, by tables. Each case breaks one rule and names it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time

import pytest
from flask import Flask

from app.occupations import reference
from app.offers import safety
from app.offers.rules import (
    DEFAULT_HOURS,
    MAX_PLACES,
    Frame,
    Hours,
    OfferDraft,
    days_sentence,
    hours_advice,
    hours_findings,
    places_field,
    problems,
    span,
)

MONDAY = date(2027, 1, 25)
HOLIDAY = date(2026, 12, 21)
FRAME = Frame(
    mondays=[MONDAY, date(2027, 2, 1)],
    levels=["4e", "3e"],
    site_ids=[7],
    week_problem={HOLIDAY: "Cette semaine tombe pendant les vacances scolaires."},
)
GOOD = OfferDraft(
    title="Redonner vie aux vélos",
    description="Tu démontes, tu nettoies, tu remontes, et tu vois le vélo repartir.",
    sector="REEMPLOI_DECHETS",
    site_id=7,
    occupations=("I1619",),
    conditions=("manuel",),
    levels=("3e",),
    places={MONDAY: 2},
    tutor_name="Karim Lefebvre",
    acknowledged=True,
)


@pytest.fixture(autouse=True)
def french(context: Flask) -> Iterator[None]:
    with context.test_request_context():
        yield


def hours(start: str, lunch: str, back: str, end: str, days: str = "lun,mar,mer,jeu,ven") -> Hours:
    return Hours(*(time.fromisoformat(text) for text in (start, lunch, back, end)), tuple(days.split(",")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "lawful",
    [
        DEFAULT_HOURS,
        hours("08:30", "12:00", "13:00", "15:30"),
        hours("06:00", "10:00", "10:30", "12:30"),
        hours("09:00", "12:00", "13:00", "17:00", "lun,mar,jeu,ven"),  # 7 h a day, 28 h
        hours("09:00", "13:30", "14:00", "16:30", "lun,mar,jeu,ven"),  # 4 h 30 exactly, break of 30 min exactly
        hours("14:00", "17:00", "17:30", "20:00"),
        hours("09:00", "12:00", "13:00", "16:00", "mar,mer,jeu,ven,sam"),  # Sunday and Monday off
        hours("09:00", "11:00", "11:00", "13:00"),  # four hours in a row need no break
    ],
)
def test_lawful_hours_break_no_rule(lawful: Hours) -> None:
    assert hours_findings(lawful) == []


@pytest.mark.parametrize(
    ("rule", "field", "broken"),
    [
        ("HRS-0", "starts_at", hours("12:00", "09:00", "13:00", "16:00")),
        ("HRS-0", "starts_at", hours("09:00", "13:00", "12:00", "16:00")),
        ("HRS-0", "starts_at", hours("09:00", "12:00", "16:00", "16:00")),
        ("HRS-1", "ends_at", hours("09:00", "12:00", "13:00", "17:01", "lun,mar")),
        ("HRS-2", "ends_at", hours("09:00", "12:00", "13:00", "16:01")),
        ("HRS-2", "ends_at", hours("09:00", "12:00", "13:00", "17:00")),  # 7 h × 5 = 35 h
        ("HRS-3", "lunch_starts_at", hours("08:00", "12:31", "13:30", "14:00")),
        ("HRS-3", "lunch_ends_at", hours("10:00", "11:00", "12:00", "16:31")),
        ("HRS-3", "lunch_ends_at", hours("09:00", "12:00", "12:29", "15:00")),
        ("HRS-4", "starts_at", hours("05:59", "10:00", "10:30", "12:00")),
        ("HRS-4", "ends_at", hours("15:00", "17:00", "17:30", "20:01")),
        ("HRS-5", "ends_at", hours("07:00", "10:00", "15:00", "18:00")),
        ("HRS-6", "days", hours("09:00", "12:00", "13:00", "16:00", "jeu,ven,dim")),
        ("HRS-6", "days", hours("09:00", "12:00", "13:00", "15:00", "lun,mar,sam")),
        ("CAL-2", "days", hours("09:00", "12:00", "13:00", "14:00", "lun,mar,mer,jeu,ven,sam")),
        ("CAL-2", "days", hours("09:00", "12:00", "13:00", "16:00", "")),
        ("CAL-2", "days", hours("09:00", "12:00", "13:00", "16:00", "lundi")),
    ],
)
def test_each_broken_rule_is_named_at_its_field(rule: str, field: str, broken: Hours) -> None:
    assert (rule, field) in {(f.rule, f.field) for f in hours_findings(broken)}
    assert all(f.sentence for f in hours_findings(broken))


def test_two_days_apart_need_no_night_between_them() -> None:
    assert "HRS-5" not in {f.rule for f in hours_findings(hours("07:00", "10:00", "15:00", "18:00", "lun,mer,ven"))}


def test_short_weeks_are_remarked_and_not_refused() -> None:
    short = hours("09:00", "12:00", "13:00", "16:00", "lun,mar,jeu")
    assert hours_findings(short) == []
    assert hours_advice(short) is not None
    assert hours_advice(DEFAULT_HOURS) is None


def test_a_good_offer_has_no_problem() -> None:
    assert problems(GOOD, FRAME, complete=True) == {}


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", {"title": ""}),
        ("title", {"title": "x" * 121}),
        ("description", {"description": ""}),
        ("description", {"description": "Trop court."}),
        ("description", {"description": "x" * 10_000}),
        ("sector", {"sector": ""}),
        ("sector", {"sector": "<script>"}),
        ("site_id", {"site_id": None}),
        ("site_id", {"site_id": 8}),
        ("occupations", {"occupations": ()}),
        ("occupations", {"occupations": ("x" * 121,)}),
        ("occupations", {"occupations": tuple("abcdef")}),
        ("conditions", {"conditions": ("inconnu",)}),
        ("levels", {"levels": ()}),
        ("levels", {"levels": ("5e",)}),
        ("levels", {"levels": ("3e", "2de")}),
        ("weeks", {"places": {}}),
        ("weeks", {"places": None}),
        ("weeks", {"places": {MONDAY: 0}}),
        ("weeks", {"places": {HOLIDAY: 1}}),
        ("weeks", {"places": {date(2027, 1, 26): 1}}),
        (places_field(MONDAY), {"places": {MONDAY: MAX_PLACES + 1}}),
        (places_field(MONDAY), {"places": {MONDAY: 10**9}}),
        (places_field(MONDAY), {"places": {MONDAY: -1}}),
        ("tutor_name", {"tutor_name": ""}),
        ("tutor_name", {"tutor_name": "x" * 121}),
        ("lunch", {"lunch": "x" * 301}),
        ("acknowledged", {"acknowledged": False}),
        ("ends_at", {"hours": hours("08:30", "12:00", "13:00", "17:00")}),
    ],
)
def test_each_wrong_field_gets_its_own_sentence(field: str, change: dict[str, object]) -> None:
    found = problems(replace(GOOD, **change), FRAME, complete=True)  # type: ignore[arg-type]
    assert list(found) == [field]
    assert found[field].endswith(".")


def test_a_week_in_the_holidays_says_so() -> None:
    found = problems(replace(GOOD, places={HOLIDAY: 1}), FRAME, complete=True)
    assert "vacances" in found["weeks"]


def test_a_draft_may_have_holes_but_not_nonsense() -> None:
    assert problems(OfferDraft(title="Une idée", site_id=7), FRAME, complete=False) == {}
    assert "ends_at" in problems(
        OfferDraft(title="Une idée", site_id=7, hours=hours("09:00", "12:00", "13:00", "23:00")), FRAME, complete=False
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (["lun", "mar", "mer", "jeu", "ven"], "du lundi au vendredi"),
        (["ven", "lun"], "lundi et vendredi"),
        (["lun", "mar", "jeu"], "lundi, mardi et jeudi"),
        (["mer"], "mercredi"),
        ([], ""),
    ],
)
def test_days_are_said_as_people_say_them(days: list[str], words: str) -> None:
    assert days_sentence(days) == words


def test_spans_are_written_in_hours_and_minutes() -> None:
    assert span(420) == "7\u00a0h"
    assert span(455) == "7\u00a0h\u00a035"


def test_every_sector_is_told_what_is_forbidden_there_and_names_exist() -> None:
    sectors = set(reference.sectors())
    assert set().union(*(work.sectors for work in safety.FORBIDDEN)) <= sectors
    for sector in sectors:
        articles = [work.article for work in safety.relevant(sector)]
        assert {"D4153-17", "D4153-28"} <= set(articles)
    assert "D4153-27" in {w.article for w in safety.relevant("MOBILITE")}
    assert "D4153-27" not in {w.article for w in safety.relevant("PETITE_ENFANCE")}
    assert safety.relevant(None) == list(safety.FORBIDDEN)
