"""Signing in: by password, by link, by card; throttled in the database; never telling who exists."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.accounts import rules, services
from app.accounts.models import OneTimeLink, User
from app.accounts.throttling import TooManyTries
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Conflict, Invalid
from app.messaging.models import OutboxMessage
from tests.world import World

GOOD = "Terril vert et chevalet rouge"


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("court", False),
        ("Abcdefgh1234", False),  # three classes need fourteen signs
        ("Abcdefgh12345!", True),
        ("Abcdefgh1!23", True),
        ("Abcdefghij1234", True),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", False),
        ("une phrase que je retiens bien", True),
        ("prenom.nom sur la passerelle", False),  # contains the address
        ("x" * 201, False),
    ],
)
def test_passwords_follow_the_rule_of_the_cnil(context: Flask, password: str, accepted: bool) -> None:
    assert (rules.password_problem(password, about=("prenom.nom",)) is None) is accepted


def test_delays_grow_and_stop_at_an_hour() -> None:
    delays = [rules.lock_after(n) for n in range(200)]
    assert delays[:5] == [timedelta(0)] * 5
    assert delays[5] == timedelta(minutes=1)
    assert delays == sorted(delays)
    assert delays[-1] == timedelta(hours=1)


def _user(world: World, role: Role) -> User:
    user = db.session.get(User, world.here.users[role])
    assert user is not None
    return user


def _coordinator(world: World) -> User:
    return _user(world, Role.COORDINATOR)


@pytest.mark.both_engines
def test_password_right_wrong_unknown_and_locked(context: Flask, world: World) -> None:
    services.set_password(_coordinator(world), GOOD)
    assert (
        services.sign_in_with_password(" COORDINATOR1@passerelle.example ", GOOD, address="a").role is Role.COORDINATOR
    )
    with pytest.raises(Invalid) as wrong:
        services.sign_in_with_password("coordinator1@passerelle.example", "non", address="a")
    with pytest.raises(Invalid) as unknown:
        services.sign_in_with_password("personne@passerelle.example", "non", address="a")
    assert wrong.value.message == unknown.value.message
    for _ in range(rules.FREE_FAILURES):
        with pytest.raises((Invalid, TooManyTries)):
            services.sign_in_with_password("coordinator1@passerelle.example", "non", address="a")
    with pytest.raises(TooManyTries):
        services.sign_in_with_password("coordinator1@passerelle.example", GOOD, address="b")
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        assert services.sign_in_with_password("coordinator1@passerelle.example", GOOD, address="b")


@pytest.mark.both_engines
def test_a_link_serves_once_and_dies_of_age(context: Flask, world: World) -> None:
    services.send_link("coordinator1@passerelle.example", address="a")
    token = _token()
    assert services.use_link(token).id == world.here.users[Role.COORDINATOR]
    with pytest.raises(Conflict, match="déjà servi"):
        services.use_link(token)
    services.send_link("coordinator1@passerelle.example", address="a")
    with (
        time_machine.travel(clock.now() + timedelta(minutes=31), tick=True),
        pytest.raises(Conflict, match="plus valable"),
    ):
        services.use_link(_token())


def _token() -> str:
    message = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert message is not None
    found = re.search(r"/lien/([\w-]+)", message.text)
    assert found is not None
    return found[1]


def test_the_database_never_holds_the_token_itself(context: Flask, world: World) -> None:
    services.send_link("coordinator1@passerelle.example", address="a")
    link = db.session.scalars(select(OneTimeLink)).one()
    assert _token() not in link.token_digest


def test_asking_a_link_for_nobody_sends_nothing_and_looks_the_same(client: FlaskClient, world: World) -> None:
    known = client.post("/connexion/lien", data={"email": "coordinator1@passerelle.example"})
    unknown = client.post("/connexion/lien", data={"email": "personne@passerelle.example"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("coordinator1@", "x@") == unknown.text.replace("personne@", "x@")


@pytest.mark.both_engines
def test_a_student_enters_with_a_card_typed_carelessly(context: Flask, world: World) -> None:
    user = db.session.get(User, world.here.users[Role.STUDENT])
    assert user is not None
    code = services.issue_card_code(user, "CLASSE1")
    assert services.sign_in_with_card(" classe1", f"{code[:4].lower()} - {code[4:]}", address="a").id == user.id
    newer = services.issue_card_code(user, "CLASSE1")
    with pytest.raises(Invalid):
        services.sign_in_with_card("CLASSE1", code, address="a")
    assert services.sign_in_with_card("CLASSE1", newer, address="a").id == user.id


def test_opening_a_link_spends_nothing_before_the_button(client: FlaskClient, app: Flask, world: World) -> None:
    with app.app_context():
        services.send_link("teacher1@passerelle.example", address="a")
        token = _token()
    assert client.get(f"/lien/{token}").status_code == 200
    assert client.get(f"/lien/{token}").status_code == 200
    assert client.post(f"/lien/{token}").status_code == 303
    assert client.get("/mon-compte").status_code == 200


def test_a_changed_password_closes_the_other_sessions(app: Flask, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    phone, desk = app.test_client(), app.test_client()
    for client in (phone, desk):
        world.sign_in(client, Role.COORDINATOR)
        assert client.get("/mon-compte").status_code == 200
    assert phone.post("/mon-compte/mot-de-passe", data={"password": GOOD}).status_code == 303
    assert phone.get("/mon-compte").status_code == 200
    assert desk.get("/mon-compte").status_code == 302


@pytest.mark.parametrize("goal", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_sign_in_leads_nowhere_else(client: FlaskClient, app: Flask, world: World, goal: str) -> None:
    with app.app_context():
        services.set_password(_user(world, Role.TEACHER), GOOD)
    client.get("/connexion/adresse", query_string={"suite": goal})
    answer = client.post("/connexion/adresse", data={"email": "teacher1@passerelle.example", "password": GOOD})
    assert answer.status_code == 303
    assert answer.location == "/"


@pytest.mark.parametrize("path", ["/connexion", "/connexion/adresse", "/connexion/lien"])
@pytest.mark.parametrize("nasty", ["", "x" * 10_000, "🦄", "<script>alert(1)</script>", "a\x00b", "é@è"])
def test_wrong_input_is_answered_beside_its_field(client: FlaskClient, world: World, path: str, nasty: str) -> None:
    fields = ("class_code", "personal_code", "email", "password")
    answer = client.post(path, data=dict.fromkeys(fields, nasty))
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


@pytest.mark.both_engines
def test_invitations_follow_the_table_of_roles(context: Flask, world: World) -> None:
    coordinator = world.here.actor(Role.COORDINATOR)
    user = services.invite("neuf@passerelle.example", "Neuf", Role.TEACHER, world.here.territory_id, by=coordinator)
    again = services.invite("NEUF@passerelle.example", "Neuf", Role.TEACHER, world.here.territory_id, by=coordinator)
    assert user.id == again.id
    with pytest.raises(Invalid):
        services.invite("neuf@passerelle.example", "Neuf", Role.HEAD, world.here.territory_id, by=coordinator)
    from app.kernel.errors import Forbidden

    with pytest.raises(Forbidden):
        services.invite("x@passerelle.example", "X", Role.TEACHER, world.there.territory_id, by=coordinator)
    with pytest.raises(Forbidden):
        services.invite("y@passerelle.example", "Y", Role.ADMIN, world.here.territory_id, by=coordinator)
