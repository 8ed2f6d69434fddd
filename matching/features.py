"""What texts and ticks become before `affinity` weighs them: documents, chunks, sparse rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matching import bridge, occupations, text
from matching.profiles import OfferLike
from matching.text import Token
from matching.thesaurus import CONDITIONS, INTERESTS

FloatArray = NDArray[np.float64]


def document(offer: OfferLike) -> list[Token]:
    """The words of an offer for TF-IDF and character n-grams, title and occupations twice."""
    labels = " . ".join(occupations.label_of(label) for label in offer.occupations)
    twice = (offer.title, offer.title, labels, labels)
    parts = (*twice, offer.sector, offer.structure_type, offer.structure, offer.description)
    return [token for part in parts for token in tokens_of(part)]


@lru_cache(maxsize=20_000)
def tokens_of(content: str) -> tuple[Token, ...]:
    """`text.tokenise`, remembered: offers repeat titles, sectors and structures."""
    return text.tokenise(content)


def as_is(stems: Sequence[str]) -> Sequence[str]:
    return stems


def chunks(offer: OfferLike) -> list[str]:
    sentences = [s.strip() for s in offer.description.replace(";", ".").split(".") if len(s.strip()) > 10]
    labels = [occupations.label_of(label) for label in offer.occupations]
    return [offer.title, f"{offer.sector} : {', '.join(labels)}", *labels, *sentences]


def occupation_interests(offers: Sequence[OfferLike]) -> list[dict[int, float]]:
    """Interests that each offer's occupations answer: facts where ROME has them, else the bridge's guess."""
    strange = sorted({o for offer in offers for o in offer.occupations if not occupations.interests_of(o)})
    guesses = bridge.guesses(tuple(occupations.label_of(label) for label in strange))
    guessed = dict(zip(strange, guesses, strict=True))
    rows = []
    for offer in offers:
        found: dict[int, float] = {}
        for label in offer.occupations:
            facts = {INTERESTS.index(i): 1.0 if n == 0 else 0.6 for n, i in enumerate(occupations.interests_of(label))}
            for place, value in (facts or guessed[label]).items():
                found[place] = max(found.get(place, 0.0), value)
        rows.append(found)
    return rows


def ticked(interests: Sequence[str]) -> dict[int, float]:
    known = [INTERESTS.index(code) for code in dict.fromkeys(interests) if code in INTERESTS]
    return {place: 1.0 / np.sqrt(len(known)) for place in known}


def indexed(found: dict[str, tuple[float, str]], rarity: FloatArray | None) -> dict[int, float]:
    places = {CONDITIONS.index(name): value for name, (value, _) in found.items()}
    return {p: v * (1.0 if rarity is None else float(rarity[p])) for p, v in places.items()}


def rows(found: Sequence[dict[int, float]], width: int) -> sp.csr_matrix:
    """Sparse rows from dictionaries column → value."""
    lengths = np.fromiter((len(row) for row in found), dtype=np.int64, count=len(found))
    starts = np.concatenate(([0], np.cumsum(lengths)))
    columns = np.fromiter((c for row in found for c in sorted(row)), dtype=np.int64, count=int(starts[-1]))
    values = np.fromiter((row[c] for row in found for c in sorted(row)), dtype=np.float64, count=int(starts[-1]))
    return sp.csr_matrix((values, columns, starts), shape=(len(found), width))


def condition_rarity(conditions: sp.csr_matrix) -> FloatArray:
    share = np.asarray(conditions.mean(axis=0)).ravel()
    return np.asarray(np.clip(1.2 - share, 0.3, 1.0))
