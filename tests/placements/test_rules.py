"""The state table, what several answers mean together, and the rhythm of reminders: by tables."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.kernel.errors import IllegalTransition
from app.placements.rules import PATIENCE, FamilyWord, Patience, family_word, patience_on, reminder_due
from app.placements.states import LIVE, TABLE, TOLD, Answer, PlacementState, Side

S = PlacementState
Y, N = Answer.YES, Answer.NO

STEPS = {
    (S.TO_VERIFY, "verify"): S.AWAITING,
    (S.TO_VERIFY, "reject"): S.REJECTED,
    (S.TO_VERIFY, "cancel"): S.CANCELLED,
    (S.AWAITING, "confirm"): S.CONFIRMED,
    (S.AWAITING, "decline"): S.DECLINED,
    (S.AWAITING, "refuse"): S.REFUSED,
    (S.AWAITING, "cancel"): S.CANCELLED,
    (S.CONFIRMED, "decline"): S.DECLINED,
    (S.CONFIRMED, "refuse"): S.REFUSED,
    (S.CONFIRMED, "cancel"): S.CANCELLED,
    (S.CONFIRMED, "start"): S.UNDER_WAY,
    (S.DECLINED, "reconsider"): S.AWAITING,
    (S.REFUSED, "reconsider"): S.AWAITING,
    (S.UNDER_WAY, "complete"): S.COMPLETED,
    (S.UNDER_WAY, "interrupt"): S.INTERRUPTED,
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", [t.action for t in TABLE])
def test_the_table_leads_where_it_says_and_nowhere_else(state: S, action: str) -> None:
    if (state, action) in STEPS:
        assert TABLE.step(state, action).target is STEPS[(state, action)]
    else:
        with pytest.raises(IllegalTransition):
            TABLE.step(state, action)


def test_every_no_and_every_undoing_says_why() -> None:
    for transition in TABLE:
        leaves = transition.sources & LIVE and transition.target not in LIVE
        assert transition.needs_reason == bool(leaves), transition.action


def test_a_find_is_live_and_told_to_nobody() -> None:
    assert {S.TO_VERIFY} == LIVE - TOLD


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ([], FamilyWord(Answer.NONE)),
        ([(1, Y)], FamilyWord(Y)),
        ([(1, N)], FamilyWord(N)),
        ([(1, Y), (2, Y)], FamilyWord(Y)),
        ([(1, Y), (2, N)], FamilyWord(Y, disputed=True)),
        ([(1, N), (2, Y)], FamilyWord(Y, disputed=True)),
        ([(1, Y), (1, N)], FamilyWord(N)),
        ([(1, N), (1, Y)], FamilyWord(Y)),
        ([(1, Y), (2, N), (2, Y)], FamilyWord(Y)),
        ([(1, Y), (2, N), (1, N)], FamilyWord(N)),
        ([(None, Y)], FamilyWord(Y)),
        ([(1, Y), (None, N)], FamilyWord(Y, disputed=True)),
        ([(None, N), (None, Y)], FamilyWord(Y)),
    ],
)
def test_what_a_family_says_together(said: list[tuple[int | None, Answer]], word: FamilyWord) -> None:
    assert family_word(said) == word


ASKED = date(2027, 1, 4)


@pytest.mark.parametrize(
    ("days", "already", "due"),
    [
        (0, 0, None),
        (3, 0, None),
        (4, 0, 1),
        (4, 1, None),
        (7, 1, None),
        (8, 1, 2),
        (8, 0, 2),
        (30, 0, 2),
        (30, 2, None),
    ],
)
def test_when_a_reminder_is_due(days: int, already: int, due: int | None) -> None:
    for side in Side:
        assert reminder_due(ASKED, ASKED + timedelta(days=days), side, already) == due


def test_a_new_line_changes_only_what_is_asked_from_its_date_on(monkeypatch: pytest.MonkeyPatch) -> None:
    quicker = Patience(date(2027, 9, 1), {Side.HOST: (2,), Side.FAMILY: (3, 6)}, shown_after=7)
    monkeypatch.setattr("app.placements.rules.PATIENCE", (*PATIENCE, quicker))
    assert patience_on(date(2027, 8, 31)) == PATIENCE[0]
    assert patience_on(date(2027, 9, 1)) == quicker
    assert reminder_due(date(2027, 9, 1), date(2027, 9, 3), Side.HOST, 0) == 1
    assert reminder_due(date(2027, 8, 31), date(2027, 9, 2), Side.HOST, 0) is None
