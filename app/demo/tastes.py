"""Which offers a fictional student would choose. Pure.

Deliberately not the matcher's own affinity: wishes chosen by the machine that is then judged on them would flatter it.
"""

from __future__ import annotations

import math
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.demo.sources import Words
from app.kernel.geography import Point, road_km

# Where each interest leads at first thought, in the words of a teenager rather than of a nomenclature.
LEADS: dict[str, tuple[str, ...]] = {
    "1": ("PROPRETE_SECOND_OEUVRE", "REEMPLOI_DECHETS"),
    "2": ("SPORT", "EDUCATION_POPULAIRE"),
    "3": ("REEMPLOI_DECHETS", "MUTUALITE_BANQUE_COOP", "TEXTILE_LINGE"),
    "4": ("MEDIATION_ACTION_SOCIALE", "EDUCATION_POPULAIRE", "AIDE_A_DOMICILE"),
    "5": ("MEDIATION_ACTION_SOCIALE", "INSERTION"),
    "6": ("TEXTILE_LINGE", "SOUS_TRAITANCE"),
    "7": ("CULTURE", "TEXTILE_LINGE"),
    "8": ("CULTURE", "SUPPORT"),
    "9": ("ESPACES_VERTS_AGRI", "ENVIRONNEMENT"),
    "10": ("ENVIRONNEMENT", "CULTURE"),
    "11": ("MEDIATION_ACTION_SOCIALE", "SPORT"),
    "12": ("CULTURE", "EDUCATION_POPULAIRE"),
    "13": ("SPORT", "ESPACES_VERTS_AGRI"),
    "14": ("MOBILITE", "REEMPLOI_DECHETS", "PROPRETE_SECOND_OEUVRE"),
    "15": ("MUTUALITE_BANQUE_COOP", "SUPPORT"),
    "16": ("MOBILITE", "CULTURE"),
    "17": ("ENVIRONNEMENT", "ESPACES_VERTS_AGRI"),
    "18": ("SUPPORT", "CULTURE"),
    "19": ("MOBILITE",),
    "20": ("ENVIRONNEMENT", "REEMPLOI_DECHETS"),
    "21": ("PETITE_ENFANCE", "EDUCATION_POPULAIRE"),
    "22": ("MEDICO_SOCIAL", "AIDE_A_DOMICILE"),
    "23": ("MEDICO_SOCIAL", "SPORT"),
    "24": ("EDUCATION_POPULAIRE", "INSERTION"),
    "25": ("SPORT", "MOBILITE"),
    "26": ("CULTURE",),
    "27": ("ALIMENTATION_RESTAURATION",),
    "28": ("MEDIATION_ACTION_SOCIALE", "CULTURE"),
    "29": ("SUPPORT",),
    "30": ("CULTURE", "TEXTILE_LINGE"),
}
_STEM = 5


def stems(text: str) -> frozenset[str]:
    """The beginnings of the long words of `text`, without accents."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return frozenset(word[:_STEM] for word in re.findall(r"[a-z]{4,}", plain))


@dataclass(frozen=True, slots=True)
class Shown:
    """An offer as a student sees it. `appeal` is what everybody says of it, the same for all."""

    id: int
    sector: str
    stems: frozenset[str]
    trade: frozenset[str]  # stems of what people call the occupations
    conditions: frozenset[str]
    levels: frozenset[str]
    weeks: frozenset[date]
    point: Point
    appeal: float


class Shelf:
    """All the offers, with how rare each word is among them."""

    def __init__(self, offers: Sequence[Shown]) -> None:
        self.offers = offers
        counts = Counter(stem for offer in offers for stem in offer.stems)
        self.rarity: Mapping[str, float] = {
            stem: math.log(len(offers) / n) for stem, n in counts.items() if n <= len(offers) / 8
        }

    def choose(
        self,
        said: Words,
        *,
        home: Point,
        max_km: float | None,
        level: str,
        weeks: Iterable[date],
        number: int,
        rng: random.Random,
    ) -> list[int]:
        """Up to `number` offer identifiers, best first: possible for this student, and to their taste."""
        mine, allowed = stems(said.text), frozenset(weeks)
        refused = stems(said.avoid_text)
        sectors = Counter(sector for interest in said.interests for sector in LEADS.get(interest, ()))
        scored: list[tuple[float, int]] = []
        for offer in self.offers:
            if level not in offer.levels or not allowed & offer.weeks:
                continue
            km = road_km(home, offer.point)
            if max_km is not None and km > max_km:
                continue
            score = offer.appeal + rng.gauss(0, 0.3)
            score += 0.8 * sectors[offer.sector]
            score += 1.5 * min(2, len(mine & offer.trade))
            score += 0.4 * min(9.0, sum(self.rarity.get(stem, 0.0) for stem in mine & offer.stems))
            score -= 0.5 * min(9.0, sum(self.rarity.get(stem, 0.0) for stem in refused & offer.stems))
            score += 0.3 * len(offer.conditions.intersection(said.likes))
            score -= 0.8 * len(offer.conditions.intersection(said.avoids))
            score -= 0.06 * km
            scored.append((score, offer.id))
        scored.sort(reverse=True)
        return [offer_id for _, offer_id in scored[:number]]
