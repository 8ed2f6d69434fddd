"""Transactions, state tables, identifiers, typography, distances."""

from __future__ import annotations

import threading
from enum import StrEnum

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.campaigns.models import Territory
from app.kernel import identifiers
from app.kernel.database import after_commit, db, locked, transaction
from app.kernel.errors import IllegalTransition
from app.kernel.geography import Point, TravelMode, minutes, road_km, straight_km
from app.kernel.states import StateTable, Transition
from app.settings import MissingSecret, Settings
from app.web.typography import french
from tests.world import World


def test_nothing_leaves_before_the_outermost_commit(context: Flask, world: World) -> None:
    heard: list[str] = []
    with transaction():
        with transaction():
            after_commit(lambda: heard.append("inner"))
        assert heard == []
    assert heard == ["inner"]
    with pytest.raises(RuntimeError), transaction():
        after_commit(lambda: heard.append("lost"))
        raise RuntimeError
    with transaction():
        pass
    assert heard == ["inner"]


def test_a_failed_inner_verb_takes_the_outer_one_with_it(context: Flask, world: World) -> None:
    with pytest.raises(RuntimeError), transaction():
        territory = locked(Territory, world.here.territory_id)
        assert territory is not None
        territory.name = "perdu"
        with transaction():
            raise RuntimeError
    db.session.expire_all()
    territory = db.session.get(Territory, world.here.territory_id)
    assert territory is not None
    assert territory.name != "perdu"


@pytest.mark.both_engines
def test_what_a_step_undone_asked_for_is_not_done(context: Flask, world: World) -> None:
    """A savepoint rolled back takes its callbacks with it: a file is not deleted while its row stands."""
    heard: list[str] = []
    with transaction() as session:
        after_commit(lambda: heard.append("before"))
        with pytest.raises(IllegalTransition), session.begin_nested():
            with session.begin_nested():
                after_commit(lambda: heard.append("undone, deeper"))
            after_commit(lambda: heard.append("undone"))
            raise IllegalTransition("no")
        with session.begin_nested():
            after_commit(lambda: heard.append("in a step that holds"))
        after_commit(lambda: heard.append("after"))
    assert heard == ["before", "in a step that holds", "after"]


@pytest.mark.both_engines
def test_concurrent_writers_lose_no_update(app: Flask, world: World) -> None:
    """Four threads add one to the same row fifty times each: nothing is lost (see docs/adr/0003)."""

    def work() -> None:
        for _ in range(50):
            with app.app_context(), transaction():
                row = locked(Territory, world.here.territory_id)
                assert row is not None
                row.contact_phone = str(int(row.contact_phone or "0") + 1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        row = db.session.get(Territory, world.here.territory_id)
        assert row is not None
        assert row.contact_phone == "200"


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


TABLE = StateTable([Transition("go", frozenset({Light.RED}), Light.GREEN, "x", "Go")], refusal="non")


def test_a_state_table_refuses_what_it_does_not_hold() -> None:
    assert TABLE.step(Light.RED, "go").target is Light.GREEN
    for state, action in ((Light.GREEN, "go"), (Light.RED, "fly")):
        with pytest.raises(IllegalTransition, match="non"):
            TABLE.step(state, action)
    with pytest.raises(ValueError, match="twice"):
        StateTable([*TABLE, *TABLE], refusal="non")


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("356 000 000 00048", "35600000000048"),  # La Poste, head office: Luhn
        ("35600000049837", "35600000049837"),  # La Poste, a post office: sum of digits divisible by five
        ("35600000049838", None),
        ("73282932000074", "73282932000074"),
        ("73282932000075", None),
        ("7328293200007", None),
        ("", None),
        ("🦄", None),
    ],
)
def test_siret(text: str, parsed: str | None) -> None:
    assert identifiers.parse_siret(text) == parsed


@pytest.mark.parametrize(("text", "parsed"), [("0622795b", "0622795B"), ("0622795A", None), ("062279", None)])
def test_uai(text: str, parsed: str | None) -> None:
    assert identifiers.parse_uai(text) == parsed


@given(st.text())
def test_codes_survive_careless_typing(noise: str) -> None:
    code = identifiers.new_code(8)
    assert identifiers.normalise_code(f" {code[:4].lower()}-{code[4:]} ") == code
    assert set(identifiers.normalise_code(noise)) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@given(st.text(alphabet="ab 9;:!?«»%€\u00a0\u202f'\"{}<>=", max_size=40))
def test_typography_is_idempotent(text: str) -> None:
    assert french(french(text)) == french(text)


@pytest.mark.parametrize(
    ("plain", "set_"),
    [
        ("Prêt ? Oui !", "Prêt\u202f? Oui\u202f!"),
        ("Lieu : ici", "Lieu\u00a0: ici"),
        ("« bien »", "«\u202fbien\u202f»"),
        ("50 %", "50\u00a0%"),
        ("a != b", "a != b"),
        ("https://x.example", "https://x.example"),
    ],
)
def test_typography(plain: str, set_: str) -> None:
    assert french(plain) == set_


def test_distances_as_people_live_them() -> None:
    henin, carvin = Point(50.40923, 2.95900), Point(50.48952, 2.94858)
    assert straight_km(henin, carvin) == pytest.approx(8.96, abs=0.05)
    assert road_km(henin, carvin) == pytest.approx(11.65, abs=0.1)
    assert minutes(2.4, TravelMode.BIKE) == 15
    assert minutes(0, TravelMode.WALK) == 5


def test_production_does_not_start_without_a_secret() -> None:
    for key in (None, "short"):
        settings = Settings(environment="production", secret_key=key)  # type: ignore[arg-type]
        with pytest.raises(MissingSecret):
            settings.secret()


def test_development_draws_its_secret_once(tmp_path: object) -> None:
    settings = Settings(environment="development", instance=tmp_path)  # type: ignore[arg-type]
    assert settings.secret() == settings.secret()
    assert len(settings.secret()) >= 32
