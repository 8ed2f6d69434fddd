"""Why not that place, for one pupil of a run: hard rules first, then the pair forced and everything solved again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from matching import assembling, explanation, record
from matching.explanation import WhyNot
from matching.feasibility import Feasibility
from matching.problem import Market, MarketError, Pairs, Solution
from matching.values import Answer, Holder, Problem, Pupil

MOST_PAIRS = 400_000  # candidate pairs above which nothing is solved again while somebody waits for the answer


def why_not(
    market: Market, solution: Solution, problem: Problem, pupil_id: str, place_id: str, affinity: float | None = None
) -> Answer:
    """Why `pupil_id` is not in `place_id` in this `solution` of `market`.

    `problem` gives the pupil, the offer and the place (others may be left out), and whole the places of the run before
    that this one kept (without them, or with others, what moving costs is unknown); `affinity` is that of the pair when
    it was no candidate. Raises KeyError when `problem` lacks the pupil, MarketError when the market does.
    """
    pupil = {p.id: p for p in problem.pupils}[pupil_id]
    slots = market.index_of_slots()
    if place_id not in slots or pupil_id not in market.index_of_students():
        return Answer(pupil_id, place_id, "unknown_place")
    answer = _described(market, solution, pupil_id, place_id)
    if solution.places().get(pupil_id) == place_id:
        return replace(answer, code="holds_it")
    refused = _rules(problem, pupil, place_id, market.slots[slots[place_id]].week)
    if refused is not None:
        return replace(answer, code=refused[0], figures=refused[1])
    if len(market.columns) > MOST_PAIRS:
        return replace(answer, code="not_solved")
    if not answer.was_candidate:
        market = _with_pair(market, pupil_id, place_id, affinity)
    figures = {"decided": 1.0} if pupil_id in dict(market.pinned) else {}
    return _forced(replace(answer, figures=figures), market, solution, _former(problem, solution))


def _described(market: Market, solution: Solution, pupil_id: str, place_id: str) -> Answer:
    pairs = market.columns
    students, slots = market.index_of_students(), market.index_of_slots()
    at = np.flatnonzero(pairs.slot == slots[place_id])
    known = {pairs.student_ids[int(pairs.student[k])]: pairs[int(k)] for k in at}
    pinned = set(market.pinned)
    holders = [
        Holder(who, known[who].rank if who in known else None, known[who].affinity if who in known else None,
               (who, place_id) in pinned)
        for who, where in sorted(solution.places().items())
        if where == place_id
    ]  # fmt: skip
    own = known.get(pupil_id)
    assert pupil_id in students
    return Answer(
        pupil_id,
        place_id,
        "",
        rank=own.rank if own else None,
        affinity=own.affinity if own else None,
        was_candidate=own is not None,
        capacity=market.slots[slots[place_id]].capacity,
        holders=tuple(sorted(holders, key=lambda h: (h.rank is None, h.rank or 0, h.pupil))),
    )


def _rules(problem: Problem, pupil: Pupil, place_id: str, week: str) -> tuple[str, Mapping[str, float]] | None:
    """The hard rule that closes the place, with what it compared."""
    if week not in pupil.weeks:
        return "other_week", {}
    places = [place for place in problem.places if place.id == place_id]
    offers = [offer for offer in problem.offers if places and offer.id == places[0].offer]
    if not offers:
        return None  # no longer offered: the market of the run is what is left to question
    if offers[0].levels and pupil.level not in offers[0].levels:
        return "level", {}
    kilometres = float(Feasibility(offers, places).of(pupil).kilometres[0])
    if pupil.max_km is not None and kilometres > pupil.max_km:
        over = round(kilometres - pupil.max_km, 1)
        return "too_far", {"km": round(kilometres, 1), "max_km": pupil.max_km, "over_km": over}
    if (pupil.id, place_id) in set(problem.forbidden):
        return "forbidden", {}
    return None


def _with_pair(market: Market, pupil_id: str, place_id: str, affinity: float | None) -> Market:
    """The market with one more candidate pair."""
    pairs = market.columns
    student, slot = market.index_of_students()[pupil_id], market.index_of_slots()[place_id]
    value = np.nan if affinity is None else round(affinity, 3)
    columns = Pairs(
        pairs.student_ids,
        pairs.slot_ids,
        np.append(pairs.student, student),
        np.append(pairs.slot, slot),
        np.append(pairs.affinity, value),
        np.append(pairs.rank, 0),
        np.append(pairs.acceptable, True),
    )
    forbidden = tuple(pair for pair in market.forbidden if pair != (pupil_id, place_id))
    return replace(market, pairs=columns, forbidden=forbidden)


def _former(problem: Problem, solution: Solution) -> Solution | None:
    """The run before, when `problem` gives the very places that `solution` started from."""
    former = assembling.former(problem)
    known = None if former is None else record.digest_of_places(former)
    return former if known == solution.fingerprint.get("parameters", {}).get("previous") else None


def _forced(answer: Answer, market: Market, solution: Solution, former: Solution | None) -> Answer:
    try:
        found = explanation.why_not(market, solution, answer.pupil, answer.place, former)
    except MarketError:
        return replace(answer, code="impossible")
    code = found.code
    if code == "better":
        code = "kept" if "previous" in solution.fingerprint.get("parameters", {}) else "not_considered"
    return replace(
        answer,
        code=code,
        rule=found.rule or "",
        worse_by=found.worse_by,
        moved=found.moved,
        left=sum(move.after is None for move in found.moves),
        gained=sum(move.before is None for move in found.moves),
        wishes=_change_of_wishes(market, solution, found),
    )


def _change_of_wishes(market: Market, solution: Solution, found: WhyNot) -> Mapping[int, int]:
    """Rank → pupils more (or fewer) who obtain it, empty when more moved than are known one by one."""
    if found.moved > len(found.moves):
        return {}
    pairs = market.columns
    students, slots = market.index_of_students(), market.index_of_slots()
    change: dict[int, int] = {}

    def count(who: str, where: str | None, step: int) -> None:
        if where is None:
            return
        at = np.flatnonzero((pairs.student == students[who]) & (pairs.slot == slots[where]))
        rank = int(pairs.rank[at[0]]) if len(at) else 0
        if rank:
            change[rank] = change.get(rank, 0) + step

    count(found.student, solution.places().get(found.student), -1)
    count(found.student, found.slot, 1)
    for move in found.moves:
        count(move.student, move.before, -1)
        count(move.student, move.after, 1)
    return {rank: n for rank, n in sorted(change.items()) if n}
