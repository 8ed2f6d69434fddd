"""Middle-sized markets, against SciPy: dense assignment for the flow, an integer programme for every rule on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, sparse

from matching import assignment, verification
from matching.problem import Market
from tests.matching.solver.markets import random_market


def dense_optimum(market: Market) -> tuple[int, float]:
    """Students placed and total affinity by ``linear_sum_assignment`` on copies of the slots."""
    pairs = market.columns
    capacity = [s.capacity for s in market.slots]
    copies = np.repeat(np.arange(len(capacity)), capacity)
    value = np.zeros((len(market.students), len(capacity)))
    value[pairs.student, pairs.slot] = 1_000 + np.nan_to_num(pairs.affinity)
    if not len(copies):
        return 0, 0.0
    row, column = optimize.linear_sum_assignment(value[:, copies], maximize=True)
    gains = value[row, copies[column]]
    return int((gains > 0).sum()), float((gains[gains > 0] - 1_000).sum())


@pytest.mark.parametrize("seed", range(12))
def test_affinity_equals_the_dense_assignment(seed):
    market = random_market(seed, 60, 40, rules=False, density=0.2)
    columns = market.columns
    columns.acceptable[:] = True
    solution = assignment.solve(market, "affinity")
    placed, total = dense_optimum(market)
    assert len(solution.assignments) == placed
    assert solution.objective.total_affinity == pytest.approx(total)


def programme_optimum(market: Market) -> tuple[int, int]:
    """Students placed, then fewest unacceptable places, by two integer programmes with every capacity and limit."""
    pairs, n = market.columns, len(market.columns)
    pinned = dict(market.pinned)
    number, slots = market.index_of_students(), market.index_of_slots()
    fixed = {(number[s], slots[t]) for s, t in pinned.items()}
    forbidden = {(number[s], slots[t]) for s, t in market.forbidden}
    held = dict(fixed)
    rows, upper = [], []

    def at_most(keep, most):
        rows.append(keep.astype(float))
        upper.append(most)

    usable = np.array(
        [
            i not in held and (i, t) not in forbidden
            for i, t in zip(pairs.student.tolist(), pairs.slot.tolist(), strict=True)
        ],
        bool,
    )
    for i in range(len(market.students)):
        at_most(pairs.student == i, 1)
    place = market.slots
    for t, slot in enumerate(place):
        at_most(pairs.slot == t, slot.capacity - sum(x == t for x in held.values()))
    for host in market.hosts:
        mine = np.array([place[t].host == host.id for t in pairs.slot], bool)
        if host.capacity is not None:
            at_most(mine, host.capacity - sum(place[t].host == host.id for t in held.values()))
        for week in {s.week for s in place}:
            if (most := host.in_week(week)) is not None:
                inside = mine & np.array([place[t].week == week for t in pairs.slot], bool)
                at_most(inside, most - sum(place[t].host == host.id and place[t].week == week for t in held.values()))
    for limit in market.limits:
        values = {s.groups.get(limit.group_key) for s in market.students} - {None}
        for t, slot in enumerate(place):
            for value in values:
                if limit.slot in (None, slot.id) and limit.value in (None, value):
                    group = [s.groups.get(limit.group_key) == value for s in market.students]
                    same = np.array(group, bool)[pairs.student]
                    taken = sum(x == t and group[i] for i, x in held.items())
                    at_most(same & (pairs.slot == t), max(0, limit.maximum - taken))
    matrix = sparse.csr_matrix(np.array(rows)[:, :n]) if n else sparse.csr_matrix((len(rows), 0))
    constraints = [optimize.LinearConstraint(matrix, -np.inf, upper)]
    bounds = optimize.Bounds(0, usable.astype(float))
    first = optimize.milp(-np.ones(n), integrality=np.ones(n), bounds=bounds, constraints=constraints)
    most = round(-first.fun)
    constraints.append(optimize.LinearConstraint(np.ones((1, n)), most, np.inf))
    second = optimize.milp(
        (~pairs.acceptable).astype(float), integrality=np.ones(n), bounds=bounds, constraints=constraints
    )
    return most + len(pinned), round(second.fun)


@pytest.mark.parametrize("seed", range(100, 118))
def test_balanced_equals_an_integer_programme_with_every_rule(seed):
    market = random_market(seed, 40, 30, density=0.15)
    market = Market(
        market.students,
        market.slots,
        market.hosts,
        market.pairs,
        market.pinned,
        market.forbidden,
        (),
        market.limits,
        (),
    )
    solution = assignment.solve(market, "affinity")
    placed, unacceptable = programme_optimum(market)
    assert len(solution.assignments) == placed
    assert {t.name: t.value for t in solution.objective.tiers}.get("unacceptable", 0) == unacceptable
    assert verification.check(market, solution).faults == ()
