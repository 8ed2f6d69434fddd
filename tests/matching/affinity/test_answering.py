"""Each reason why a pupil is not in a place, on a market small enough to be read."""

from dataclasses import replace

import pytest

from matching import proposing
from matching.answering import Answer, why_not
from matching.proposing import Offer, Place, Problem, Pupil

WEEK, OTHER = "2027-02-01", "2027-02-08"


def pupil(name: str, *wishes: str, **changes: object) -> Pupil:
    base = {"text": "des vélos", "level": "3e", "weeks": (WEEK,), "home": (50.42, 2.95), "max_km": 10.0}
    return Pupil(name, wishes=wishes, school="s", school_class="A", **(base | changes))  # type: ignore[arg-type]


def offer(name: str, **changes: object) -> Offer:
    return Offer(name, f"Atelier {name}", description="vélo", site=(50.42, 2.96), **changes)  # type: ignore[arg-type]


PROBLEM = Problem(
    pupils=(pupil("ana", "bike"), pupil("bob", "bike"), pupil("cleo", "bike", "shop", max_km=10.0)),
    offers=(offer("bike"), offer("shop"), offer("four", levels=("4e",)), replace(offer("far"), site=(50.42, 3.30))),
    places=(
        Place("b", "bike", WEEK, 1),
        Place("late", "bike", OTHER, 1),
        Place("s", "shop", WEEK, 1),
        Place("f", "four", WEEK, 1),
        Place("z", "far", WEEK, 1),
    ),
)


def ask(who: str, where: str, problem: Problem = PROBLEM) -> Answer:
    outcome = proposing.propose(problem)
    assert outcome.market is not None
    assert outcome.solution is not None
    return why_not(outcome.market, outcome.solution, problem, who, where)


def holder(problem: Problem = PROBLEM, place: str = "b") -> str:
    return next(p.pupil for p in proposing.propose(problem).placements if p.place == place)


def test_the_hard_rules_come_with_what_they_compared() -> None:
    assert ask("ana", "late").code == "other_week"
    assert ask("ana", "f").code == "level"
    far = ask("ana", "z")
    assert far.code == "too_far"
    assert far.figures["max_km"] == 10
    assert far.figures["km"] == pytest.approx(10 + far.figures["over_km"])
    assert far.figures["over_km"] > 10
    free = next(p for p in ("ana", "bob") if p != holder())
    assert ask(free, "b", replace(PROBLEM, forbidden=((free, "b"),))).code == "forbidden"
    assert ask("ana", "nowhere").code == "unknown_place"
    assert ask(holder(), "b").code == "holds_it"


def test_a_place_that_another_holds_tells_who_and_what_the_exchange_would_cost() -> None:
    who = next(p for p in ("ana", "bob") if p != holder())
    found = ask(who, "b")
    assert [h.pupil for h in found.holders] == [holder()]
    assert (found.rank, found.capacity, found.was_candidate) == (1, 1, True)
    assert found.code in {"costs", "tie"}
    assert found.holders[0].rank == 1


def test_what_it_would_cost_is_what_solving_again_costs() -> None:
    """Two pupils for two places: the one who asks for the only place the other may take leaves the other without."""
    problem = replace(PROBLEM, pupils=(pupil("ana", "bike"), pupil("bob", "shop", "bike")), forbidden=(("ana", "s"),))
    found = ask("bob", "b", problem)
    assert (found.code, found.rule, found.worse_by) == ("costs", "placed", 1)
    assert (found.moved, found.left) == (1, 1)
    forced = proposing.propose(replace(problem, pinned=(("bob", "b"),)))
    assert len(forced.placements) == len(proposing.propose(problem).placements) - 1


def test_a_decision_that_holds_the_pupil_elsewhere_is_said() -> None:
    pinned = replace(PROBLEM, pinned=(("cleo", "s"), ("ana", "b")))
    assert ask("cleo", "b", pinned).figures["decided"] == 1
    assert [h.decided for h in ask("bob", "b", pinned).holders] == [True]
    assert ask("bob", "b", pinned).code in {"no_capacity", "costs", "impossible"}


def test_a_place_that_was_no_candidate_is_tried_all_the_same() -> None:
    many = tuple(offer(f"o{n}") for n in range(6))
    problem = Problem(
        pupils=(pupil("ana", "o0"),), offers=many, places=tuple(Place(o.id, o.id, WEEK, 1) for o in many), top_k=1
    )
    outcome = proposing.propose(problem)
    assert outcome.market is not None
    assert len(outcome.market.columns) <= 2
    last = sorted({o.id for o in many} - {outcome.market.slots[int(k)].id for k in outcome.market.columns.slot})[-1]
    found = ask("ana", last, problem)
    assert not found.was_candidate
    assert (found.code, found.rule) == ("costs", "dissatisfaction")
    assert found.wishes == {1: -1}


def test_the_previous_place_is_kept_and_said_so() -> None:
    free = replace(PROBLEM, pupils=(pupil("ana", "bike"),))
    moved = replace(free, previous=(("ana", "s"),))
    assert ask("ana", "s", moved).code == "holds_it"
    found = ask("ana", "b", moved)
    assert (found.code, found.rule, found.worse_by) == ("costs", "moved", 1)


def test_a_previous_run_that_is_not_the_one_of_the_run_is_not_believed() -> None:
    """Without the very places that the run kept, what moving costs is unknown: it says that a place was kept."""
    moved = replace(PROBLEM, pupils=(pupil("ana", "bike"),), previous=(("ana", "s"),))
    outcome = proposing.propose(moved)
    assert outcome.market is not None
    assert outcome.solution is not None
    for known in ((), (("ana", "b"),)):
        found = why_not(outcome.market, outcome.solution, replace(moved, previous=known), "ana", "b")
        assert found.code == "kept"


def test_a_market_too_large_is_not_solved_while_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.answering.MOST_PAIRS", 1)
    who = next(p for p in ("ana", "bob") if p != holder())
    assert ask(who, "b").code == "not_solved"
