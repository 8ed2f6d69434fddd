"""The figures that new weights must not make worse, on decisions held out and on a whole run. Higher is better."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matching.affinity import AffinityModel
from matching.feasibility import Feasibility
from matching.learning import FIT_REASONS
from matching.values import Decision, Outcome, Problem

TOP = 5


def of_decisions(model: AffinityModel, problem: Problem, held: Sequence[Decision]) -> dict[str, float]:
    """`ndcg`: mean over pupils with an approval of nDCG at 5, approved offers worth 1, among the offers open to them;
    `refused_low`: share of the refusals about fit whose offer is not among the first 5. Left out when there is none.
    """
    rules = Feasibility(problem.offers, problem.places)
    approved: dict[str, set[str]] = defaultdict(set)
    refused: list[bool] = []
    pupils = {pupil.id: pupil for pupil in problem.pupils}
    ranked: dict[str, list[str]] = {}
    for decision in held:
        who = decision.pupil.id
        if who not in pupils or decision.offer not in model.offer_index_:
            continue
        if who not in ranked:
            open_rows = np.flatnonzero(rules.of(pupils[who]).offers)
            ranked[who] = _best(model, problem, decision, open_rows)
        if decision.approved:
            approved[who].add(decision.offer)
        elif decision.reason in FIT_REASONS:
            refused.append(decision.offer not in ranked[who])
    figures: dict[str, float] = {}
    if approved:
        figures["ndcg"] = float(np.mean([_ndcg(ranked[who], wanted) for who, wanted in sorted(approved.items())]))
    if refused:
        figures["refused_low"] = float(np.mean(refused))
    return figures


def _best(model: AffinityModel, problem: Problem, decision: Decision, rows: NDArray[np.intp]) -> list[str]:
    """The first offers of a pupil by score, among those of `rows` and the one decided upon."""
    ids = sorted({problem.offers[row].id for row in rows.tolist()} | {decision.offer})
    columns = np.array([model.offer_index_[id_] for id_ in ids], dtype=np.intp)
    scores = model.decision_function([decision.pupil], columns)[0]
    order = np.argsort(-np.round(scores, 9), kind="stable")[:TOP]
    return [ids[place] for place in order.tolist()]


def _ndcg(ranked: Sequence[str], wanted: set[str]) -> float:
    discounts = 1.0 / np.log2(np.arange(TOP) + 2.0)
    gained = sum(discounts[place] for place, offer in enumerate(ranked) if offer in wanted)
    return float(gained / discounts[: min(len(wanted), TOP)].sum())


def of_run(outcome: Outcome) -> dict[str, float]:
    """`placed` and `first_wishes` as shares of the pupils; `equity`: minus the gap between the shares of schools."""
    report = outcome.report
    pupils = max(int(report["pupils"]), 1)
    schools = report["equity"].get("school", {}).values()
    shares = [cell["placed"] / cell["pupils"] for cell in schools if cell["pupils"]]
    return {
        "placed": report["placed"] / pupils,
        "first_wishes": report["first_wishes"] / pupils,
        "equity": min(shares, default=0.0) - max(shares, default=0.0),
    }
