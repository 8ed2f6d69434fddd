"""Between the façade and the solver: a `values.Problem` as a market, a solution as figures people read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import problem as markets
from matching.affinity import AffinityModel
from matching.feasibility import Feasibility
from matching.values import Offer, Place, Problem, Pupil

Fits = Sequence[tuple[NDArray[np.intp], NDArray[np.float64]]]
REFUSED_MARGIN = 0.5  # log-odds below the bias at which an offer nobody wished for counts as contradicting the pupil


def market(
    problem: Problem,
    pupils: Sequence[Pupil],
    offers: Sequence[Any],
    model: AffinityModel,
    rules: Feasibility,
    fits: Fits,
    km_cost: float,
) -> markets.Market:
    """The market of `problem`: wishes, the best fits and the pinned places as candidate pairs."""
    places = sorted((place for place in problem.places), key=lambda place: place.id)
    slot_row = {place.id: row for row, place in enumerate(places)}
    offer_row = {offer.id: row for row, offer in enumerate(offers)}
    student_row = {pupil.id: row for row, pupil in enumerate(pupils)}
    by_offer: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for place in places:
        by_offer[offer_row[place.offer]].append((slot_row[place.id], place.week))
    pinned = dict(problem.pinned)
    rows = _Columns()
    for number, pupil in enumerate(pupils):
        scores = dict(zip(fits[number][0].tolist(), fits[number][1].tolist(), strict=True))
        filtered = rules.of(pupil)
        ranks = {offer_row[wish]: rank for rank, wish in enumerate(pupil.wishes, 1) if wish in offer_row}
        wished = [row for row in ranks if filtered.offers[row]]
        pin = pinned.get(pupil.id)
        held = [offer_row[places[slot_row[pin]].offer]] if pin in slot_row else []
        unknown = sorted({*wished, *held} - scores.keys())
        if unknown:
            logits = model.decision_function([pupil], np.array(unknown, dtype=np.intp))[0]
            scores.update(zip(unknown, logits.tolist(), strict=True))
        for row in sorted(scores):
            kilometres = filtered.kilometres[row]
            cost = 0.0 if np.isnan(kilometres) else km_cost * float(kilometres)
            fit = 1.0 / (1.0 + np.exp(cost - scores[row]))
            acceptable = row in ranks or scores[row] >= model.weights_.bias - REFUSED_MARGIN
            for slot, week in by_offer.get(row, ()):
                if (filtered.offers[row] and week in pupil.weeks) or places[slot].id == pin:
                    rows.add(number, slot, round(float(fit), 3), ranks.get(row, 0), acceptable)
    by_id = {offer.id: offer for offer in offers}
    known = {key for pupil in pupils for key in _groups(pupil)}  # a rule about a group that nobody has is no rule
    limits: tuple[markets.Limit, ...] = ()
    if problem.max_per_class_per_place is not None and "class" in known:
        limits = (markets.Limit("class", problem.max_per_class_per_place),)
    return markets.Market(
        students=tuple(markets.Student(pupil.id, _groups(pupil)) for pupil in pupils),
        slots=tuple(_slot(place, by_id[place.offer]) for place in places),
        hosts=(),
        pairs=rows.pairs([pupil.id for pupil in pupils], [place.id for place in places]),
        pinned=tuple(pair for pair in problem.pinned if pair[0] in student_row),
        forbidden=tuple(pair for pair in problem.forbidden if pair[0] in student_row and pair[1] in slot_row),
        limits=limits,
        equity=tuple(markets.Equity(key) for key in problem.equity if key in known),
    )


class _Columns:
    """Candidate pairs gathered column by column."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, float, int, bool]] = []

    def add(self, student: int, slot: int, affinity: float, rank: int, acceptable: bool) -> None:
        self._rows.append((student, slot, affinity, rank, acceptable))

    def pairs(self, students: list[str], slots: list[str]) -> markets.Pairs:
        table = np.array(self._rows, dtype=np.float64).reshape(-1, 5)
        whole = table[:, (0, 1, 3)].astype(np.int64)
        return markets.Pairs(
            students, slots, whole[:, 0], whole[:, 1], table[:, 2].copy(), whole[:, 2], table[:, 4].astype(np.bool_)
        )


def _slot(place: Place, offer: Offer) -> markets.Slot:
    host = offer.host or offer.id
    return markets.Slot(place.id, place.offer, host, place.week, place.capacity, 0, offer.sector, offer.commune)


def _groups(pupil: Pupil) -> Mapping[str, str]:
    groups = dict(pupil.groups)
    if pupil.school:
        groups.setdefault("school", pupil.school)
    if pupil.school_class:
        groups.setdefault("class", f"{pupil.school} {pupil.school_class}".strip())
    return groups


def former(problem: Problem) -> markets.Solution | None:
    """The previous run as the solver reads it, or None; pairs that no longer exist are harmless."""
    if not problem.previous:
        return None
    kept = tuple(sorted(markets.Assignment(pupil, place) for pupil, place in problem.previous))
    value = markets.ObjectiveValue(problem.objective, ())
    return markets.Solution(kept, (), value, markets.Optimality(False, 0, "given"), (), {}, 0.0)


