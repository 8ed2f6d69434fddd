"""What decisions teach the weights: approvals, refusals about fit, and what pupils say after the stage.

A logistic regression on the channels of the score, with a Gaussian prior on the hand weights and their signs held.
Only what was proposed can be judged: the base rate is learnt apart and thrown away, and so is what a wish is worth,
since offers nobody wished for are proposed only when they fit (without it, fit would seem to speak against approval).
New weights are released when no guarded figure falls; either way the change is told as a code with values.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.base import BaseEstimator
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.utils.validation import check_is_fitted

from matching.affinity import AffinityModel
from matching.values import Decision, Lesson
from matching.weights import CHANNELS, Weights

FIT_REASONS = frozenset(("", "interest", "conditions", "too_far_from_wishes", "pupil_says_no", "liked", "disliked"))
FloatArray = NDArray[np.float64]


class WeightLearner(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Maximum a posteriori weights of the channels.

    Parameters
    ----------
    prior : Weights or None
        Hand weights, the centre of the prior; None is `Weights()`.
    spread : float
        Standard deviation of the prior, as a share of each hand weight.
    """

    def __init__(self, prior: Weights | None = None, spread: float = 0.3) -> None:
        self.prior = prior
        self.spread = spread

    def fit(
        self,
        values: FloatArray,
        y: NDArray[np.bool_],
        sample_weight: FloatArray | None = None,
        aside: FloatArray | None = None,
    ) -> Self:
        """Learn from `values` (pairs × CHANNELS, see `channel_values`) and `y` (pairs, approved).

        `aside` (pairs × k): columns that may explain decisions but are no part of the score (weights: `aside_`).
        """
        prior = self.prior or Weights()
        extra = np.empty((len(values), 0)) if aside is None else aside
        known = np.array([prior.of(channel) for channel in CHANNELS])
        centre = np.concatenate([known, np.zeros(extra.shape[1]), [prior.bias]])
        scale = np.concatenate([np.abs(known) * self.spread, np.full(extra.shape[1] + 1, 3.0)])
        design = np.column_stack([values, extra, np.ones(len(values))])
        signs = np.where(np.asarray(y, dtype=bool), 1.0, -1.0)
        weight = np.ones(len(values)) if sample_weight is None else sample_weight

        def loss(w: FloatArray) -> tuple[float, FloatArray]:
            margin = signs * (design @ w)
            gap = (w - centre) / scale
            slope = -signs * weight / (1.0 + np.exp(np.clip(margin, -500, 500)))
            return float(weight @ np.logaddexp(0.0, -margin) + 0.5 * gap @ gap), design.T @ slope + gap / scale

        signed: list[tuple[float | None, float | None]] = [(0.0, None) if c > 0 else (None, 0.0) for c in known]
        bounds = [*signed, *[(None, None)] * (extra.shape[1] + 1)]
        solved = minimize(loss, centre, jac=True, bounds=bounds, method="L-BFGS-B")
        self.coef_ = np.asarray(solved.x[: len(CHANNELS)])
        self.aside_ = np.asarray(solved.x[len(CHANNELS) : -1])
        self.base_rate_ = float(solved.x[-1])
        return self

    def weights(self) -> Weights:
        """The learnt weights, with the hand bias: the base rate of what was proposed is not that of what exists."""
        check_is_fitted(self, "coef_")
        learnt = {channel: round(float(w), 4) for channel, w in zip(CHANNELS, self.coef_, strict=True)}
        return replace(self.prior or Weights(), **learnt)


def channel_values(model: AffinityModel, decisions: Sequence[Decision]) -> FloatArray:
    """(decisions × CHANNELS) what each channel says of each pair, before its weight."""
    ones = model.with_weights(**dict.fromkeys(CHANNELS, 1.0))
    pupils = [decision.pupil for decision in decisions]
    columns = np.array([model.offer_index_[decision.offer] for decision in decisions], dtype=np.intp)
    products = ones.pupil_rows(pupils).multiply(model.offer_rows_[columns]).tocsc()
    values = np.zeros((len(decisions), len(CHANNELS)))
    for place, channel in enumerate(CHANNELS):
        if channel in model.slices_:
            values[:, place] = np.asarray(products[:, model.slices_[channel]].sum(axis=1)).ravel()
        elif model.encoder is not None:
            for row, column in enumerate(columns):
                values[row, place] = model.meanings([pupils[row]], np.array([column]))[channel][0, 0]
    return values


