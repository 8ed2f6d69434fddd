"""Linking an account to a portal: by its owner, by an identifier announced beforehand, and never by somebody else."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.accounts import federation, services
from app.accounts.models import User
from app.kernel.database import db
from app.kernel.errors import Conflict
from app.settings import IdentityProvider
from tests.accounts.kit import actions, enter, returning, signed_in
from tests.world import World

pytestmark = [
    pytest.mark.real_clock,  # the providers date what they sign
    pytest.mark.xdist_group("portals"),  # started once
]


def test_a_student_links_the_portal_from_a_session_and_says_yes(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    world.sign_in(client, Role.STUDENT)
    back = returning(client, "/mon-compte/relier/ent", "ent", "lina")
    assert client.get(back).location == "/mon-compte/relier"
    with app.app_context():
        assert actions() == []
    page = client.get("/mon-compte/relier").text
    assert "Lina W." in page
    assert client.post("/mon-compte/relier").location == "/mon-compte"
    client.post("/deconnexion")
    assert enter(client, "ent", "lina").location == "/"
    assert signed_in(client) == f"{world.here.users[Role.STUDENT]}:0"
    assert "Relié" in client.get("/mon-compte").text
    assert client.post("/mon-compte/delier/ent").status_code == 303
    client.post("/deconnexion")
    assert enter(client, "ent", "lina").status_code == 422
    with app.app_context():
        assert actions() == ["account.link", "account.unlink"]


def test_unknown_at_first_a_student_enters_with_the_card_and_is_offered_the_link(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    with app.app_context():
        user = db.session.get(User, world.here.users[Role.STUDENT])
        assert user is not None
        code = services.issue_card_code(user, "CLASSE1")
    assert "entre une fois avec ta carte" in enter(client, "ent", "lina").text
    answer = client.post("/connexion", data={"class_code": "CLASSE1", "personal_code": code})
    assert answer.location == "/mon-compte/relier"
    assert client.post("/mon-compte/relier").status_code == 303
    client.post("/deconnexion")
    assert enter(client, "ent", "lina").location == "/"


def test_one_portal_account_opens_one_account(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    world.sign_in(client, Role.STUDENT)
    client.get(returning(client, "/mon-compte/relier/ent", "ent", "lina"))
    client.post("/mon-compte/relier")
    teacher = world.sign_in(app.test_client(), Role.TEACHER)
    teacher.get(returning(teacher, "/mon-compte/relier/ent", "ent", "lina"))
    answer = teacher.post("/mon-compte/relier")
    assert answer.status_code == 409
    assert "autre personne" in answer.text
    client.get(returning(client, "/mon-compte/relier/ent", "ent", "enzo"))
    assert client.post("/mon-compte/relier").status_code == 409


def test_somebody_announced_by_identifier_needs_no_address(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    with app.app_context():
        user = db.session.get(User, world.here.users[Role.STUDENT])
        teacher = db.session.get(User, world.here.users[Role.TEACHER])
        coordinator = db.session.get(User, world.here.users[Role.COORDINATOR])
        assert user is not None
        assert teacher is not None
        assert coordinator is not None
        assert federation.announce(user, portals[0], "PU-1")
        assert not federation.announce(user, portals[0], " PU-1 ")
        with pytest.raises(Conflict):
            federation.announce(teacher, portals[0], "PU-1")
        with pytest.raises(Conflict):
            federation.announce(coordinator, portals[0], "PU-9")
    assert enter(client, "ent", "lina").location == "/"
    assert signed_in(client) == f"{world.here.users[Role.STUDENT]}:0"
    assert enter(app.test_client(), "ent", "enzo").status_code == 422


def test_a_link_begun_by_one_person_is_not_finished_by_another(
    app: Flask, client: FlaskClient, world: World, portals: list[IdentityProvider]
) -> None:
    world.sign_in(client, Role.STUDENT)
    back = returning(client, "/mon-compte/relier/ent", "ent", "lina")
    world.sign_in(client, Role.TEACHER)
    assert client.get(back).status_code == 422
    assert client.post("/mon-compte/relier").location == "/mon-compte"
    with app.app_context():
        assert actions() == []
