"""Lambert-93 (RGF93, EPSG:2154), in which SIRENE and the ministry's geolocation write their points, to degrees. Pure.

Formulas of the IGN, « Projection cartographique conique conforme de Lambert » (NTG 71): ALG0002 and ALG0004.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, atan2, degrees, exp, hypot, log, pi, sin

from app.kernel.geography import Point


@dataclass(frozen=True, slots=True)
class Cone:
    """The constants of a projection, as NTG 71 names them; lengths in metres, `meridian` in radians."""

    n: float
    c: float
    xs: float
    ys: float
    e: float
    meridian: float

    def to_radians(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a point of the plane (ALG0004)."""
        radius, angle = hypot(x - self.xs, y - self.ys), atan2(x - self.xs, self.ys - y)
        return self._latitude(-log(radius / self.c) / self.n), self.meridian + angle / self.n

    def _latitude(self, isometric: float) -> float:
        """ALG0002: each turn gains three digits; eight are far beyond a millimetre."""
        latitude = 2 * atan(exp(isometric)) - pi / 2
        for _turn in range(8):
            swell = ((1 + self.e * sin(latitude)) / (1 - self.e * sin(latitude))) ** (self.e / 2)
            latitude = 2 * atan(swell * exp(isometric)) - pi / 2
        return latitude


LAMBERT_93 = Cone(
    n=0.7256077650532670,
    c=11_754_255.426096,
    xs=700_000.0,
    ys=12_655_612.049876,
    e=0.0818191910428158,
    meridian=3 * pi / 180,
)
# Metropolitan France and Corsica: overseas, the same columns hold other projections.
_X, _Y = (0.0, 1_300_000.0), (6_000_000.0, 7_200_000.0)


def to_degrees(x: float, y: float) -> Point | None:
    """The point of these Lambert-93 metres; None when they cannot be in metropolitan France."""
    if not (_X[0] <= x <= _X[1] and _Y[0] <= y <= _Y[1]):
        return None
    lat, lon = LAMBERT_93.to_radians(x, y)
    return Point(degrees(lat), degrees(lon))
