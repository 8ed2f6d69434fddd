"""Single sign-on against two real providers in processes of their own, walked with a plain HTTP client."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.accounts import federation, queries, second_factor, throttling, totp
from app.accounts.models import ExternalAccount, User
from app.accounts.rules import FREE_FAILURES
from app.kernel import clock
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.schools.models import School, SchoolStaff
from app.settings import IdentityProvider
from tests.accounts.kit import SITE, actions, enter, returning, signed_in
from tests.accounts.providers import Ended, Somebody
from tests.world import World

pytestmark = [
    pytest.mark.real_clock,  # the providers date what they sign
    pytest.mark.xdist_group("portals"),  # started once
]


def test_the_request_carries_pkce_state_and_nonce(client: FlaskClient, portals: list[IdentityProvider]) -> None:
    asked = parse_qs(urlsplit(client.get("/connexion/portail/ent").location).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{SITE}/connexion/retour/ent"]
    again = parse_qs(urlsplit(client.get("/connexion/portail/ent").location).query)
    for name in ("code_challenge", "state", "nonce"):
        assert len(asked[name][0]) >= 32
        assert asked[name] != again[name]


@pytest.mark.parametrize(("provider", "login", "role"), [("ent", "sophie", Role.TEACHER), ("pro", "karim", Role.HOST)])
def test_a_verified_address_opens_the_invited_account(
    app: Flask,
    client: FlaskClient,
    world: World,
    portals: list[IdentityProvider],
    provider: str,
    login: str,
    role: Role,
) -> None:
    assert enter(client, provider, login).location == "/"
    assert signed_in(client) == f"{world.here.users[role]}:0"
    with app.app_context():
        assert actions() == ["account.link"]
        mail = db.session.scalars(select(OutboxMessage)).one()
        assert mail.kind == "account_linked"
    client.post("/deconnexion")
    assert enter(client, provider, login).location == "/"
    with app.app_context():
        assert actions() == ["account.link"]
        assert db.session.scalar(select(func.count(ExternalAccount.id))) == 1


def test_an_unverified_address_opens_nothing(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    for provider, login in (("ent", "mallory"), ("pro", "unverified-karim"), ("pro", "inconnue")):
        answer = enter(client, provider, login)
        assert answer.status_code == 422
        assert "n’est encore relié à personne" in answer.text
        assert "/connexion/adresse" in answer.text
        assert signed_in(client) is None
    with app.app_context():
        assert db.session.scalar(select(func.count(ExternalAccount.id))) == 0


def test_a_schools_portal_never_opens_a_coordinator(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    assert enter(client, "ent", "camille").status_code == 422
    assert signed_in(client) is None
    with app.app_context():
        assert db.session.scalar(select(func.count(ExternalAccount.id))) == 0


def test_a_coordinator_types_the_code_after_the_provider(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    secret = totp.new_secret()
    with app.app_context():
        user = db.session.get(User, world.here.users[Role.COORDINATOR])
        assert user is not None
        second_factor.install(user, secret)
    assert enter(client, "pro", "camille").location == "/connexion/code"
    assert signed_in(client) is None
    code = totp.code_at(secret, totp.step_at(clock.now()))
    assert client.post("/connexion/code", data={"code": code}).location == "/"
    assert signed_in(client)
    client.post("/deconnexion")
    app.config["SETTINGS"].sso[1] = portals[1].model_copy(update={"trust_second_factor": True})
    assert enter(client, "pro", "camille").location == "/connexion/code"


def test_a_provider_believed_about_second_factors_spares_ours(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    assert enter(client, "pro", "strong-camille").location == "/connexion/telephone"
    app.config["SETTINGS"].sso[1] = portals[1].model_copy(update={"trust_second_factor": True})
    assert enter(client, "pro", "strong-camille").location == "/"


def test_an_account_is_made_only_for_a_mapped_role(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    assert enter(client, "ent", "nouveau").status_code == 422
    mapping = {"role_claim": "ent_profil", "roles": {"enseignant": "teacher"}, "territory": "t1"}
    app.config["SETTINGS"].sso[0] = portals[0].model_copy(update=mapping)
    assert enter(client, "ent", "nouveau").location == "/"
    with app.app_context():
        user = queries.by_email("noel.nouveau@college.example")
        assert user is not None
        assert (user.role, user.territory_id) == (Role.TEACHER, world.here.territory_id)
        assert actions() == ["account.create_from_portal", "account.link"]
    assert enter(app.test_client(), "ent", "enzo").status_code == 422  # a pupil is no teacher


def test_a_return_belongs_to_the_browser_that_left_and_serves_once(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    """Login CSRF: an attacker's own return address opens no session in somebody else's browser."""
    attacker = app.test_client()
    back = returning(attacker, "/connexion/portail/ent", "ent", "sophie")
    answer = client.get(back)
    assert answer.status_code == 422
    assert "votre navigateur" in answer.text
    assert signed_in(client) is None
    assert attacker.get(back).location == "/"
    attacker.post("/deconnexion")
    assert attacker.get(back).status_code == 422


def test_somebody_who_says_no_is_told_the_ways_on(
    client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    answer = client.get(returning(client, "/connexion/portail/ent", "ent", "lina", agree=False))
    assert answer.status_code == 422
    assert "votre accord" in answer.text
    assert 'href="/connexion/portail/ent"' in answer.text
    assert 'href="/connexion"' in answer.text


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_portal_leads_nowhere_else(
    client: FlaskClient, world: World, portals: list[IdentityProvider], goal: str
) -> None:
    client.get("/connexion/adresse", query_string={"suite": goal})
    start = f"/connexion/portail/ent?suite={goal}"
    assert client.get(returning(client, start, "ent", "sophie")).location == "/"


def test_a_portal_leads_where_one_was_going(client: FlaskClient, world: World, portals: list[IdentityProvider]) -> None:
    start = "/connexion/portail/ent?suite=/mes-classes"
    assert client.get(returning(client, start, "ent", "sophie")).location == "/mes-classes"


@pytest.mark.parametrize(("provider", "login"), [("ent", "sophie"), ("pro", "karim")])
def test_leaving_here_offers_to_leave_there(
    client: FlaskClient, world: World, portals: list[IdentityProvider], provider: str, login: str
) -> None:
    answer = client.get(f"/connexion/portail/{provider}")
    somebody = Somebody(login)
    back = somebody.come_back(answer.location, f"{SITE}/connexion/retour/{provider}")
    client.get(back.removeprefix(SITE))
    assert client.post("/deconnexion").location == f"/deconnexion/{provider}"
    assert client.get("/mon-compte").status_code == 302
    assert f"/deconnexion/{provider}/sortir" in client.get(f"/deconnexion/{provider}").text
    out = client.get(f"/deconnexion/{provider}/sortir").location
    assert "id_token_hint=" in out
    assert somebody.come_back(out, f"{SITE}/").startswith(f"{SITE}/")
    again = client.get(f"/connexion/portail/{provider}").location
    page = somebody.browser.get(again, timeout=10).text
    assert re.search(r'name="(login|username)"', page), "the provider still knows this browser"


def test_forged_returns_are_counted_like_wrong_passwords(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    for _ in range(20 * FREE_FAILURES):
        with app.app_context():
            throttling.count_failure("address:127.0.0.1")
    answer = client.get("/connexion/retour/ent?code=x&state=y")
    assert answer.status_code == 429
    assert "Trop d’essais" in answer.text
    assert 'href="/connexion/adresse"' in answer.text


def test_a_teacher_from_a_portal_works_in_the_schools_that_it_names(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    mapping = {
        "role_claim": "ent_profil",
        "roles": {"enseignant": "teacher"},
        "territory": "t1",
        "school_claim": "ent_uai",
    }
    app.config["SETTINGS"].sso[0] = portals[0].model_copy(update=mapping)
    answer = enter(client, "ent", "nouveau")
    assert answer.status_code == 422
    assert "aucun collège connu" in answer.text
    with app.app_context():
        assert queries.by_email("noel.nouveau@college.example") is None, "no account without a school"
        db.session.get_one(School, world.here.school_id).uai = "0629999Z"
        db.session.commit()
    assert enter(client, "ent", "nouveau").location == "/"
    with app.app_context():
        user = queries.by_email("noel.nouveau@college.example")
        assert user is not None
        assert db.session.scalars(select(SchoolStaff.school_id).where(SchoolStaff.user_id == user.id)).all() == [
            world.here.school_id
        ]
        assert actions() == ["school.staff_add", "account.create_from_portal", "account.link"]
    assert client.get(f"/colleges/{world.here.school_id}").status_code == 200


def test_leaving_the_portal_anywhere_closes_the_sessions_here(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider], ended: Ended
) -> None:
    """Back-channel logout: the portal's own token, posted by the portal itself when she leaves it elsewhere."""
    answer = client.get("/connexion/portail/ent")
    sophie = Somebody("sophie")
    client.get(sophie.come_back(answer.location, f"{SITE}/connexion/retour/ent").removeprefix(SITE))
    with client.session_transaction() as session:
        token = session["via"]["id_token"]
    other = world.sign_in(app.test_client(), Role.HEAD)
    assert client.get("/mon-compte").status_code == 200
    with app.app_context():
        out = federation.leaving_url(portals[0], f"{SITE}/", token)
    assert out is not None
    sophie.come_back(out, f"{SITE}/")
    path, body = ended.next()
    told = app.test_client().post(path, data=body, content_type="application/x-www-form-urlencoded")
    assert (told.status_code, told.headers["Cache-Control"]) == (200, "no-store")
    assert client.get("/mon-compte").status_code == 302
    assert other.get("/mon-compte").status_code == 200
    with app.app_context():
        assert actions()[-1] == "account.end_from_portal"
