from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.clock import PARIS
from app.kernel.geography import Point, TravelMode
from app.placements.stage_rules import Spot, SpotKind, deadline, journey, plan, sequence

HOME, NEAR, FAR = Point(50.41, 2.95), Point(50.42, 2.96), Point(50.55, 3.1)
HOLIDAYS = {date(2027, 3, 29), date(2027, 5, 6)}  # Easter Monday, Ascension


def closed(day: date) -> bool:
    return day in HOLIDAYS


@pytest.mark.parametrize(
    ("known", "until"),
    [
        ("2027-01-25 10:00", "2027-01-27 10:00"),  # Monday to Wednesday
        ("2027-01-28 16:30", "2027-01-30 16:30"),  # Thursday to Saturday
        ("2027-01-29 10:00", "2027-02-01 10:00"),  # Friday: Sunday does not count
        ("2027-01-30 10:00", "2027-02-02 10:00"),  # Saturday
        ("2027-01-31 10:00", "2027-02-03 00:00"),  # Sunday: the count starts on Monday at midnight
        ("2027-03-27 09:00", "2027-03-31 09:00"),  # Saturday before Easter: Sunday and Monday do not count
        ("2027-05-05 12:00", "2027-05-08 12:00"),  # Wednesday before Ascension
    ],
)
def test_the_declaration_is_due_after_48_hours_that_count(known: str, until: str) -> None:
    at = datetime.fromisoformat(known).replace(tzinfo=PARIS)
    assert deadline(at, closed) == datetime.fromisoformat(until).replace(tzinfo=PARIS)


@given(st.integers(0, 600 * 24 * 60))
def test_hours_that_count_minute_by_minute(after: int) -> None:
    """The same, found again one minute at a time."""
    known = datetime.fromisoformat("2026-09-01 00:00") + timedelta(minutes=after)
    at, minutes = known, 0
    while minutes < 48 * 60:
        if at.weekday() != 6 and not closed(at.date()):
            minutes += 1
        at += timedelta(minutes=1)
    assert deadline(known.replace(tzinfo=PARIS), closed).replace(tzinfo=None) == at


def test_nobody_is_told_to_walk_for_two_hours() -> None:
    near, far = journey(HOME, NEAR), journey(HOME, FAR)
    assert [mode for mode, _ in near.minutes] == [TravelMode.WALK, TravelMode.BIKE, TravelMode.BUS]
    assert [mode for mode, _ in far.minutes] == [TravelMode.BIKE, TravelMode.BUS]
    assert near.km == pytest.approx(1.3 * 1.32, abs=0.1)
    assert dict(near.minutes)[TravelMode.BIKE] < dict(near.minutes)[TravelMode.WALK]


def test_a_plan_is_to_scale_with_the_north_up() -> None:
    spots = [Spot("Jardin", NEAR, SpotKind.SITE), Spot("Collège", HOME, SpotKind.SCHOOL)]
    drawn = plan(spots, [Spot("Loin", FAR, SpotKind.TOWN), Spot("Dessus", NEAR, SpotKind.TOWN)])
    site, school = drawn.of(SpotKind.SITE), drawn.of(SpotKind.SCHOOL)
    assert site is not None
    assert school is not None
    assert (site.x > school.x, site.y < school.y) == (True, True)
    assert all(0 < spot.x < drawn.width and 0 < spot.y < drawn.height for spot in drawn.spots)
    assert [d.spot.label for d in drawn.spots] == ["Jardin", "Collège"]  # outside the frame, or under something else
    distance = ((site.x - school.x) ** 2 + (site.y - school.y) ** 2) ** 0.5
    assert distance / (drawn.scale / drawn.scale_km) == pytest.approx(1.32, abs=0.05)


@given(st.floats(49.9, 50.8), st.floats(2.0, 3.5), st.floats(49.9, 50.8), st.floats(2.0, 3.5))
def test_a_plan_never_leaves_its_frame(a: float, b: float, c: float, d: float) -> None:
    drawn = plan([Spot("a", Point(a, b), SpotKind.SITE), Spot("b", Point(c, d), SpotKind.HOME)])
    assert all(40 <= spot.x <= drawn.width - 40 and 40 <= spot.y <= drawn.height - 40 for spot in drawn.spots)


def test_the_sequence_grows_with_the_last_change() -> None:
    first = datetime(2027, 1, 4, 9, tzinfo=PARIS)
    assert [sequence(first, first + timedelta(hours=h)) for h in (0, 1, 5)] == [0, 3600, 18000]
    assert sequence(first, first - timedelta(days=1)) == 0
