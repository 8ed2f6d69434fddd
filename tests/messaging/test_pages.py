from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.kernel.database import db, transaction
from app.messaging import services
from app.messaging.models import OutboxMessage
from app.messaging.states import DeliveryState
from tests.messaging.test_outbox import mail
from tests.world import World


@pytest.fixture
def doubtful(app: Flask, world: World) -> int:
    """A message of the first territory whose arrival is in doubt: its number."""
    with app.app_context():
        message = mail("doute", world.here.territory_id)
        object.__setattr__(message, "text", "Votre lien : https://stages.example/famille/secret-token")
        services.post(message)
        with transaction():
            row = db.session.scalars(select(OutboxMessage)).one()
            row.state = DeliveryState.UNCERTAIN
        number = row.id
        db.session.remove()
    return number


def test_the_text_is_read_without_its_secret(world: World, client: FlaskClient, doubtful: int) -> None:
    coordinator = world.sign_in(client, Role.COORDINATOR)
    assert "Objet doute" in coordinator.get("/courriers").text
    page = coordinator.get(f"/courriers/{doubtful}").text
    assert "Votre lien" in page
    assert "secret-token" not in page


def test_a_doubt_is_settled_from_the_page(world: World, client: FlaskClient, doubtful: int) -> None:
    coordinator = world.sign_in(client, Role.COORDINATOR)
    page = coordinator.post(f"/courriers/{doubtful}/arrive", follow_redirects=True)
    assert "Envoyé" in page.text
    assert coordinator.post(f"/courriers/{doubtful}/arrive").status_code == 303
    assert coordinator.post(f"/courriers/{doubtful}/renvoyer").status_code == 409


def test_another_territory_s_message_does_not_exist(world: World, client: FlaskClient, doubtful: int) -> None:
    stranger = world.sign_in(client, Role.COORDINATOR, world.there)
    assert stranger.get(f"/courriers/{doubtful}").status_code == 404
    assert stranger.post(f"/courriers/{doubtful}/arrive").status_code == 404
    assert "Objet doute" not in stranger.get("/courriers").text


@pytest.mark.parametrize("query", ["etat=uncertain", "etat=nothing", "etat=%00", "page=0", "page=-3", "page=x"])
def test_odd_filters_are_harmless(world: World, client: FlaskClient, doubtful: int, query: str) -> None:
    page = world.sign_in(client, Role.COORDINATOR).get(f"/courriers?{query}")
    assert page.status_code == 200
    assert "Objet doute" in page.text
