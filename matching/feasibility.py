"""Hard rules before any score: week, level, distance, forbidden pairs; and how many offers each rule removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

ROAD_FACTOR = 1.3  # roads against the great circle; stated in docs/affinity.md
EARTH_RADIUS_KM = 6371.0088
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
Point = tuple[float, float]


class PupilRules(Protocol):
    """What feasibility reads of a pupil."""

    @property
    def id(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def weeks(self) -> tuple[str, ...]: ...
    @property
    def home(self) -> Point | None: ...
    @property
    def max_km(self) -> float | None: ...


class OfferRules(Protocol):
    """What feasibility reads of an offer."""

    @property
    def id(self) -> str: ...
    @property
    def levels(self) -> tuple[str, ...]: ...
    @property
    def site(self) -> Point | None: ...


class PlaceRules(Protocol):
    """What feasibility reads of a place."""

    @property
    def id(self) -> str: ...
    @property
    def offer(self) -> str: ...
    @property
    def week(self) -> str: ...
    @property
    def capacity(self) -> int: ...


def road_km(home: Point, sites: FloatArray) -> FloatArray:
    """Kilometres by road from `home` (lat, lon) to each row of `sites` (n × 2, degrees): great circle × 1.3."""
    lat, lon = np.radians(home[0]), np.radians(home[1])
    lats, lons = np.radians(sites[:, 0]), np.radians(sites[:, 1])
    half = np.sin((lats - lat) / 2) ** 2 + np.cos(lat) * np.cos(lats) * np.sin((lons - lon) / 2) ** 2
    return np.asarray(ROAD_FACTOR * 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


@dataclass(frozen=True, slots=True)
class Filtered:
    """What is left for a pupil. `counts` has offers, other_week, level, too_far and left; each offer counts once."""

    offers: BoolArray
    kilometres: FloatArray
    counts: Mapping[str, int]


class Feasibility:
    """The hard rules over fixed offers and places. Pupils who share week, level and home share one answer."""

    def __init__(self, offers: Sequence[OfferRules], places: Iterable[PlaceRules]) -> None:
        self.offer_ids = [offer.id for offer in offers]
        self._row = {id_: row for row, id_ in enumerate(self.offer_ids)}
        self._levels = [frozenset(offer.levels) for offer in offers]
        self._sites = np.array([offer.site or (np.nan, np.nan) for offer in offers], dtype=np.float64).reshape(-1, 2)
        self._weeks: dict[str, BoolArray] = {}
        self.places: dict[int, list[PlaceRules]] = {}
        for place in sorted(places, key=lambda p: p.id):
            if place.offer not in self._row:
                raise ValueError(f"place {place.id}: unknown offer {place.offer}")
            if place.capacity <= 0:
                continue
            row = self._row[place.offer]
            self._weeks.setdefault(place.week, np.zeros(len(self.offer_ids), dtype=bool))[row] = True
            self.places.setdefault(row, []).append(place)
        self._known: dict[tuple[object, ...], Filtered] = {}

    def key(self, pupil: PupilRules) -> tuple[object, ...]:
        """What decides the answer for a pupil; pupils with the same key have the same `Filtered`."""
        return (tuple(sorted(pupil.weeks)), pupil.level, pupil.home, pupil.max_km)

    def of(self, pupil: PupilRules) -> Filtered:
        """Offers a pupil may go to, their distances (NaN when a place is unknown) and what each rule removed."""
        key = self.key(pupil)
        if key not in self._known:
            self._known[key] = self._filter(pupil)
        return self._known[key]

    def _filter(self, pupil: PupilRules) -> Filtered:
        count = len(self.offer_ids)
        open_weeks = np.zeros(count, dtype=bool)
        for week in pupil.weeks:
            open_weeks |= self._weeks.get(week, np.zeros(count, dtype=bool))
        level = np.array([not levels or pupil.level in levels for levels in self._levels], dtype=bool).reshape(count)
        kilometres = np.full(count, np.nan)
        if pupil.home is not None and count:
            kilometres = road_km(pupil.home, self._sites)
        near = np.ones(count, dtype=bool)
        if pupil.max_km is not None:
            near = np.isnan(kilometres) | (kilometres <= pupil.max_km)
        left = open_weeks & level & near
        counts = {
            "offers": count,
            "other_week": int((~open_weeks).sum()),
            "level": int((open_weeks & ~level).sum()),
            "too_far": int((open_weeks & level & ~near).sum()),
            "left": int(left.sum()),
        }
        return Filtered(left, kilometres, counts)

    def places_of(self, pupil: PupilRules) -> list[PlaceRules]:
        """Places open to a pupil by week, level and distance, in the order of their identifiers."""
        weeks = set(pupil.weeks)
        rows = np.flatnonzero(self.of(pupil).offers).tolist()
        found = [place for row in rows for place in self.places.get(row, ()) if place.week in weeks]
        return sorted(found, key=lambda place: place.id)