def learn(
    model: AffinityModel,
    decisions: Sequence[Decision],
    guard: Callable[[AffinityModel], Mapping[str, float]] | None = None,
    *,
    spread: float = 0.3,
    least: int = 50,
    tolerance: float = 0.005,
) -> Lesson:
    """Learn from `decisions`, and release the new weights only if nothing guarded falls by more than `tolerance`.

    `guard` gives figures of which higher is better (for instance nDCG on graded texts); the order of held-out
    decisions (AUC), their log-loss and the gap between groups are always guarded.
    """
    kept = [d for d in decisions if (d.approved or d.reason in FIT_REASONS) and d.offer in model.offer_index_]
    left_out = dict(Counter(d.reason or "unknown_offer" for d in decisions if d not in kept))
    selection = dict(sorted(Counter(d.source for d in kept).items()))
    held = np.array([held_out(d) for d in kept], dtype=bool)
    y = np.array([d.approved for d in kept], dtype=bool)
    enough = len(kept) >= least and len(set(y[held])) == 2 and len(set(y[~held])) == 2
    if not enough:
        return Lesson("too_few", model.weights_, {}, {}, {}, len(kept), left_out, selection)
    values = channel_values(model, kept)
    weight = np.array([d.weight for d in kept])
    aside = np.array([[float(d.wished)] for d in kept])
    learner = WeightLearner(model.weights_, spread).fit(values[~held], y[~held], weight[~held], aside[~held])
    known = learner.base_rate_ + aside[held] @ learner.aside_
    weights = learner.weights()
    changed = model.with_weights(**{channel: weights.of(channel) for channel in CHANNELS})
    groups = np.array([d.group for d in kept])
    before = _figures(model, values[held], y[held], groups[held], known, guard)
    after = _figures(changed, values[held], y[held], groups[held], known, guard)
    code = "released"
    if any(after[name] < before[name] - tolerance for name in before if name != "group_gap"):
        code = "held_quality"
    elif after["group_gap"] < before["group_gap"] - tolerance:
        code = "held_equity"
    moved = {c: (model.weights_.of(c), weights.of(c)) for c in CHANNELS if weights.of(c) != model.weights_.of(c)}
    released = weights if code == "released" else model.weights_
    return Lesson(code, released, before, after, moved, len(kept), left_out, selection)


def held_out(decision: Decision) -> bool:
    """One decision in five, the same ones at every run."""
    key = f"{decision.pupil.id} {decision.offer}".encode()
    return hashlib.blake2b(key, digest_size=2).digest()[0] % 5 == 0


def _figures(
    model: AffinityModel,
    values: FloatArray,
    y: NDArray[np.bool_],
    groups: NDArray[np.str_],
    known: FloatArray,
    guard: Callable[[AffinityModel], Mapping[str, float]] | None,
) -> dict[str, float]:
    logits = values @ np.array([model.weights_.of(channel) for channel in CHANNELS])
    chances = 1.0 / (1.0 + np.exp(-(logits + known)))
    means = [chances[groups == group].mean() for group in sorted(set(groups.tolist()))]
    figures = {
        "order": float(roc_auc_score(y, logits + known)),
        "likelihood": -float(log_loss(y, chances, labels=[False, True])),
        "group_gap": -float(max(means) - min(means)),
    }
    if guard is not None:
        figures |= {name: float(value) for name, value in guard(model).items()}
    return {name: round(value, 5) for name, value in figures.items()}


def summary(lesson: Lesson) -> Mapping[str, object]:
    """Plain values for the page that shows a lesson: code, figures before and after, the biggest change."""
    biggest = max(lesson.changes.items(), key=lambda item: abs(item[1][1] - item[1][0]), default=None)
    return {**asdict(lesson), "biggest": None if biggest is None else {"channel": biggest[0], "values": biggest[1]}}
