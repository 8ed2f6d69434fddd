"""The offers page of one student: what is open, how it fits, how far it is, narrowed and cut into pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel.geography import Point, road_km
from app.occupations.queries import fold, label_of
from app.offers.models import PlacementOffer, Slot
from app.wishes import gateway, learnt, sentences
from app.wishes.forms import Wanted
from app.wishes.models import InterestProfile

PER_PAGE = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """An offer as this student meets it."""

    offer: PlacementOffer
    slots: tuple[Slot, ...]
    distance_km: float | None
    is_near: bool
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    rank: int | None


@dataclass(frozen=True, slots=True)
class Page:
    items: tuple[Choice, ...]
    page: int
    pages: int
    total: int


def choices(
    profile: InterestProfile | None,
    offers: Sequence[PlacementOffer],
    weeks: Collection[date],
    wished: Sequence[int],
    fallback: Point | None = None,
) -> tuple[list[Choice], bool]:
    """The offers best-fitting first, those too far away after all the others; True when nothing was said to rank by,
    and then the nearest come first. `fallback` (the school) stands for a home not given.
    """
    home = profile.commune.point if profile is not None and profile.commune is not None else fallback
    max_km = profile.max_km if profile is not None else None
    found = gateway.suggestions(profile, offers, learnt.weights(offers[0].territory_id) if offers else {})
    listed = []
    for suggestion in found.items:
        offer = suggestion.offer
        km = road_km(home, offer.site.point) if home is not None else None
        listed.append(
            Choice(
                offer=offer,
                slots=tuple(slot for slot in offer.slots if slot.monday in weeks),
                distance_km=km,
                is_near=km is None or max_km is None or km <= max_km,
                reasons=tuple(sentences.why(suggestion.reasons)),
                cautions=tuple(sentences.caution(suggestion.reasons)),
                rank=wished.index(offer.id) + 1 if offer.id in wished else None,
            )
        )
    if found.abstained:
        listed.sort(key=lambda choice: (choice.distance_km or 0.0, choice.offer.id))
    listed.sort(key=lambda choice: not choice.is_near)
    return listed, found.abstained


def narrowed(listed: Sequence[Choice], wanted: Wanted) -> list[Choice]:
    """Those which answer every filter, in the same order."""
    words = fold(wanted.words).split()
    return [
        choice
        for choice in listed
        if (wanted.monday is None or any(slot.monday == wanted.monday for slot in choice.slots))
        and (not wanted.sector or choice.offer.sector == wanted.sector)
        and (not wanted.occupation or wanted.occupation in choice.offer.occupations)
        and (wanted.max_km is None or choice.distance_km is None or choice.distance_km <= wanted.max_km)
        and (not words or _holds(choice.offer, words))
    ]


def _holds(offer: PlacementOffer, words: Sequence[str]) -> bool:
    text = fold(" ".join([offer.title, offer.organization.name, offer.description, *map(label_of, offer.occupations)]))
    return all(word in text for word in words)


def cut(listed: Sequence[Choice], page: int) -> Page:
    pages = max(1, -(-len(listed) // PER_PAGE))
    page = min(max(1, page), pages)
    return Page(tuple(listed[(page - 1) * PER_PAGE : page * PER_PAGE]), page, pages, len(listed))