def left(
    problem: Problem, pupils: Sequence[Pupil], rules: Feasibility, solution: markets.Solution
) -> list[tuple[str, str, Mapping[str, int]]]:
    """Why each unplaced pupil is left, with the offers removed by each rule, in the order of the rules.

    Of the offers the rules leave, `full` have no place left in the pupil's weeks; `held_decided`, `held_wished`,
    `held_kept` and `held_other` count the seats of their places: given by a decision, to who wished for the offer, to
    who had it in the previous run, to anybody else.
    """
    by_id = {pupil.id: pupil for pupil in pupils}
    seats = _seats(problem, by_id, solution)
    found: list[tuple[str, str, Mapping[str, int]]] = []
    for unplaced in solution.unplaced:
        pupil = by_id[unplaced.student]
        counts = dict(rules.of(pupil).counts)
        if counts["other_week"] == counts["offers"]:
            code = "no_offer_in_week"
        elif counts["other_week"] + counts["level"] == counts["offers"]:
            code = "no_level"
        elif not counts["left"]:
            code = "too_far"
        else:
            code = unplaced.code
            counts |= _competition(pupil, rules, seats)
        for name, value in unplaced.figures.items():
            counts.setdefault(name, value)
        found.append((unplaced.student, code, counts))
    return found


def _seats(problem: Problem, pupils: Mapping[str, Pupil], solution: markets.Solution) -> Mapping[str, Counter[str]]:
    """Place → its seats by what they are: `held_…` and `free`."""
    former_places, pinned = dict(problem.previous), dict(problem.pinned)
    offer_of = {place.id: place.offer for place in problem.places}
    seats: dict[str, Counter[str]] = {place.id: Counter(free=place.capacity) for place in problem.places}
    for holder, place in solution.places().items():
        if pinned.get(holder) == place:
            kind = "held_decided"
        elif offer_of[place] in pupils[holder].wishes:
            kind = "held_wished"
        else:
            kind = "held_kept" if former_places.get(holder) == place else "held_other"
        seats[place][kind] += 1
        seats[place]["free"] -= 1
    return seats


def _competition(pupil: Pupil, rules: Feasibility, seats: Mapping[str, Counter[str]]) -> Mapping[str, int]:
    free: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for place in rules.places_of(pupil):
        free[place.offer] += seats[place.id]["free"]
        held.update({kind: n for kind, n in seats[place.id].items() if kind != "free" and n})
    return {**dict(sorted(held.items())), "full": sum(not n for n in free.values())}


def objective_values(solution: markets.Solution) -> Mapping[str, Any]:
    """The objective reached, tier after tier, and how it is proved."""
    return {
        "name": solution.objective.name,
        "tiers": [{"name": t.name, "sense": t.sense, "value": t.value} for t in solution.objective.tiers],
        "profile": list(solution.objective.profile),
        "proved": solution.optimal.proved,
        "gap": solution.optimal.gap,
    }


def fingerprint(solution: markets.Solution, model: AffinityModel, problem: Problem) -> Mapping[str, Any]:
    """The solver's fingerprint and the parameters of the affinity."""
    return {**solution.fingerprint, "affinity": model.parameters(), "top_k": problem.top_k}


def report(
    problem: Problem, pupils: Sequence[Pupil], placed: Sequence[tuple[str, int | None, float]]
) -> Mapping[str, Any]:
    """Placed, wishes met by rank, scores, and in each group of each key: pupils, placed, wishes met, first wishes."""
    by_pupil = {pupil: rank for pupil, rank, _ in placed}
    profile = Counter(rank for rank in by_pupil.values() if rank is not None)
    scores = sorted(score for _, _, score in placed)
    groups: dict[str, dict[str, dict[str, int]]] = {}
    for pupil in pupils:
        for key, value in _groups(pupil).items():
            cell = groups.setdefault(key, {}).setdefault(value, {"pupils": 0, "placed": 0, "wished": 0, "first": 0})
            rank = by_pupil.get(pupil.id)
            cell["pupils"] += 1
            cell["placed"] += pupil.id in by_pupil
            cell["wished"] += rank is not None
            cell["first"] += rank == 1
    former_places = dict(problem.previous)
    return {
        "pupils": len(pupils),
        "placed": len(placed),
        "first_wishes": profile.get(1, 0),
        "wished": sum(profile.values()),
        "profile": [profile.get(rank, 0) for rank in range(1, max(profile, default=0) + 1)],
        "mean_score": round(float(np.mean(scores)), 4) if scores else None,
        "fifth_percentile": round(float(np.percentile(scores, 5)), 4) if scores else None,
        "equity": {key: dict(sorted(cells.items())) for key, cells in sorted(groups.items())},
        "previous": len(former_places),
    }


def weights_of(model: AffinityModel) -> Mapping[str, float]:
    """The channel weights in use."""
    return asdict(model.weights_)
