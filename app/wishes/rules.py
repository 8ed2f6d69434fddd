"""What a student may say, how a list of wishes moves, and how far each student has come. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.kernel.geography import TravelMode

MAX_INTERESTS = 8
MAX_TEXT = 600
MAX_AVOID_TEXT = 300

# How far one is ready to go, said with a feeling.
DISTANCES: dict[int, str] = {
    3: _l("3 km : mon quartier, à pied"),
    5: _l("5 km : la commune d’à côté"),
    10: _l("10 km : environ 40 min en bus"),
    15: _l("15 km : presque une heure en bus"),
    30: _l("30 km : partout, on peut m’emmener"),
}
TRAVEL: dict[TravelMode, str] = {
    TravelMode.WALK: _l("À pied"),
    TravelMode.BIKE: _l("À vélo"),
    TravelMode.BUS: _l("En bus"),
    TravelMode.CAR: _l("On m’emmène en voiture"),
}


@dataclass(frozen=True, slots=True)
class TastesDraft:
    """ROME interest codes, most telling first, and the student's own words."""

    interests: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ConditionsDraft:
    likes: tuple[str, ...]
    avoids: tuple[str, ...]
    avoid_text: str


@dataclass(frozen=True, slots=True)
class TravelDraft:
    """A commune, never an address."""

    commune_id: int | None
    mode: TravelMode | None
    max_km: int | None


class Standing(StrEnum):
    """How far a student has come, as a teacher sees it."""

    NOTHING = "nothing"
    INTERESTS = "interests"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    PLACED = "placed"


STANDING_WORDS: dict[Standing, str] = {
    Standing.NOTHING: _l("Rien encore"),
    Standing.INTERESTS: _l("Envies remplies"),
    Standing.DRAFT: _l("Vœux en cours"),
    Standing.SUBMITTED: _l("Vœux envoyés"),
    Standing.PLACED: _l("Stage trouvé"),
}
STANDING_TONES: dict[Standing, str] = {
    Standing.NOTHING: "alert",
    Standing.INTERESTS: "info",
    Standing.DRAFT: "waiting",
    Standing.SUBMITTED: "done",
    Standing.PLACED: "done",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """One student's line on the page of a class."""

    student_id: int
    class_id: int
    first_name: str
    last_name: str
    has_interests: bool
    wishes: int
    is_submitted: bool
    is_placed: bool
    has_signed_in: bool

    @property
    def standing(self) -> Standing:
        if self.is_placed:
            return Standing.PLACED
        if self.is_submitted and self.wishes:
            return Standing.SUBMITTED
        if self.wishes:
            return Standing.DRAFT
        return Standing.INTERESTS if self.has_interests else Standing.NOTHING


def counts(lines: Sequence[Progress]) -> dict[Standing, int]:
    """How many students stand at each point, every point present."""
    found = dict.fromkeys(Standing, 0)
    for line in lines:
        found[line.standing] += 1
    return found


def moved(order: Sequence[int], item: int, direction: str) -> list[int]:
    """`order` with `item` one place up or down; unchanged at either end, when absent or when `direction` is neither."""
    result = list(order)
    step = {"up": -1, "down": 1}.get(direction, 0)
    if item in result:
        here = result.index(item)
        there = here + step
        if 0 <= there < len(result):
            result[here], result[there] = result[there], result[here]
    return result
