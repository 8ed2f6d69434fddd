"""Reasons, shortage, repair and "why not" tell what solving again would show."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching import assignment, explanation, repair, shortage, synthetic, verification
from matching.problem import Equity, Host, Market, MarketError, Pair, Slot, Student
from tests.matching.solver import brute
from tests.matching.solver.markets import random_market


def small(seed: int) -> Market:
    """Without equity, whose tiers change names from one market to another."""
    return replace(random_market(seed), equity=(), limits=())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_the_deciding_rule_is_the_first_that_placing_the_student_would_worsen(seed):
    market = small(seed)
    solution = assignment.solve(market)
    every = list(brute.allocations(market))
    most = max(map(len, every))
    names = [t.name for t in solution.objective.tiers]
    found = shortage.find(market, solution)
    assert {u.student for u in found.unplaced} == {s.id for s in market.students} - set(solution.places())
    for left in found.unplaced:
        if left.code != "lost_competition":
            continue
        best = min(brute.key(market, "balanced", o, most) for o in every)
        forced = [brute.key(market, "balanced", o, most) for o in every if left.student in o]
        worse = min(forced)
        tiers = [
            "placed",
            *(n for n in names if n.startswith("unplaced_of")),
            "unacceptable",
            "together",
            "dissatisfaction",
        ]
        first = next((name for name, a, b in zip(tiers, best, worse, strict=True) if a != b), "lottery")
        assert left.rule == first


def test_reason_codes_count_what_the_filters_removed():
    students = tuple(Student(name) for name in ("none", "closed", "lost", "winner"))
    slots = (Slot("t", "o", "h", "w", 1), Slot("full", "o", "h", "w", 0), Slot("shut", "o", "k", "w", 2))
    pairs = (
        Pair("closed", "full", 0.9),
        Pair("closed", "shut", 0.9),
        Pair("closed", "t", 0.9),
        Pair("lost", "t", 0.4),
        Pair("winner", "t", 0.8),
    )
    market = Market(students, slots, (Host("h"), Host("k", 0)), pairs, forbidden=(("closed", "t"),))
    reasons = {u.student: (u.code, dict(u.figures)) for u in assignment.solve(market).unplaced}
    assert reasons == {
        "none": ("no_candidate", {"candidates": 0, "open": 0}),
        "closed": ("filtered", {"candidates": 3, "open": 0, "forbidden": 1, "no_capacity": 1, "host_full": 1}),
        "lost": ("lost_competition", {"candidates": 1, "open": 1}),
    }


def test_shortage_finds_the_cell_where_a_place_helps():
    students = tuple(Student(f"s{i}") for i in range(5))
    slots = (
        Slot("farm", "f", "h1", "w1", 1, sector="farm", commune="X"),
        Slot("school", "s", "h2", "w1", 1, sector="school", commune="X"),
        Slot("shop", "b", "h3", "w2", 3, sector="shop", commune="Y"),
    )
    pairs = (*(Pair(f"s{i}", "farm", 0.5) for i in range(4)), Pair("s0", "school", 0.5), Pair("s4", "shop", 0.5))
    market = Market(students, slots, (), pairs)
    found = shortage.find(market, assignment.solve(market))
    assert found.placed == 3
    assert [(c.sector, c.one_more, c.most) for c in found.cells] == [("farm", 1, 2)]
    farm = found.cells[0]
    assert (farm.commune, farm.week, farm.waiting) == ("X", "w1", 2)
    more = replace(market, slots=tuple(replace(s, capacity=2) if s.id == "farm" else s for s in market.slots))
    assert len(assignment.solve(more).assignments) == found.placed + 1


def moves(held: dict[str, str], outcome: dict[str, str]) -> int:
    return sum(outcome.get(s) != t for s, t in held.items())


def check_repair(market: Market, gone: str) -> bool:
    """Compare a repair with every allocation; whether strict floors cost a placement or a move."""
    solution = assignment.solve(market)
    plan = repair.repair(market, solution, [gone])
    held = solution.places()
    every = list(brute.allocations(plan.market))
    most = max(map(len, every))

    def lacking(outcome: dict[str, str]) -> tuple[float, ...]:
        return tuple(brute.equity(plan.market, outcome, most)[0])

    met = [o for o in every if lacking(o) == min(map(lacking, every))]
    best = min((-len(o), moves(held, o)) for o in met)
    now = plan.solution.places()
    assert lacking(now) == lacking(met[0])
    assert (-len(now), moves(held, now)) == best
    assert plan.placed_after == len(now)
    assert verification.check(plan.market, plan.solution, solution).faults == ()
    return best != min((-len(o), moves(held, o)) for o in every)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_repair_moves_as_few_as_any_allocation_that_places_as_many(seed, data):
    """Among those that miss no strict floor the repair keeps: somebody asked that floors cost what it takes."""
    market = replace(random_market(seed), pinned=())
    taken = [a.slot for a in assignment.solve(market).assignments]
    assume(taken)
    costly = check_repair(market, data.draw(st.sampled_from(taken)))
    assert not costly or any(rule.strict for rule in market.equity)


def test_a_strict_floor_may_cost_a_repair_a_move():
    market = replace(random_market(33942), pinned=())
    assert any(rule.strict for rule in market.equity)
    taken = {a.slot for a in assignment.solve(market).assignments}
    assert any(check_repair(market, slot) for slot in sorted(taken))


def test_repair_of_a_territory_takes_less_than_a_second():
    market = synthetic.market("territory")
    solution = assignment.solve(market)
    start = time.perf_counter()
    plan = repair.repair(market, solution, [solution.assignments[0].slot], [solution.assignments[-1].student])
    assert time.perf_counter() - start < 1
    assert solution.assignments[-1].student not in plan.solution.places()
    assert solution.assignments[0].slot not in plan.solution.places().values()


def test_repair_refuses_an_unknown_slot():
    market = small(3)
    with pytest.raises(MarketError, match="unknown slot 'nowhere'"):
        repair.repair(market, assignment.solve(market), ["nowhere"])


def two_and_two() -> Market:
    students = (Student("a"), Student("b"), Student("c", {}, 1))
    slots = (Slot("x", "x", "h", "w", 1), Slot("y", "y", "h", "w", 1))
    return Market(
        students,
        slots,
        (),
        (Pair("a", "x", 0.5, 1), Pair("a", "y", 0.5, 2), Pair("b", "x", 0.5, 1), Pair("c", "y", 0.5, 1)),
    )


def test_why_not_names_the_rule_and_its_cost():
    market = two_and_two()
    solution = assignment.solve(market)
    places = solution.places()
    assert places["c"] == "y"
    loser = "b" if places.get("a") == "x" else "a"
    answer = explanation.why_not(market, solution, loser, "x")
    assert (answer.code, answer.rule) == ("tie", "lottery")
    answer = explanation.why_not(market, solution, "a", "y")
    assert (answer.code, answer.rule, answer.worse_by) == ("costs", "unplaced_of_priority_1", 1)
    assert any(m.student == "c" and m.after is None for m in answer.moves)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_why_not_counts_who_kept_a_place_of_the_previous_run(seed, data):
    market = replace(small(seed), pinned=())
    first = assignment.solve(market, seed=1)
    gone = data.draw(st.sampled_from([s.id for s in market.slots]))
    solution = assignment.solve(repair.without(market, [gone], [], {}), "balanced", first)
    market = repair.without(market, [gone], [], {})
    pairs = [(p.student, p.slot) for p in market.pairs if solution.places().get(p.student) != p.slot]
    assume(pairs)
    student, slot = data.draw(st.sampled_from(pairs))
    answer = explanation.why_not(market, solution, student, slot, first)
    assert answer.code != "better"
    if answer.code != "costs":
        return
    held, every = first.places(), list(brute.allocations(market))
    most = max(map(len, every))

    def key(outcome: dict[str, str]) -> tuple[float, ...]:
        placed, *left, unacceptable, together, cost = brute.key(market, "balanced", outcome, most)
        return (placed, *left, unacceptable, moves(held, outcome), together, cost)

    best, forced = min(map(key, every)), min(key(o) for o in every if o.get(student) == slot)
    levels = [n.name for n, _ in answer.tiers if n.name.startswith("unplaced_of")]
    names = ["placed", *levels, "unacceptable", "moved", "together", "dissatisfaction"]
    assert answer.rule == next(name for name, a, b in zip(names, best, forced, strict=True) if a != b)


def test_why_not_when_it_cannot_be():
    market = replace(two_and_two(), forbidden=(("b", "x"),))
    solution = assignment.solve(market)
    assert explanation.why_not(market, solution, "b", "x").code == "forbidden"
    assert explanation.why_not(market, solution, "b", "y").code == "not_a_candidate"
    assert explanation.why_not(market, solution, "a", "x").code == "holds_it"
    with pytest.raises(MarketError, match="unknown student"):
        explanation.why_not(market, solution, "ghost", "x")


def test_explain_tells_what_was_preferred_and_why_it_was_not_given():
    market = two_and_two()
    solution = assignment.solve(market)
    loser = "b" if solution.places().get("a") == "x" else "a"
    told = explanation.explain(market, solution, loser)
    assert told.slot is None
    assert told.unplaced is not None
    assert told.unplaced.code == "lost_competition"
    assert next((p.slot, p.code) for p in told.preferred) == ("x", "full")


def test_rep_parity_within_a_point_and_no_placement_lost():
    market = synthetic.market(synthetic.Size(3_000, 2_500))
    free = assignment.solve(market)
    fair = assignment.solve(replace(market, equity=(Equity("rep"),)))
    shares = {}
    for name, solution in (("free", free), ("fair", fair)):
        held = solution.places()
        for value in "01":
            members = [s.id for s in market.students if s.groups["rep"] == value]
            shares[name, value] = sum(m in held for m in members) / len(members)
    assert len(fair.assignments) == len(free.assignments)
    assert abs(shares["free", "0"] - shares["free", "1"]) > 0.02
    assert abs(shares["fair", "0"] - shares["fair", "1"]) < 0.01


def test_convex_equity_raises_the_worst_school():
    market = synthetic.market(synthetic.Size(1_200, 900))
    fair = replace(market, equity=(Equity("school", "convex"),))
    worst = {}
    for name, one in (("free", market), ("fair", fair)):
        held = assignment.solve(one).places()
        schools = {s.groups["school"] for s in market.students}
        worst[name] = min(
            sum(s.id in held for s in market.students if s.groups["school"] == x)
            / sum(s.groups["school"] == x for s in market.students)
            for x in schools
        )
    assert worst["fair"] >= worst["free"]
