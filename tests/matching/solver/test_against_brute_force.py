"""Every rule on, small markets: the solver finds what trying everything finds, and the checker agrees."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import assignment, flow, network, objectives, sparing, verification
from matching.problem import OBJECTIVES, Market, MarketError, Pair, Slot, Student
from tests.matching.solver import brute
from tests.matching.solver.markets import random_market


def compare(market: Market, objective: str) -> None:
    every = list(brute.allocations(market))
    if not every:
        with pytest.raises(MarketError):
            assignment.solve(market, objective)
        return
    most = max(map(len, every))
    best = min(brute.key(market, objective, outcome, most) for outcome in every)
    solution = assignment.solve(market, objective)
    assert brute.key(market, objective, solution.places(), most) == pytest.approx(best)
    assert verification.check(market, solution).faults == ()


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(OBJECTIVES))
def test_flow_rules(seed, objective):
    compare(random_market(seed), objective)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(OBJECTIVES))
def test_rules_that_no_flow_expresses(seed, objective):
    compare(random_market(seed, conditions=True), objective)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(OBJECTIVES))
def test_what_large_markets_try_first_loses_nothing(seed, objective):
    """Light weights and spared pairs, which only markets of 50,000 arcs would see."""
    with patch.object(flow, "LIGHT_ARCS", 0), patch.object(sparing, "LEAST_SHARE", 0):
        compare(random_market(seed), objective)


def spared(*pairs: Pair, places: int = 1) -> list[bool] | None:
    students = tuple(Student(name) for name in sorted({p.student for p in pairs}))
    slots = tuple(Slot(name, name, "h", "w", places) for name in sorted({p.slot for p in pairs}))
    market = Market(students, slots, (), pairs)
    net = network.build(market)
    tiers = objectives.tiers_for(market, "balanced", net.pairs, net.free, None, 0, ())
    assert [t.name for t in tiers[:2]] == ["placed", "unacceptable"]
    found = sparing.pairs_to_spare(net, tiers[1])
    return None if found is None else found.tolist()


def test_pairs_are_spared_only_when_as_many_are_placed_without_them():
    poor = {"affinity": 0.1, "acceptable": False}
    assert spared(Pair("a", "x"), Pair("a", "y", **poor), Pair("b", "y")) == [False, True, False]
    assert spared(Pair("a", "x"), Pair("a", "y", **poor), Pair("b", "x")) is None
    assert spared(Pair("a", "x"), Pair("a", "y", **poor), Pair("b", "x"), places=2) == [False, True, False]
    chain = (Pair("a", "x"), Pair("a", "y"), Pair("b", "y"), Pair("b", "z", **poor), Pair("c", "x"))
    assert spared(*chain) is None  # placing all three moves somebody through a chain to z
