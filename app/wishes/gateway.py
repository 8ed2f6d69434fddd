"""The room's door to `matching`: which offers fit what a student said, best first, with reasons as codes and values."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from app.offers.models import PlacementOffer
from app.wishes.models import InterestProfile
from matching import values
from matching.weights import Reason

if TYPE_CHECKING:
    from matching.affinity import AffinityModel


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An offer for a student; `score` between 0 and 1; no reasons when the matcher abstains."""

    offer: PlacementOffer
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`abstained`: nothing was said to rank by, so the order means nothing."""

    items: tuple[Suggestion, ...]
    abstained: bool


V = TypeVar("V")


class _Recent(Generic[V]):
    """The last answers of this process. A key is a digest of all that the answer depends on, so none is ever stale."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, V] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: str, make: Callable[[], V]) -> V:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


_models: _Recent[AffinityModel] = _Recent(most=8)
_answers: _Recent[list[values.Suggestion]] = _Recent(most=256)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()


def offer_of(offer: PlacementOffer) -> values.Offer:
    """An offer as the matcher reads it; organisation and site loaded."""
    return values.Offer(
        id=str(offer.id),
        title=offer.title,
        structure=offer.organization.name,
        structure_type=offer.organization.kind.value,
        sector=offer.sector,
        occupations=tuple(offer.occupations),
        description=offer.description,
        work_conditions=tuple(offer.conditions),
        host=str(offer.organization_id),
        levels=tuple(offer.level_list),
        site=(offer.site.point.lat, offer.site.point.lon) if offer.site.is_located else None,
        commune=str(offer.site.commune_id or ""),
    )


def load() -> None:
    """Bring in what `suggestions` needs: a second's work, which a web server does before its first student comes."""
    from matching import proposing  # noqa: F401  # importing it is the work


def suggestions(
    profile: InterestProfile | None, offers: Sequence[PlacementOffer], weights: Mapping[str, float]
) -> Suggestions:
    """Every offer of `offers`, best-fitting first. Who said nothing gets them in the order given, abstained.

    `weights` replace the hand weights of the channels they name.
    """
    if profile is None or profile.is_empty or not offers:
        return Suggestions(tuple(Suggestion(offer, 0.0, ()) for offer in offers), abstained=True)
    from matching import proposing

    pupil = values.Pupil(
        id=str(profile.student_id),
        text=profile.text,
        avoid_text=profile.avoid_text,
        interests=tuple(profile.interests),
        likes=tuple(profile.likes),
        avoids=tuple(profile.avoids),
    )
    plain = [offer_of(offer) for offer in sorted(offers, key=lambda o: o.id)]
    learnt = sorted(weights.items())
    of_model = _digest((plain, learnt))
    model = _models.of(of_model, lambda: proposing.fit_model(plain, weights=learnt))
    found = _answers.of(of_model + _digest(pupil), lambda: proposing.suggest(pupil, plain, model))
    by_id = {str(offer.id): offer for offer in offers}
    abstained = any(suggestion.abstained for suggestion in found)
    return Suggestions(
        tuple(Suggestion(by_id[s.offer], s.score, () if abstained else s.reasons) for s in found), abstained
    )
