import random
import time
from dataclasses import replace

import pytest

from matching import proposing
from matching.problem import MarketError
from tests.matching.affinity.builders import offers, problem


def shuffled(given: proposing.Problem, seed: int) -> proposing.Problem:
    lottery = random.Random(seed)
    parts = {name: list(getattr(given, name)) for name in ("pupils", "offers", "places")}
    for part in parts.values():
        lottery.shuffle(part)
    return replace(given, **{name: tuple(part) for name, part in parts.items()})


def told(outcome: proposing.Outcome) -> list[tuple[str, str, float]]:
    return [(p.pupil, p.place, p.score) for p in outcome.placements]


def test_a_proposal_is_verified_and_respects_the_rules() -> None:
    stages = []
    given = problem(max_per_class_per_place=1, equity=("rep",))
    outcome = proposing.propose(given, lambda stage, share: stages.append((stage, share)))
    assert outcome.verified
    assert outcome.faults == ()
    assert stages[0][0] == "affinity"
    assert stages[-1] == ("done", 1.0)
    places = {p.id: p for p in given.places}
    pupils = {p.id: p for p in given.pupils}
    levels = {o.id: o.levels for o in given.offers}
    seen: dict[tuple[str, str], int] = {}
    for placement in outcome.placements:
        place, who = places[placement.place], pupils[placement.pupil]
        assert place.week in who.weeks
        assert not levels[place.offer] or who.level in levels[place.offer]
        assert placement.distance_km is not None
        assert placement.distance_km <= 12
        key = (place.id, f"{who.school} {who.school_class}")
        seen[key] = seen.get(key, 0) + 1
    assert max(seen.values()) == 1
    assert len(outcome.placements) + len(outcome.unplaced) == len(given.pupils)
    assert outcome.report["placed"] == len(outcome.placements)


def test_the_answer_does_not_depend_on_the_order_of_the_problem() -> None:
    expected = told(proposing.propose(problem()))
    assert all(told(proposing.propose(shuffled(problem(), seed))) == expected for seed in range(3))


def test_pins_and_refusals_hold() -> None:
    free = proposing.propose(problem())
    first = free.placements[0]
    refused = proposing.propose(problem(forbidden=((first.pupil, first.place),)))
    assert (first.pupil, first.place) not in {(p.pupil, p.place) for p in refused.placements}
    pinned = proposing.propose(problem(pinned=((first.pupil, "pl00"),)))
    assert {p.pupil: p.place for p in pinned.placements}[first.pupil] == "pl00"
    assert pinned.verified
    with pytest.raises(MarketError):
        proposing.propose(problem(pinned=((first.pupil, "pl00"),), forbidden=((first.pupil, "pl00"),)))


def test_the_score_is_its_reasons() -> None:
    import math

    bias = proposing.fit_model(problem().offers).weights_.bias
    for placement in proposing.propose(problem()).placements:
        logit = bias + sum(reason.weight for reason in placement.reasons)
        assert placement.score == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-4)
        assert (placement.rank is not None) == any(reason.code == "wish" for reason in placement.reasons)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"weeks": ("2030-01-07",)}, "no_offer_in_week"), ({"max_km": 0.0, "home": (48.85, 2.35)}, "too_far")],
)
def test_who_is_left_knows_why(changes: dict[str, object], code: str) -> None:
    given = problem()
    lonely = replace(given.pupils[0], id="lonely", **changes)  # type: ignore[arg-type]
    outcome = proposing.propose(replace(given, pupils=(*given.pupils, lonely)))
    left = {row.pupil: row for row in outcome.unplaced}["lonely"]
    assert left.code == code
    assert left.figures["offers"] == 40


def test_feasible_places_leave_out_what_was_refused() -> None:
    every = proposing.feasible_places(problem(), "p01")
    fewer = proposing.feasible_places(problem(forbidden=(("p01", every[0].id),)), "p01")
    assert [p.id for p in fewer] == [p.id for p in every[1:]]
    with pytest.raises(KeyError):
        proposing.feasible_places(problem(), "nobody")


def test_suggestions_come_best_first_and_fast() -> None:
    many = [
        proposing.Offer(f"{o.id}{n}", o.title, sector=o.sector, occupations=o.occupations, description=o.description)
        for n in range(4)
        for o in offers()
    ][:300]
    fitted = proposing.fit_model(many)
    who = proposing.Pupil("p", "j'aime les animaux et la nature, pas le bruit")
    proposing.suggest(who, many[:3], fitted)
    started = time.process_time()
    found = proposing.suggest(who, many, fitted)
    assert time.process_time() - started < 0.3  # CPU seconds, with room for slow machines
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert found[0].reasons[0].weight > 0
    assert not found[0].abstained
    assert proposing.suggest(proposing.Pupil("q", "jsp"), many[:5], fitted)[0].abstained
    assert proposing.suggest(who, []) == []


