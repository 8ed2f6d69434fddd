import numpy as np
import pytest

from matching.candidates import best_rows
from matching.feasibility import Feasibility, road_km
from matching.proposing import Offer, Place, Pupil

OFFERS = [
    Offer("near", "t", site=(50.42, 2.95)),
    Offer("far", "t", site=(50.95, 1.86)),
    Offer("other_week", "t", site=(50.42, 2.95)),
    Offer("seconde", "t", site=(50.42, 2.95), levels=("2de",)),
    Offer("somewhere", "t"),
]
PLACES = [Place(f"place {o.id}", o.id, "2027-02-08" if o.id == "other_week" else "2027-02-01", 1) for o in OFFERS]
PUPIL = Pupil("p", level="3e", weeks=("2027-02-01",), home=(50.42, 2.95), max_km=20.0)


def test_each_rule_removes_and_is_counted_once() -> None:
    rules = Feasibility(OFFERS, PLACES)
    assert rules.of(PUPIL).counts == {"offers": 5, "other_week": 1, "level": 1, "too_far": 1, "left": 2}
    assert [place.id for place in rules.places_of(PUPIL)] == ["place near", "place somewhere"]


def test_a_place_without_capacity_is_closed() -> None:
    rules = Feasibility(OFFERS, [Place("a", "near", "2027-02-01", 0)])
    assert not rules.of(PUPIL).offers.any()


def test_a_place_of_an_unknown_offer_is_refused() -> None:
    with pytest.raises(ValueError, match="place a: unknown offer moon"):
        Feasibility(OFFERS, [Place("a", "moon", "2027-02-01", 1)])


def test_road_distance_is_the_great_circle_and_a_third() -> None:
    lens_arras = road_km((50.4289, 2.8319), np.array([[50.291, 2.7775]]))[0]
    assert lens_arras == pytest.approx(1.3 * 15.8, rel=0.02)


@pytest.mark.parametrize("keep", [0, 1, 3, 40])
@pytest.mark.parametrize("width", [1, 5, 60])
def test_best_rows_are_those_of_a_full_sort(keep: int, width: int) -> None:
    scores = np.random.default_rng(keep + width).integers(0, 6, size=(20, width)).astype(float)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, : min(keep, width)]
    np.testing.assert_array_equal(best_rows(scores, keep), expected)
