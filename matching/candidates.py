"""The few offers worth giving to the solver for each pupil: the best by affinity among those the rules leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching.affinity import AffinityModel
from matching.feasibility import Feasibility, PupilRules
from matching.profiles import PupilLike

CHUNK = 2048
FloatArray = NDArray[np.float64]


class Seeker(PupilLike, PupilRules, Protocol):
    """A pupil with words and rules."""


def best_rows(scores: FloatArray, keep: int) -> NDArray[np.intp]:
    """(n × min(keep, m)) columns of the highest scores of each row, best first, ties by column order.

    Scores are compared to nine decimals, so that the same pupil gets the same answer in any block.
    """
    rounded = np.round(scores, 9)
    keep = min(keep, rounded.shape[1])
    if keep == 0:
        return np.empty((rounded.shape[0], 0), dtype=np.intp)
    if keep * 8 < rounded.shape[1]:
        floor = -np.partition(-rounded, keep - 1, axis=1)[:, keep - 1]
        result = np.empty((rounded.shape[0], keep), dtype=np.intp)
        for row, least in enumerate(floor):
            columns = np.flatnonzero(rounded[row] >= least)
            order = np.argsort(-rounded[row, columns], kind="stable")[:keep]
            result[row] = columns[order]
        return result
    return np.argsort(-rounded, axis=1, kind="stable")[:, :keep]


def nearest_fits(
    model: AffinityModel,
    pupils: Sequence[Seeker],
    rules: Feasibility,
    keep: int,
    progress: Callable[[float], None] | None = None,
) -> list[tuple[NDArray[np.intp], FloatArray]]:
    """For each pupil, the rows of the `keep` best feasible offers and their log-odds, best first.

    Pupils are taken by what the rules say of them, so that a product touches only the offers they may go to.
    """
    if not pupils:
        return []
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, pupil in enumerate(pupils):
        groups.setdefault(rules.key(pupil), []).append(index)
    empty = (np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float64))
    found: list[tuple[NDArray[np.intp], FloatArray]] = [empty] * len(pupils)
    rows = model.pupil_rows(pupils)
    done = 0
    for members in groups.values():
        columns = np.flatnonzero(rules.of(pupils[members[0]]).offers)
        transposed = sp.csc_matrix(model.offer_rows_[columns].T)
        for start in range(0, len(members), CHUNK):
            chunk = members[start : start + CHUNK]
            scores = model.scores_of(rows[chunk], transposed, [pupils[i] for i in chunk], columns)
            best = best_rows(scores, keep)
            for place, index in enumerate(chunk):
                found[index] = (columns[best[place]], scores[place, best[place]])
            done += len(chunk)
            if progress is not None:
                progress(done / len(pupils))
    return found
