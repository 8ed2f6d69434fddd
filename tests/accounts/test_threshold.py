"""Between the password and the session: enrolment, code, recovery code, trusted browsers, another telephone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.accounts import rules, second_factor, services
from app.kernel import clock
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from tests.accounts.kit import PHRASE, actions, code_of, enrol, user_of
from tests.world import World


def _password(client: FlaskClient, email: str) -> str:
    answer = client.post("/connexion/adresse", data={"email": email, "password": PHRASE})
    assert answer.status_code == 303
    return answer.location


def _secret_on(page: str) -> str:
    found = re.search(r"data-secret>([A-Z2-7 ]+)<", page)
    assert found is not None
    return found[1].replace(" ", "")


@pytest.fixture
def known(app: Flask, world: World) -> World:
    with app.app_context():
        for role in (Role.COORDINATOR, Role.ADMIN, Role.HOST):
            services.set_password(user_of(world, role), PHRASE)
    return world


@pytest.mark.parametrize("email", ["coordinator1@passerelle.example", "admin@passerelle.example"])
def test_without_a_telephone_no_session_opens(client: FlaskClient, known: World, email: str) -> None:
    """The whole way: enrolment, recovery codes seen and downloaded once, then a code at the next sign-in."""
    assert _password(client, email) == "/connexion/telephone"
    assert client.get("/mon-compte").status_code == 302
    page = client.get("/connexion/telephone").text
    secret = _secret_on(page)
    assert client.post("/connexion/telephone", data={"code": "000000"}).status_code == 422
    assert _secret_on(client.get("/connexion/telephone").text) == secret
    answer = client.post("/connexion/telephone", data={"code": code_of(secret, -1)})
    assert answer.location == "/mon-compte/codes-de-secours"
    codes = re.findall(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", client.get(answer.location).text)
    assert len(codes) == 10
    file = client.get("/mon-compte/codes-de-secours.txt")
    assert all(code in file.text for code in codes)
    assert client.post("/mon-compte/codes-de-secours/ranges").location == "/"
    assert client.get("/mon-compte/codes-de-secours").status_code == 302
    client.post("/deconnexion")
    assert _password(client, email) == "/connexion/code"
    assert client.get("/mon-compte").status_code == 302
    assert client.post("/connexion/code", data={"code": code_of(secret)}).location == "/"
    assert client.get("/mon-compte").status_code == 200


def test_the_mailed_link_of_a_coordinator_asks_for_the_code_too(app: Flask, client: FlaskClient, known: World) -> None:
    with app.app_context():
        secret, _codes = enrol(user_of(known))
        services.send_link("coordinator1@passerelle.example", address="a")
        mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "sign_in_link")).one()
        token = re.search(r"/lien/([\w-]+)", mail.text)
    assert token is not None
    assert client.post(f"/lien/{token[1]}").location == "/connexion/code"
    assert client.get("/mon-compte").status_code == 302
    assert client.post("/connexion/code", data={"code": code_of(secret)}).status_code == 303
    assert client.get("/mon-compte").status_code == 200


def test_where_one_was_going_survives_the_code(app: Flask, client: FlaskClient, known: World) -> None:
    with app.app_context():
        secret, _codes = enrol(user_of(known))
    client.get("/connexion/adresse?suite=/journal")
    _password(client, "coordinator1@passerelle.example")
    assert client.post("/connexion/code", data={"code": code_of(secret)}).location == "/journal"


def test_the_threshold_closes_after_a_while_or_with_a_new_password(
    app: Flask, client: FlaskClient, known: World
) -> None:
    with app.app_context():
        secret, _codes = enrol(user_of(known))
    _password(client, "coordinator1@passerelle.example")
    with time_machine.travel(clock.now() + rules.PENDING_FOR + timedelta(seconds=2), tick=True):
        assert client.post("/connexion/code", data={"code": code_of(secret)}).location == "/connexion/adresse"
    _password(client, "coordinator1@passerelle.example")
    with app.app_context():
        services.set_password(user_of(known), PHRASE + " 2")
    assert client.post("/connexion/code", data={"code": code_of(secret)}).location == "/connexion/adresse"


def test_a_trusted_browser_is_asked_again_after_a_month_a_new_password_or_a_reset(
    app: Flask, client: FlaskClient, known: World
) -> None:
    with app.app_context():
        secret, _codes = enrol(user_of(known, Role.HOST))
    email = "host1@passerelle.example"
    _password(client, email)
    client.post("/connexion/code", data={"code": code_of(secret), "trust": "y"})
    client.post("/deconnexion")
    assert _password(client, email) == "/"
    stranger = app.test_client()
    assert _password(stranger, email) == "/connexion/code"
    cookie = client.get_cookie(f"appareil-{known.here.users[Role.HOST]}")
    assert cookie is not None
    assert cookie.http_only
    with app.app_context():
        assert second_factor.trusts(user_of(known, Role.HOST), cookie.value)
        assert not second_factor.trusts(user_of(known, Role.HOST), cookie.value[:-1])
        assert not second_factor.trusts(user_of(known), cookie.value)
        with time_machine.travel(clock.now() + timedelta(days=30, minutes=1), tick=True):
            assert not second_factor.trusts(user_of(known, Role.HOST), cookie.value)
        services.set_password(user_of(known, Role.HOST), PHRASE)
        assert not second_factor.trusts(user_of(known, Role.HOST), cookie.value)


def test_who_lost_the_telephone_enters_with_a_recovery_code(app: Flask, client: FlaskClient, known: World) -> None:
    with app.app_context():
        _secret, codes = enrol(user_of(known))
    _password(client, "coordinator1@passerelle.example")
    assert client.post("/connexion/code-de-secours", data={"code": "AAAAA-AAAAA"}).status_code == 422
    assert client.post("/connexion/code-de-secours", data={"code": codes[3]}).location == "/"
    assert client.get("/mon-compte/second-facteur").status_code == 200


def test_a_host_may_want_one_and_other_sessions_close(app: Flask, client: FlaskClient, world: World) -> None:
    elsewhere = world.sign_in(app.test_client(), Role.HOST)
    world.sign_in(client, Role.HOST)
    secret = _secret_on(client.get("/mon-compte/telephone").text)
    assert client.post("/mon-compte/telephone", data={"code": code_of(secret)}).status_code == 303
    assert "En place" in client.get("/mon-compte").text
    assert elsewhere.get("/mon-compte").status_code == 302


def test_another_telephone_replaces_the_first_against_a_code_of_it(
    app: Flask, client: FlaskClient, known: World
) -> None:
    with app.app_context():
        secret, codes = enrol(user_of(known))
    _password(client, "coordinator1@passerelle.example")
    client.post("/connexion/code", data={"code": code_of(secret), "trust": "y"})
    newer = _secret_on(client.get("/mon-compte/telephone").text)
    assert newer != secret
    for data in ({"code": code_of(newer), "current": "000000"}, {"code": "000000", "current": codes[0]}):
        assert client.post("/mon-compte/telephone", data=data).status_code == 422
    data = {"code": code_of(newer), "current": codes[0]}
    assert client.post("/mon-compte/telephone", data=data).location == "/mon-compte/codes-de-secours"
    with app.app_context():
        assert actions()[-1] == "account.replace_second_factor"
    client.post("/deconnexion")
    assert _password(client, "coordinator1@passerelle.example") == "/connexion/code"
    for old in (code_of(secret, 1), codes[1]):
        where = "/connexion/code" if len(old) == 6 else "/connexion/code-de-secours"
        assert client.post(where, data={"code": old}).status_code == 422
    assert client.post("/connexion/code", data={"code": code_of(newer, 1)}).status_code == 303


def test_a_student_has_a_card_and_no_code(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.STUDENT)
    assert client.get("/mon-compte/telephone").status_code == 403
    assert "Second facteur" not in client.get("/mon-compte").text


def test_signed_out_the_pages_of_the_threshold_lead_to_the_sign_in(client: FlaskClient, world: World) -> None:
    for path in ("/connexion/code", "/connexion/code-de-secours", "/connexion/telephone"):
        assert client.get(path).location == "/connexion/adresse"
        assert client.post(path, data={"code": "123456"}).location == "/connexion/adresse"


def test_only_a_demo_site_shows_the_code_and_only_of_its_own_secret(app: Flask, world: World) -> None:
    with app.app_context():
        user = user_of(world)
        second_factor.install(user, rules.DEMO_SECRET)
        assert second_factor.shown_code(user) is None
        app.config["SETTINGS"].demo = True
        for _ in range(2):  # twice in the same half minute
            shown = second_factor.shown_code(user)
            assert shown is not None
            second_factor.check(user, shown, address="a")
        enrol(user_of(world, Role.HOST))
        assert second_factor.shown_code(user_of(world, Role.HOST)) is None
