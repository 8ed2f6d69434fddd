"""Placements that no longer hold: the ways to mend them, from the façade's plain values.

A host withdraws, a pupil leaves, a week closes. `mend` tells three outcomes apart: nobody else moves; the smallest set
of moves that places as many as can be of those who had a place; the same with the pupils who were waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from matching import assembling, proposing, repair
from matching.affinity import AffinityModel
from matching.candidates import nearest_fits
from matching.feasibility import Feasibility
from matching.problem import Market, Solution
from matching.values import Damage, Mend, Mends, Offer, Problem


def mend(problem: Problem, damage: Damage) -> Mends:
    """The ways to mend `problem`, whose `previous` are the (pupil, place) that hold and may move, and `pinned` those
    that may not. Raises :class:`matching.problem.MarketError` for an unknown identifier or pins that contradict.
    """
    market = _market(problem, damage)
    held = {pupil: place for pupil, place in problem.previous if pupil not in damage.hit | damage.waiting}
    former = assembling.former(replace(problem, previous=tuple(sorted(held.items()))))
    known = {s.id for s in market.students}
    waiting = damage.waiting & known
    people = [pupil.id for pupil in problem.pupils if pupil.id in damage.hit | waiting]

    def outcome(market: Market, absent: frozenset[str], seekers: Sequence[str]) -> Mend:
        plan = repair.repair(
            market,
            former or _nothing(problem),
            withdrawn=damage.withdrawn & set(market.columns.slot_ids),
            leaving=absent,
            lost_places=damage.lost,
        )
        placed = plan.solution.places()
        moves = tuple(move for move in plan.moves if move.student not in dict(problem.pinned))
        return Mend(moves, tuple(pupil for pupil in seekers if pupil not in placed))

    hit = [pupil for pupil in people if pupil in damage.hit]
    pinned = replace(market, pinned=(*market.pinned, *sorted(held.items())))
    return Mends(
        still=outcome(pinned, waiting, hit),
        chain=outcome(market, waiting, hit),
        wide=outcome(market, frozenset(), people) if waiting else outcome(market, waiting, hit),
    )


def _market(problem: Problem, damage: Damage) -> Market:
    """Every place open to each pupil, not only the best fitting: a chain passes where it can."""
    pupils = sorted(problem.pupils, key=lambda p: p.id)
    offers = sorted(problem.offers, key=lambda o: o.id)
    model = _model(tuple(offers), problem.use_embeddings, problem.weights)
    rules = Feasibility(offers, problem.places)
    fits = nearest_fits(model, pupils, rules, len(offers))
    market = assembling.market(problem, pupils, offers, model, rules, fits, proposing.KM_COST)
    students = tuple(
        replace(student, priority=int(student.id in damage.hit), firmness=damage.firmness.get(student.id, 0))
        for student in market.students
    )
    return replace(market, students=students)


@lru_cache(maxsize=4)
def _model(offers: tuple[Offer, ...], use_embeddings: bool, weights: tuple[tuple[str, float], ...]) -> AffinityModel:
    """The affinity of the same offers is learnt once: a plan is shown, looked at, and computed again to be accepted."""
    return proposing.fit_model(offers, use_embeddings, weights)


def _nothing(problem: Problem) -> Solution:
    """A former outcome in which nobody who may move had a place."""
    empty = assembling.former(replace(problem, previous=(("", ""),)))
    assert empty is not None
    return replace(empty, assignments=())
