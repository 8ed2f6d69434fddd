"""The rules of an offer, by tables. Each case breaks one rule and names it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from app.occupations import reference
from app.offers import safety
from app.offers.rules import (
    MAX_PLACES,
    Frame,
    OfferDraft,
    hours_findings,
    hours_lines,
    places_field,
    problems,
)
from app.regulations.rules import Interval, WeekHours

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


def hours(*intervals: tuple[str, str], weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)) -> WeekHours:
    return WeekHours.uniform([Interval.at(*pair) for pair in intervals], weekdays)


def broken(draft: OfferDraft, frame: Frame = FRAME) -> set[str]:
    return {finding.rule for finding in hours_findings(draft, frame)}


SEVEN = hours(("09:00", "12:00"), ("13:00", "17:00"))


def test_usual_hours_break_nothing() -> None:
    assert hours_findings(GOOD, FRAME) == ()


def test_the_youngest_of_the_levels_decides() -> None:
    frame = replace(FRAME, levels=["3e", "2de"])
    assert broken(replace(GOOD, hours=SEVEN, levels=("3e",)), frame) == {"HRS-2"}
    assert broken(replace(GOOD, hours=SEVEN, levels=("2de",)), frame) == set()
    assert broken(replace(GOOD, hours=SEVEN, levels=("2de", "3e")), frame) == {"HRS-2"}
    assert broken(replace(GOOD, hours=SEVEN, levels=()), frame) == {"HRS-2"}


def test_each_week_offered_is_looked_at_and_a_sentence_said_once() -> None:
    saturday = date(2027, 2, 6)
    frame = replace(FRAME, closed_days={saturday: "ce sont les vacances scolaires de la zone B"})
    draft = replace(GOOD, hours=hours(("09:00", "12:00"), ("13:00", "16:00"), weekdays=(1, 2, 3, 4, 5)))
    assert broken(replace(draft, places={MONDAY: 1}), frame) == set()
    (line,) = hours_lines(replace(draft, places={MONDAY: 1, date(2027, 2, 1): 1}), frame)
    assert line.rule == "CAL-1"
    assert line.text.startswith("Samedi : pas de stage ce jour-là")


def test_hours_that_could_not_be_read_break_nothing_more() -> None:
    assert hours_findings(replace(GOOD, hours=None), FRAME) == ()


def test_short_weeks_are_remarked_and_not_refused() -> None:
    short = replace(GOOD, hours=hours(("09:00", "12:00"), ("13:00", "16:00"), weekdays=(0, 1, 3)))
    assert broken(short) == {"HRS-7"}
    assert problems(short, FRAME, complete=True) == {}


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
        ("hours", {"hours": SEVEN}),
        ("hours", {"hours": WeekHours()}),
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
    assert "hours" in problems(OfferDraft(title="Une idée", site_id=7, hours=SEVEN), FRAME, complete=False)


def test_every_sector_is_told_what_is_forbidden_there_and_names_exist() -> None:
    sectors = set(reference.sectors())
    assert set().union(*(work.sectors for work in safety.FORBIDDEN)) <= sectors
    for sector in sectors:
        articles = [work.article for work in safety.relevant(sector)]
        assert {"D4153-17", "D4153-28"} <= set(articles)
    assert "D4153-27" in {w.article for w in safety.relevant("MOBILITE")}
    assert "D4153-27" not in {w.article for w in safety.relevant("PETITE_ENFANCE")}
    assert safety.relevant(None) == list(safety.FORBIDDEN)
