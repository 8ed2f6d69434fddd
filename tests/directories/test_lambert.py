"""Lambert-93: the IGN's published check, and points of the four corners of the country as PROJ 9 computes them."""

from __future__ import annotations

import pytest

from app.directories.lambert import LAMBERT_93, Cone, to_degrees
from app.kernel.geography import Point, straight_km


def test_the_published_check_of_alg0004() -> None:
    """NTG 71, page of ALG0004: its own cone, its own point."""
    cone = Cone(
        n=0.760405966, c=11_603_796.9767, xs=600_000.0, ys=5_657_616.674, e=0.0824832568, meridian=0.04079234433
    )
    lat, lon = cone.to_radians(1_029_705.083, 272_723.849)
    assert lat == pytest.approx(0.872664626, abs=1e-9)
    assert lon == pytest.approx(0.145512099, abs=1e-8)


def test_the_origin_of_the_projection() -> None:
    lat, lon = LAMBERT_93.to_radians(700_000, 6_600_000)
    assert (lat, lon) == pytest.approx((0.8115781021773611, 0.05235987755982989), abs=1e-10)  # 46°30′ N, 3° E


@pytest.mark.parametrize(
    ("x", "y", "lat", "lon"),
    [
        (697_081.394, 7_034_628.755, 50.40923, 2.959),  # Hénin-Beaumont
        (655_705.557, 7_103_986.141, 51.03, 2.37),  # Dunkerque
        (1_216_136.578, 6_051_823.423, 41.387, 9.159),  # Bonifacio
        (146_636.140, 6_836_217.365, 48.39, -4.486),  # Brest
    ],
)
def test_a_point_is_found_to_a_metre(x: float, y: float, lat: float, lon: float) -> None:
    found = to_degrees(x, y)
    assert found is not None
    assert straight_km(found, Point(lat, lon)) < 0.001


@pytest.mark.parametrize(("x", "y"), [(0, 0), (50.4, 2.95), (345_000, 7_650_000), (1e300, -1e300)])
def test_what_cannot_be_in_metropolitan_france_is_no_point(x: float, y: float) -> None:
    assert to_degrees(x, y) is None
