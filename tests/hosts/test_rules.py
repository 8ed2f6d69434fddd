from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.hosts.kinds import EssFamily, HostKind
from app.hosts.rules import (
    EXAMPLES,
    FAMILIES,
    KINDS,
    LEGAL_FORMS,
    OTHER_FORM,
    Identity,
    Place,
    identity_problems,
    place_problems,
    siret_problem,
)
from app.kernel.geography import Point
from app.kernel.identifiers import parse_phone
from tests.world import siren, siret

CENTRE = Point(50.40923, 2.959)
SIREN = siren(77)
GOOD = Identity("L’Atelier", HostKind.ACI, EssFamily.ASSOCIATION, "9220", "Tout sert au projet.")
PLACE = Place(siret(SIREN), "Atelier", "12 rue des Mineurs", 1)


@pytest.fixture(autouse=True)
def french(context: Flask) -> Iterator[None]:
    with context.test_request_context():
        yield


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0321000000", "03 21 00 00 00"),
        ("03.21.00.00.00", "03 21 00 00 00"),
        ("+33 3 21 00 00 00", "03 21 00 00 00"),
        ("0033 6-12-34-56-78", "06 12 34 56 78"),
        ("", None),
        ("03 21 00 00", None),
        ("00 21 00 00 00", None),
        ("+48 22 123 45 67", "+48 22 123 45 67"),
        ("03 21 00 00 00 00", None),
    ],
)
def test_a_telephone_number_is_read_as_people_write_it(typed: str, kept: str | None) -> None:
    assert parse_phone(typed) == kept


@pytest.mark.parametrize("lawful", [siret(SIREN), " ".join(siret(SIREN)), "356 000 000 00048", "35600000009075"])
def test_a_siret_is_read_with_spaces_and_by_la_postes_own_rule(lawful: str) -> None:
    assert siret_problem(lawful) is None


@pytest.mark.parametrize("wrong", ["", "123", "12345678901234", "35600000009076", "é" * 14, "<script>", "9" * 10_000])
def test_a_wrong_siret_is_explained(wrong: str) -> None:
    assert (siret_problem(wrong) or "").endswith(".")


def test_a_siret_of_another_structure_is_refused() -> None:
    assert SIREN in (siret_problem(siret(siren(78)), siren=SIREN) or "")


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("name", {"name": ""}),
        ("kind", {"kind": None}),
        ("family", {"family": None}),
        ("legal_form", {"legal_form": "1234"}),
        ("legal_form", {"legal_form": "8210"}),
        ("legal_form", {"family": EssFamily.COOPERATIVE}),
        ("ess_sentence", {"ess_sentence": ""}),
        ("employees", {"employees": -1}),
        ("employees", {"employees": 10**9}),
        ("phone", {"phone": "12"}),
    ],
)
def test_each_wrong_answer_gets_its_own_sentence(field: str, change: dict[str, object]) -> None:
    assert identity_problems(GOOD) == {}
    assert list(identity_problems(replace(GOOD, **change))) == [field]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("siret", {"siret": "1"}),
        ("address", {"address": ""}),
        ("commune_id", {"commune_id": None}),
        ("commune_id", {"commune_id": 2}),
        ("lat", {"lon": 2.9}),
        ("lon", {"lat": 50.4}),
        ("lat", {"lat": 48.85, "lon": 2.35}),
        ("lat", {"lat": 91.0, "lon": 2.9}),
    ],
)
def test_each_wrong_place_gets_its_own_sentence(field: str, change: dict[str, object]) -> None:
    assert place_problems(PLACE, {1: CENTRE}, siren=SIREN) == {}
    assert list(place_problems(replace(PLACE, **change), {1: CENTRE})) == [field]  # type: ignore[arg-type]


def test_a_point_near_the_commune_is_kept() -> None:
    assert place_problems(replace(PLACE, lat=50.42, lon=2.97), {1: CENTRE}) == {}


def test_every_family_and_kind_has_its_words_and_each_family_a_form() -> None:
    assert set(FAMILIES) == set(EXAMPLES) == set(EssFamily)
    assert set(KINDS) == set(HostKind)
    assert all(any(f in fs for code, (_l, fs) in LEGAL_FORMS.items() if code != OTHER_FORM) for f in EssFamily)
