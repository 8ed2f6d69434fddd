"""The façade: pupils, offers and places in; a verified proposal with its reasons out.

`propose` is the whole road (affinity, hard rules, candidates, exact allocation, independent check, explanation);
`suggest` ranks offers for one pupil; `fit_model` prepares what both need and may be kept in a cache.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from matching import assembling, assignment, embeddings, territories, verification
from matching.affinity import AffinityModel
from matching.candidates import nearest_fits
from matching.feasibility import Feasibility
from matching.problem import Market, Solution
from matching.shortage import Shortage
from matching.shortage import find as find_shortage
from matching.values import Left, Offer, Outcome, Place, Placement, Problem, Pupil, Suggestion
from matching.weights import Reason, Weights

Progress = Callable[[str, float], None]
WISH_WORTH = 2.5  # log-odds of a first wish in the displayed score; each later wish is worth a little less
WISH_STEP = 0.2
KM_COST = 0.02  # log-odds a kilometre by road
SHARED_FROM = 100_000  # pupils; 20,000 take 4 s in one process and 18 s over two, which must be sent the model
ROUNDS = 3  # times that those left are given every offer open to them, not only the best `top_k`


def fit_model(
    offers: Sequence[Offer], use_embeddings: bool = False, weights: Sequence[tuple[str, float]] = ()
) -> AffinityModel:
    """The affinity model of these offers; keep it until an offer changes.

    `weights` replace the hand weights of the channels they name. Raises ImportError with a clear sentence when
    embeddings are wanted and the extra is not installed.
    """
    encoder = embeddings.encoder() if use_embeddings else None
    chosen = replace(Weights(), **dict(weights)) if weights else None
    return AffinityModel(weights=chosen, encoder=encoder).fit(offers)


def suggest(pupil: Pupil, offers: Sequence[Offer], model: AffinityModel | None = None) -> list[Suggestion]:
    """`offers` for `pupil`, best-fitting first, ties by identifier. Offers unknown to `model` make it fit again."""
    if not offers:
        return []
    if model is None or any(offer.id not in model.offer_index_ for offer in offers):
        model = fit_model(offers, use_embeddings=model is not None and model.encoder is not None)
    ordered = sorted(offers, key=lambda offer: offer.id)
    columns = np.array([model.offer_index_[offer.id] for offer in ordered], dtype=np.intp)
    logits = model.decision_function([pupil], columns)[0]
    abstained = model.is_abstaining(pupil)
    ledgers = model.ledgers(pupil, columns)
    order = np.argsort(-np.round(logits, 9), kind="stable").tolist()
    return [Suggestion(ordered[i].id, _share(float(logits[i])), ledgers[i], abstained) for i in order]


def feasible_places(problem: Problem, pupil_id: str) -> list[Place]:
    """Places open to a pupil by week, level, distance and refusals already made (capacity in use is not looked at).

    Raises KeyError for an unknown pupil.
    """
    pupil = {p.id: p for p in problem.pupils}[pupil_id]
    forbidden = {place for who, place in problem.forbidden if who == pupil_id}
    by_id = {place.id: place for place in problem.places}
    found = Feasibility(problem.offers, problem.places).places_of(pupil)
    return [by_id[place.id] for place in found if place.id not in forbidden]


def propose(problem: Problem, progress: Progress | None = None) -> Outcome:
    """Place the pupils of `problem`; the answer does not depend on the order of its parts.

    Raises `problem.MarketError` when pins, refusals or identifiers contradict one another, ValueError for a place of
    an unknown offer.
    """
    started = time.perf_counter()
    tell = progress or (lambda stage, share: None)
    pupils = sorted(problem.pupils, key=lambda p: p.id)
    offers = sorted(problem.offers, key=lambda o: o.id)
    tell("affinity", 0.0)
    if not pupils or not offers:
        return _nothing(problem, pupils, started)
    model = fit_model(offers, problem.use_embeddings, problem.weights)
    rules = Feasibility(offers, problem.places)
    fits = _fits(problem, pupils, model, rules, lambda share: tell("affinity", share))
    tell("candidates", 0.0)
    former = assembling.former(problem)

    def solved() -> tuple[Market, Solution]:
        market = assembling.market(problem, pupils, offers, model, rules, fits, KM_COST)
        tell("allocation", 0.0)
        return market, assignment.solve(
            market, problem.objective, former, problem.seed, lambda _stage, share: tell("allocation", share)
        )

    market, solution = solved()
    widened: set[str] = set()
    for _ in range(ROUNDS):
        narrow = {row.student for row in solution.unplaced} - widened
        rows = [row for row, pupil in enumerate(pupils) if pupil.id in narrow and len(fits[row][0]) >= problem.top_k]
        if not rows:
            break
        every = nearest_fits(model, [pupils[row] for row in rows], rules, len(offers))
        for row, fit in zip(rows, every, strict=True):
            fits[row] = fit
        widened |= narrow
        market, solution = solved()
    tell("check", 0.0)
    report = verification.check(market, solution, former)
    tell("shortage", 0.0)
    missing = Shortage((), (), len(solution.assignments))
    if solution.unplaced:
        missing = find_shortage(market, solution, lambda _stage, share: tell("shortage", share), former)
    tell("explanation", 0.0)
    placed = _placements(problem, pupils, model, rules, solution.places())
    decided = {row.student: row.rule or "" for row in missing.unplaced}
    left = assembling.left(problem, pupils, rules, solution)
    tell("done", 1.0)
    return Outcome(
        placements=placed,
        unplaced=tuple(Left(pupil, code, figures, decided.get(pupil, "")) for pupil, code, figures in left),
        verified=report.ok,
        faults=tuple(f"{fault.code}: {fault.message}" for fault in report.faults),
        objective=assembling.objective_values(solution),
        fingerprint={**assembling.fingerprint(solution, model, problem), "widened": len(widened)},
        seconds=time.perf_counter() - started,
        report=assembling.report(problem, pupils, [(p.pupil, p.rank, p.score) for p in placed]),
        facts=report.facts,
        shortage=missing.cells,
        market=market,
        solution=solution,
    )


def _fits(
    problem: Problem,
    pupils: Sequence[Pupil],
    model: AffinityModel,
    rules: Feasibility,
    progress: Callable[[float], None],
) -> territories.Fits:
    """The best offers of each pupil: here, or over the machine's processors when there are many pupils."""
    if len(pupils) < SHARED_FROM:
        return nearest_fits(model, pupils, rules, problem.top_k, progress)
    backend = territories.Backend(workers=os.cpu_count() or 1)
    return territories.sharded_fits(model, pupils, rules, problem.top_k, backend, progress)


