"""When a stage may be looked back upon, and what a structure's record counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.feedback.reliability import Promise, Record
from app.feedback.rules import Again, is_open, year_forgotten_on
from app.placements.states import Answer, PlacementState

T0 = datetime(2027, 1, 4, tzinfo=UTC)


def _said(*hours_and_answers: tuple[float, Answer]) -> tuple[tuple[Answer, datetime], ...]:
    return tuple((answer, T0 + timedelta(hours=hours)) for hours, answer in hours_and_answers)


def test_a_record_counts_what_happened() -> None:
    yes, no = Answer.YES, Answer.NO
    promises = (
        Promise(PlacementState.COMPLETED, T0, _said((2, yes)), Again.YES),
        Promise(PlacementState.COMPLETED, T0, _said((10, yes)), Again.NO),
        Promise(PlacementState.DECLINED, T0, _said((1, no))),
        Promise(PlacementState.DECLINED, T0, _said((4, yes), (90, no))),
        Promise(PlacementState.AWAITING, T0),
        Promise(PlacementState.CANCELLED, T0),  # taken back before any answer: nothing was asked
        Promise(PlacementState.TO_VERIFY, T0),
    )
    record = Record(1, "x", promises)
    assert (record.asked, record.answered, record.silent) == (5, 4, 1)
    assert record.rate == 0.8
    assert record.hours == 3
    assert (record.declined, record.withdrawn, record.hosted) == (1, 1, 2)
    assert (record.again, record.not_again) == (1, 1)


def test_a_rate_of_nearly_nothing_is_no_rate() -> None:
    assert Record(1, "x", (Promise(PlacementState.AWAITING, T0),)).rate is None
    assert Record(1, "x", ()).hours is None


@pytest.mark.parametrize(
    ("state", "today", "opened"),
    [
        (PlacementState.UNDER_WAY, date(2027, 1, 28), False),
        (PlacementState.UNDER_WAY, date(2027, 1, 29), True),
        (PlacementState.COMPLETED, date(2027, 1, 29), True),
        (PlacementState.INTERRUPTED, date(2027, 1, 26), True),
        (PlacementState.CONFIRMED, date(2027, 2, 28), False),
        (PlacementState.DECLINED, date(2027, 2, 28), False),
    ],
)
def test_when_a_stage_may_be_looked_back_upon(state: PlacementState, today: date, opened: bool) -> None:
    assert is_open(state, date(2027, 1, 29), today) is opened


def test_diaries_are_forgotten_a_month_after_the_year() -> None:
    assert year_forgotten_on("2026-2027") == date(2027, 8, 31)