def test_an_empty_problem_has_an_empty_answer() -> None:
    outcome = proposing.propose(proposing.Problem((), (), ()))
    assert outcome.verified
    assert outcome.placements == ()


def test_a_rule_about_a_group_that_nobody_has_is_no_rule() -> None:
    given = problem(max_per_class_per_place=1, equity=("school", "rep"))
    nameless = tuple(replace(p, school="", school_class="", groups={}) for p in given.pupils)
    outcome = proposing.propose(replace(given, pupils=nameless))
    assert outcome.verified
    assert outcome.report["equity"] == {}


def test_the_facts_of_the_check_travel_with_the_outcome() -> None:
    outcome = proposing.propose(problem(size=60, equity=("rep",)))
    facts = outcome.facts
    assert facts["maximum"] == facts["placed"] == len(outcome.placements)
    assert facts["maximum_exact"]
    assert (facts["certificate"], facts["wasted_places"], facts["justified_envy"]) == ("verified", 0, 0)
    assert facts["equity"]["rep"]["gap"] >= 0


def crowded() -> proposing.Problem:
    """Sixty pupils for the places of a few, sectors and communes known."""
    given = problem(size=60)
    offers = tuple(replace(o, commune=("Carvin", "Oignies")[n % 2]) for n, o in enumerate(given.offers))
    return replace(given, offers=offers, places=given.places[:24])


def test_a_missing_place_is_found_and_helps_as_much_as_it_says() -> None:
    given = crowded()
    outcome = proposing.propose(given)
    assert outcome.unplaced
    cell = outcome.shortage[0]
    assert cell.one_more == 1
    assert cell.commune in {"Carvin", "Oignies"}
    offers = {o.id: o for o in given.offers}
    like = next(
        p
        for p in given.places
        if (offers[p.offer].sector, offers[p.offer].commune, p.week) == (cell.sector, cell.commune, cell.week)
    )
    more = replace(like, capacity=like.capacity + 1)
    again = proposing.propose(replace(given, places=tuple(more if p is like else p for p in given.places)))
    assert len(again.placements) == len(outcome.placements) + 1


def test_who_lost_the_competition_knows_to_which_rule_even_when_places_are_kept() -> None:
    given = crowded()
    first = proposing.propose(given)
    lost = [row for row in first.unplaced if row.code == "lost_competition"]
    assert lost
    assert all(row.rule for row in lost)
    for row in lost:
        assert row.figures["full"] == row.figures["left"]
        held = sum(n for name, n in row.figures.items() if name.startswith("held_"))
        assert held >= row.figures["left"]
    kept = replace(given, previous=tuple((p.pupil, p.place) for p in first.placements))
    again = proposing.propose(kept)
    assert {row.pupil: row.rule for row in again.unplaced if row.code == "lost_competition"}
    assert all(row.rule for row in again.unplaced if row.code == "lost_competition")


def test_who_is_left_has_been_tried_everywhere() -> None:
    """One candidate each would leave places empty; nobody is left while a place open to them is free."""
    given = replace(problem(size=30), top_k=1)
    outcome = proposing.propose(given)
    taken: dict[str, int] = {}
    for placement in outcome.placements:
        taken[placement.place] = taken.get(placement.place, 0) + 1
    for left in outcome.unplaced:
        free = [p for p in proposing.feasible_places(given, left.pupil) if taken.get(p.id, 0) < p.capacity]
        assert free == []
    assert outcome.fingerprint["widened"] > 0


def test_many_pupils_are_scored_over_processes_with_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing.territories, "SHARD", 20)
    given = problem(size=60)
    here = proposing.propose(given)
    monkeypatch.setattr(proposing, "SHARED_FROM", 50)
    used = []
    real = proposing.territories.sharded_fits

    def noted(*args: object) -> object:
        used.append(args)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(proposing.territories, "sharded_fits", noted)
    assert told(proposing.propose(given)) == told(here)
    assert len(used) == 1


def test_other_weights_give_another_affinity_and_are_written_down() -> None:
    plain, changed = proposing.propose(problem()), proposing.propose(problem(weights=(("concept", 8.0),)))
    assert changed.fingerprint["affinity"]["concept"] == 8.0
    assert plain.fingerprint["affinity"]["concept"] == 4.0
    assert [p.score for p in plain.placements] != [p.score for p in changed.placements]