def _placements(
    problem: Problem, pupils: Sequence[Pupil], model: AffinityModel, rules: Feasibility, places: Mapping[str, str]
) -> tuple[Placement, ...]:
    offer_of = {place.id: place.offer for place in problem.places}
    rows = {id_: row for row, id_ in enumerate(rules.offer_ids)}
    found = []
    for pupil in pupils:
        place = places.get(pupil.id)
        if place is None:
            continue
        offer = offer_of[place]
        row = rows[offer]
        kilometres = float(rules.of(pupil).kilometres[row])
        known = None if np.isnan(kilometres) else round(kilometres, 1)
        rank = pupil.wishes.index(offer) + 1 if offer in pupil.wishes else None
        reasons = [*model.ledgers(pupil, np.array([model.offer_index_[offer]], dtype=np.intp))[0]]
        if rank is not None:
            reasons.append(Reason("wish", {"rank": rank}, max(WISH_WORTH - WISH_STEP * (rank - 1), 0.5)))
        if known is not None:
            reasons.append(Reason("distance", {"km": known}, -KM_COST * known))
        reasons.sort(key=lambda reason: (-abs(reason.weight), reason.code))
        logit = model.weights_.bias + sum(reason.weight for reason in reasons)
        found.append(Placement(pupil.id, place, round(_share(logit), 4), rank, known, tuple(reasons)))
    return tuple(found)


def _nothing(problem: Problem, pupils: Sequence[Pupil], started: float) -> Outcome:
    left = tuple(Left(pupil.id, "no_offer_in_week", {"offers": len(problem.offers)}) for pupil in pupils)
    report = assembling.report(problem, pupils, [])
    return Outcome((), left, True, (), {}, {}, time.perf_counter() - started, report)


def _share(logit: float) -> float:
    return float(1.0 / (1.0 + np.exp(-logit)))
