"""The channels of a score, their hand weights, the constants of the representation, and what one term says."""

from __future__ import annotations

from dataclasses import dataclass

CHANNELS = (
    "concept", "refused_concept", "interest", "liked_condition", "refused_condition", "stem", "refused_stem",
    "character", "embedding", "soft_concept",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """Hand weights of the channels, in log-odds of a good fit. `learning` may shift them, never change their sign."""

    concept: float = 4.0
    refused_concept: float = -4.5
    interest: float = 0.8
    liked_condition: float = 0.6
    refused_condition: float = -2.5
    stem: float = 1.5
    refused_stem: float = -0.5
    character: float = 1.0
    embedding: float = 3.0
    soft_concept: float = 0.9
    bias: float = -2.0

    def of(self, channel: str) -> float:
        """The weight of one of CHANNELS."""
        return float(getattr(self, channel))


@dataclass(frozen=True, slots=True)
class Reason:
    """One term of a score: what it is about (`values`) and how much it adds (`weight`, log-odds)."""

    code: str
    values: dict[str, str | int | float]
    weight: float


@dataclass(frozen=True, slots=True)
class Shape:
    """Constants of the representation, tuned on the development set (see `docs/affinity.md`)."""

    neighbour_power: float = 1.0
    sharpness: float = 4.0
    refusal_floor: float = 0.55
    rarity: float = 0.5
