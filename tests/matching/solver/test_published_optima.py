"""Exact optima of published instances, computed by others with another solver."""

from __future__ import annotations

import json

import pytest

from matching import assignment, verification
from tests.matching.solver import published

GLASGOW = ("00000004", "00000005", "00000006")
PROFILES = {
    "greedy_max": "greedy_max_profile",
    "generous": "generous_max_profile",
    "rank_maximal": "rank_maximal_profile",
}


def market_and_optima(instance: str):
    folder = published.shared_markets()
    optima = json.loads((folder / "expected_optima.json").read_text(encoding="utf-8"))
    if instance == "agh_1":
        expected = optima[instance]
        file = folder / "agh" / "00009-00000001.soc"
        return published.courses(file, expected["imposed_capacity_each"]), expected
    return published.glasgow(folder / "glasgow" / f"00038-{instance}.soi"), optima[f"glasgow_{instance}"]


@pytest.mark.parametrize("instance", [*GLASGOW, "agh_1"])
class TestPublishedProfiles:
    def test_total_rank_is_least_at_the_largest_number_placed(self, instance):
        market, expected = market_and_optima(instance)
        solution = assignment.solve(market, "min_rank")
        assert len(solution.assignments) == expected["max_cardinality"]
        assert solution.objective.total_rank == expected["min_total_rank_at_max_cardinality"]
        assert verification.check(market, solution).faults == ()

    @pytest.mark.parametrize("objective", PROFILES)
    def test_profile_is_the_published_one(self, instance, objective):
        market, expected = market_and_optima(instance)
        solution = assignment.solve(market, objective)
        assert list(solution.objective.profile) == expected[PROFILES[objective]]
        assert verification.check(market, solution).faults == ()


@pytest.mark.parametrize("as_rank", [True, False], ids=["as ranks", "as affinities"])
def test_or_library_assignment_cost_is_the_published_one(as_rank):
    folder = published.shared_markets()
    optima = json.loads((folder / "expected_optima.json").read_text(encoding="utf-8"))
    costs = published.assignment_costs(folder / "orlib" / "assign100.txt")
    solution = assignment.solve(published.assignment_problem(costs, as_rank), "min_rank" if as_rank else "affinity")
    held = solution.places()
    cost = sum(costs[int(s[1:])][int(t[1:])] for s, t in held.items())
    assert len(held) == optima["orlib_assign100"]["n"]
    assert cost == optima["orlib_assign100"]["min_cost"]
