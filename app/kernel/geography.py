"""Distances as people live them. Great circle on a sphere (haversine, R = 6371 km), then a road factor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0
ROAD_FACTOR = 1.3


@dataclass(frozen=True, slots=True)
class Point:
    """WGS 84, degrees."""

    lat: float
    lon: float


class TravelMode(StrEnum):
    WALK = "pied"
    BIKE = "velo"
    BUS = "bus"
    CAR = "voiture"


# Door to door, km/h, with the wait for the bus counted in.
SPEED_KMH = {TravelMode.WALK: 4.5, TravelMode.BIKE: 13.0, TravelMode.BUS: 16.0, TravelMode.CAR: 35.0}


def straight_km(a: Point, b: Point) -> float:
    dlat, dlon = radians(b.lat - a.lat), radians(b.lon - a.lon)
    h = sin(dlat / 2) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(h))


def road_km(a: Point, b: Point) -> float:
    """Estimated distance by road: the great circle times 1.3."""
    return straight_km(a, b) * ROAD_FACTOR


def minutes(km: float, mode: TravelMode) -> int:
    """Estimated door-to-door minutes, rounded up to five."""
    return max(5, -(-round(km / SPEED_KMH[mode] * 60) // 5) * 5)
