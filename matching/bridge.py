"""From ROME interests to occupations: which occupations answer « J'aime être au contact de la nature »?

Known links teach a ridge classifier an interest; what it sees of an occupation is its place in the ROME tree (code
letter, domain, parent), the stems of its label and the concepts of the thesaurus that the label names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.utils.validation import check_is_fitted

from matching import occupations, text, thesaurus
from matching.thesaurus import INTERESTS


@dataclass(frozen=True, slots=True)
class RomeOccupation:
    """A ROME occupation; `parent` is the code of its parent when known."""

    code: str
    label: str
    parent: str = ""


class InterestBridge(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Ranks occupations for each of the 30 ROME interests.

    Parameters
    ----------
    alpha : float
        Ridge penalty.
    tree, concept : float
        Weights of the ROME tree and of thesaurus concepts beside the stems of labels.
    """

    def __init__(self, alpha: float = 2.0, tree: float = 1.0, concept: float = 0.5) -> None:
        self.alpha = alpha
        self.tree = tree
        self.concept = concept

    def fit(self, occupations: Sequence[RomeOccupation], links: Iterable[tuple[str, str]]) -> Self:
        """Learn from `links` (interest code "1"–"30", occupation code) over the occupations they name.

        Occupations without any link are unlabelled, not negative; they only teach how rare words are.
        Raises ValueError for a link to an unknown occupation or interest, or without links.
        """
        known = {occupation.code: row for row, occupation in enumerate(occupations)}
        targets = np.zeros((len(occupations), len(INTERESTS)))
        for interest, code in links:
            if code not in known or interest not in INTERESTS:
                raise ValueError(f"unknown link: interest {interest!r}, occupation {code!r}")
            targets[known[code], INTERESTS.index(interest)] = 1.0
        labelled = np.flatnonzero(targets.any(axis=1))
        if not labelled.size:
            raise ValueError("at least one link is needed")
        self.lexicon_ = thesaurus.load()
        views = self._views(occupations)
        self.vectorizers_ = {
            name: TfidfVectorizer(analyzer=_as_is, sublinear_tf=True).fit([view[name] for view in views])
            for name in ("stems", "tree", "concepts")
        }
        rows = self._rows(occupations)[labelled]
        self.model_ = Ridge(alpha=self.alpha).fit(rows, targets[labelled])
        return self

    def decision_function(self, occupations: Sequence[RomeOccupation]) -> NDArray[np.float64]:
        """(occupations × 30) how well each occupation answers each interest; higher is better."""
        check_is_fitted(self, "model_")
        return np.asarray(self.model_.predict(self._rows(occupations)), dtype=np.float64)

    def rank(self, interest: str, occupations: Sequence[RomeOccupation]) -> list[str]:
        """Codes of `occupations`, the best answer to `interest` first, ties by code."""
        scores = np.round(self.decision_function(occupations)[:, INTERESTS.index(interest)], 9)
        order = sorted(range(len(occupations)), key=lambda row: (-scores[row], occupations[row].code))
        return [occupations[row].code for row in order]

    def _views(self, occupations: Sequence[RomeOccupation]) -> list[Mapping[str, list[str]]]:
        views: list[Mapping[str, list[str]]] = []
        for occupation in occupations:
            tokens = text.tokenise(occupation.label)
            named = {m.concept for m in self.lexicon_.mentions(tokens, "offer")}
            relations = self.lexicon_.relations
            near = {int(j) for c in named for j in relations.indices[relations.indptr[c] : relations.indptr[c + 1]]}
            code = occupation.code
            views.append(
                {
                    "stems": text.content_stems(tokens),
                    "tree": [code[:1], code[:2], code[:3], occupation.parent or code],
                    "concepts": [f"c{c}" for c in sorted(named)] + [f"n{c}" for c in sorted(near)],
                }
            )
        return views

    def _rows(self, occupations: Sequence[RomeOccupation]) -> sp.csr_matrix:
        views = self._views(occupations)
        weights = {"stems": 1.0, "tree": self.tree, "concepts": self.concept}
        blocks = [weights[n] * v.transform([view[n] for view in views]) for n, v in self.vectorizers_.items()]
        return sp.csr_matrix(sp.hstack(blocks))


def shipped() -> InterestBridge:
    """A bridge taught by the ESS occupations shipped with the library."""
    known = sorted(occupations.by_code().values(), key=lambda occupation: occupation.code)
    rows = [RomeOccupation(occupation.code, occupation.label) for occupation in known]
    return InterestBridge().fit(rows, [(i, occupation.code) for occupation in known for i in occupation.interests])


@lru_cache(maxsize=1)
def _taught() -> InterestBridge:
    return shipped()


def guesses(labels: Sequence[str]) -> list[dict[int, float]]:
    """For each label, the interests it most likely answers: place in INTERESTS → strength in [0.2, 0.7]."""
    if not labels:
        return []
    scores = _taught().decision_function([RomeOccupation("", label) for label in labels])
    return [{int(j): min(float(row[j]), 0.7) for j in np.flatnonzero(row >= 0.2)} for row in scores]


def _as_is(tokens: Sequence[str]) -> Sequence[str]:
    return tokens
