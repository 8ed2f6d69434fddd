"""A repair moves the firmest last: as few of the highest firmness as can be, then as few of the two highest…"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching import assignment, interchange, repair, verification
from matching.problem import Assignment, Market, ObjectiveValue, Optimality, Pair, Slot, Solution, Student
from tests.matching.solver import brute
from tests.matching.solver.markets import random_market


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_no_allocation_that_places_as_many_spares_the_firmest_better(seed, data):
    market = replace(random_market(seed), pinned=())
    assume(not any(rule.strict for rule in market.equity))
    students = tuple(replace(s, firmness=data.draw(st.integers(0, 2))) for s in market.students)
    market = replace(market, students=students)
    solution = assignment.solve(market)
    assume(solution.assignments)
    gone = data.draw(st.sampled_from([a.slot for a in solution.assignments]))
    plan = repair.repair(market, solution, [gone])
    held = solution.places()
    firmness = {s.id: s.firmness for s in students}

    def moves(outcome):
        return tuple(sum(firmness[s] >= level and outcome.get(s) != t for s, t in held.items()) for level in (2, 1, 0))

    every = list(brute.allocations(plan.market))
    most = max(map(len, every))
    assert plan.placed_after == most
    assert moves(plan.solution.places()) == min(moves(outcome) for outcome in every if len(outcome) == most)
    assert verification.check(plan.market, plan.solution, solution).faults == ()


@pytest.mark.parametrize("firm", [0, 1])
def test_two_light_moves_rather_than_a_firm_one(firm):
    """Lina lost the bikes. Enzo could leave her the garden at once; or Inès and Tom move one after the other."""
    names = ("lina", "enzo", "ines", "tom")
    students = tuple(Student(name, firmness=firm if name == "enzo" else 0) for name in names)
    slots = tuple(
        Slot(name, name, name, "w", n)
        for name, n in (("bikes", 0), ("garden", 1), ("shop", 1), ("library", 1), ("farm", 1), ("kitchen", 1))
    )
    open_to = {
        "lina": ("bikes", "garden", "shop"),
        "enzo": ("garden", "farm"),
        "ines": ("shop", "library"),
        "tom": ("library", "kitchen"),
    }
    market = Market(students, slots, (), tuple(Pair(s, t, 0.5) for s, places in open_to.items() for t in places))
    before = (("lina", "bikes"), ("enzo", "garden"), ("ines", "shop"), ("tom", "library"))
    former = Solution(
        tuple(Assignment(*pair) for pair in before),
        (),
        ObjectiveValue("balanced", ()),
        Optimality(False, 0, "given"),
        (),
        {},
        0.0,
    )
    plan = repair.repair(market, former)
    assert plan.placed_after == 4
    moved = {move.student: move.after for move in plan.moves}
    if firm:
        assert moved == {"lina": "shop", "ines": "library", "tom": "kitchen"}
    else:
        assert moved == {"lina": "garden", "enzo": "farm"}


def test_firmness_travels_with_the_market():
    market = Market((Student("a", firmness=2), Student("b")), (Slot("t", "o", "h", "w", 1),), (), (Pair("a", "t"),))
    rows = interchange.market_to(market)["students"]
    assert rows == [{"id": "a", "firmness": 2}, {"id": "b"}]
    softer = replace(market, students=(Student("a"), Student("b")))
    assert interchange.market_digest(market) != interchange.market_digest(softer)
