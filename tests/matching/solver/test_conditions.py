"""Friends, minimums and crossing limits: kept by the flow, settled by programme, or valid when time is out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching import assignment, checking_rules, shortage, synthetic, verification
from matching.problem import (
    OBJECTIVES,
    Equity,
    Host,
    Limit,
    Market,
    MarketError,
    Pair,
    Slot,
    Student,
    Together,
)
from matching.synthetic import Size
from tests.matching.solver.markets import random_market


def students(*names: str) -> tuple[Student, ...]:
    return tuple(Student(name) for name in names)


def slot(name: str, capacity: int, minimum: int = 0) -> Slot:
    return Slot(name, name, "h", "w", capacity, minimum)


def test_friends_are_put_together_when_nobody_loses_a_place():
    pairs = (Pair("a", "x", 0.9), Pair("a", "y", 0.4), Pair("b", "y", 0.9), Pair("c", "x", 0.5), Pair("c", "y", 0.5))
    market = Market(students("a", "b", "c"), (slot("x", 1), slot("y", 2)), (), pairs, together=(Together("a", "b"),))
    solution = assignment.solve(market)
    assert solution.places() == {"a": "y", "b": "y", "c": "x"}
    assert {t.name: t.value for t in solution.objective.tiers}["together"] == 1
    assert solution.optimal.proved
    assert verification.check(market, solution).ok


def test_a_wish_to_be_together_never_costs_a_place():
    pairs = (Pair("a", "x", 0.9), Pair("a", "y", 0.4), Pair("b", "y", 0.9), Pair("c", "y", 0.5))
    market = Market(students("a", "b", "c"), (slot("x", 1), slot("y", 2)), (), pairs, together=(Together("a", "b"),))
    assert len(assignment.solve(market).assignments) == 3


def test_those_who_must_be_together_are_left_rather_than_parted():
    pairs = (Pair("a", "x", 0.9), Pair("b", "y", 0.9))
    market = Market(students("a", "b"), (slot("x", 1), slot("y", 1)), (), pairs, together=(Together("a", "b", True),))
    solution = assignment.solve(market)
    assert solution.assignments == ()
    assert verification.check(market, solution).ok


def test_a_slot_opens_for_its_minimum_or_not_at_all():
    pairs = (Pair("a", "x", 0.9), Pair("a", "y", 0.1), Pair("b", "y", 0.2))
    market = Market(students("a", "b"), (slot("x", 2, 2), slot("y", 1)), (), pairs)
    solution = assignment.solve(market)
    assert set(solution.places().values()) == {"y"}
    assert solution.optimal.method == "branch and bound"


def test_conditions_that_the_flow_respects_are_proved_by_prices():
    pairs = (Pair("a", "x", 0.9), Pair("b", "x", 0.9))
    market = Market(students("a", "b"), (slot("x", 2, 2),), (), pairs, together=(Together("a", "b", True),))
    assert assignment.solve(market).optimal.method == "dual prices"


def test_limits_that_cross_one_another_hold():
    people = tuple(Student(f"s{i}", {"class": "xy"[i % 2], "rep": "01"[i // 2]}) for i in range(4))
    pairs = tuple(Pair(f"s{i}", "t", 0.5) for i in range(4))
    market = Market(people, (slot("t", 4),), (), pairs, limits=(Limit("class", 1), Limit("rep", 1)))
    solution = assignment.solve(market)
    assert len(solution.assignments) == 2
    assert verification.check(market, solution).ok


def test_pins_and_conditions_that_exclude_one_another_are_refused():
    market = Market(students("a", "b"), (slot("x", 2, 2),), (), (Pair("a", "x"),), pinned=(("a", "x"),))
    with pytest.raises(MarketError, match="exclude one another"):
        assignment.solve(market)


@pytest.mark.parametrize("seed", range(60))
def test_without_time_the_answer_is_valid_and_the_gap_is_honest(seed):
    market = random_market(seed, 7, 5, conditions=True)
    try:
        hasty, thorough = assignment.solve(market, seconds=0), assignment.solve(market)
    except MarketError:
        return
    assert list(checking_rules.validity(market, hasty)) == []
    assert len(thorough.assignments) - len(hasty.assignments) <= hasty.optimal.gap


@pytest.mark.parametrize("must", [False, True])
def test_a_large_basin_has_no_waste_and_no_envy(must):
    """Above 2,000 pairs the lottery leaves the programme; what it decides is not a fault."""
    market = synthetic.market(Size(300, 240))
    assert len(market.pairs) > 2_000
    couples = tuple(Together(f"s{k:03}", f"s{k + 1:03}", must) for k in range(0, 24, 2))
    slots = tuple(replace(s, minimum=2) if s.capacity > 1 and k % 5 == 0 else s for k, s in enumerate(market.slots))
    market = replace(market, together=couples, slots=slots)
    solution = assignment.solve(market)
    assert solution.optimal.method == "branch and bound"
    report = verification.check(market, solution)
    assert report.faults == ()
    assert "lottery" in report.facts["not_judged"]


EMPTY = {
    "nothing": Market((), (), (), ()),
    "nobody": Market((), (slot("t", 1),), (), ()),
    "no slot": Market(students("a"), (), (), ()),
    "no pair, one pin": Market(students("a"), (slot("t", 1),), (), (), pinned=(("a", "t"),)),
    "no place": Market(
        (Student("a", {"g": "x"}),),
        (slot("t", 0),),
        (Host("h", 0),),
        (Pair("a", "t"),),
        limits=(Limit("g", 1),),
        equity=(Equity("g"),),
    ),
}


@pytest.mark.parametrize("market", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_markets_with_nothing_to_decide(market, objective):
    solution = assignment.solve(market, objective)
    assert len(solution.assignments) == len(market.pinned)
    assert verification.check(market, solution).ok
    gains = [cell.one_more for cell in shortage.find(market, solution).cells]
    assert gains == [1] * len(market.pairs)
