"""Several campaigns in one territory: each person works in one at a time, and may change."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db
from app.schools.models import SchoolClass
from tests.world import World


@pytest.fixture
def second(app: Flask, world: World) -> int:
    """An earlier campaign of the same territory, whose stages take place."""
    with app.app_context():
        campaign = Campaign(
            territory_id=world.here.territory_id,
            name="Stages de 4e",
            school_year="2026-2027",
            levels="4e",
            phase=Phase.UNDER_WAY,
            offers_open_on=date(2026, 9, 1),
            wishes_open_on=date(2026, 9, 2),
            wishes_close_on=date(2026, 9, 20),
            publish_on=date(2026, 9, 25),
        )
        db.session.add(campaign)
        db.session.commit()
        return campaign.id


def test_staff_change_campaign_and_come_back(client: FlaskClient, world: World, second: int) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    world.sign_in(client, Role.COORDINATOR)
    page = client.get("/campagne").text
    assert "Travailler dans « Stages de 4e »" in page.replace("\u00a0", " ").replace("\u202f", " ")
    assert client.post(f"/campagne/{second}/choisir").status_code == 303
    assert f'action="/campagne/{world.here.campaign_id}/choisir"' in client.get("/campagne").text
    client.post(f"/campagne/{world.here.campaign_id}/choisir")
    assert f'action="/campagne/{second}/choisir"' in client.get("/campagne").text


def test_a_campaign_of_elsewhere_is_not_chosen(client: FlaskClient, world: World, second: int) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    world.sign_in(client, Role.COORDINATOR)
    assert client.post(f"/campagne/{world.there.campaign_id}/choisir").status_code == 404
    with client.session_transaction() as session:
        session["campaign"] = world.there.campaign_id  # a forged choice shows nothing either
    assert f'action="/campagne/{second}/choisir"' in client.get("/campagne").text


@pytest.mark.parametrize("role", [Role.STUDENT, Role.TEACHER])
def test_a_class_of_the_earlier_campaign_sees_its_own(
    app: Flask, client: FlaskClient, world: World, second: int, role: Role
) -> None:
    with app.app_context():
        db.session.get_one(SchoolClass, world.here.class_id).campaign_id = second
        db.session.commit()
    assert "Stages de 4e" in world.sign_in(client, role).get("/campagne").text.split("</h1>")[0]
