"""Every rule on, small markets: the solver finds what trying everything finds, and the checker agrees."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import assignment, verification
from matching.problem import OBJECTIVES, Market, MarketError
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
