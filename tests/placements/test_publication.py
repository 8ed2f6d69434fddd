from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.allocation import services as allocation
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden, PhaseClosed
from app.messaging.models import OutboxMessage
from app.placements import links, services
from app.placements.models import Placement
from app.schools.models import LegalGuardian
from tests.allocation.conftest import set_phase
from tests.world import Land, World


def phase(land: Land) -> Phase:
    db.session.expire_all()
    campaign = db.session.get(Campaign, land.campaign_id)
    assert campaign is not None
    return campaign.phase


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def approve(land: Land, *indexes: int) -> None:
    for index in indexes:
        allocation.approve(land.proposal_ids[index], by=land.actor(Role.COORDINATOR))


@pytest.mark.both_engines
def test_publishing_tells_everybody_once(context: Flask, deciding: World) -> None:
    land = deciding.here
    coordinator = land.actor(Role.COORDINATOR)
    approve(land, 0)
    campaign = db.session.get(Campaign, land.campaign_id)
    assert campaign is not None
    before = services.preview(campaign, by=coordinator)
    assert (before.students, before.families, before.on_paper, before.classes, before.offers) == (1, 1, 0, 1, 1)
    assert before.waiting == 2
    assert services.publish(land.campaign_id, by=coordinator).students == 1
    assert phase(land) is Phase.PUBLISHED
    assert {m.kind for m in mails()} == {"placement_family", "placement_class", "placement_host"}
    assert services.publish(land.campaign_id, by=coordinator).is_empty
    assert len(mails()) == 3
    assert db.session.scalar(select(func.count(Placement.id))) == 1


@pytest.mark.both_engines
def test_publishing_again_adds_only_what_is_new(context: Flask, deciding: World) -> None:
    land = deciding.here
    coordinator = land.actor(Role.COORDINATOR)
    approve(land, 0)
    services.publish(land.campaign_id, by=coordinator)
    approve(land, 1)
    done = services.publish(land.campaign_id, by=coordinator)
    assert (done.students, done.families, done.on_paper) == (1, 0, 1)
    [*_, teacher, host] = mails()
    assert (teacher.kind, host.kind) == ("placement_class", "placement_host")
    assert "Enzo Delattre" in teacher.text
    assert "Lina" not in teacher.text
    assert len(mails()) == 5


def test_what_each_reads(context: Flask, deciding: World) -> None:
    land = deciding.here
    approve(land, 0)
    services.publish(land.campaign_id, by=land.actor(Role.COORDINATOR))
    by_kind = {m.kind: m for m in mails()}
    host = by_kind["placement_host"]
    for text in (host.text, host.html, host.subject):
        assert "Wojcik" not in text
    assert "Lina" in host.text
    assert "Lina Wojcik" in by_kind["placement_class"].text
    family = by_kind["placement_family"]
    assert family.to_email == "famille1@mail.example"
    assert "12 rue des Mineurs" in family.text
    assert re.search(r"http://127\.0\.0\.1:5000/famille/\S+", family.text)
    assert re.search(r'href="http://127\.0\.0\.1:5000/famille/[^"]+"', family.html)


def test_nothing_approved_nothing_published(context: Flask, deciding: World) -> None:
    land = deciding.here
    with pytest.raises(Conflict, match="Aucune place"):
        services.publish(land.campaign_id, by=land.actor(Role.COORDINATOR))
    assert phase(land) is Phase.DECISIONS


def test_who_publishes_and_when(context: Flask, deciding: World) -> None:
    land = deciding.here
    approve(land, 0)
    for actor in (deciding.there.actor(Role.COORDINATOR), land.actor(Role.HEAD)):
        with pytest.raises(Forbidden):
            services.publish(land.campaign_id, by=actor)
    set_phase(land, Phase.UNDER_WAY)
    with pytest.raises(PhaseClosed):
        services.publish(land.campaign_id, by=land.actor(Role.COORDINATOR))
    assert mails() == []


@pytest.fixture
def published(app: Flask, deciding: World) -> World:
    with app.app_context():
        approve(deciding.here, 0, 1)
        services.publish(deciding.here.campaign_id, by=deciding.here.actor(Role.COORDINATOR))
        db.session.remove()
    return deciding


def test_the_family_s_link_opens_one_page_and_no_other(app: Flask, published: World, client: FlaskClient) -> None:
    with app.app_context():
        guardian = db.session.get(LegalGuardian, published.here.guardian_id)
        other = db.session.get(LegalGuardian, published.there.guardian_id)
        assert guardian is not None
        assert other is not None
        token, elsewhere = links.token_for(guardian), links.token_for(other)
    page = client.get(f"/famille/{token}").text
    assert "Ressourcerie du Terril 1" in page
    assert "Lina" in page
    assert "n’est pas encore publiée" in client.get(f"/famille/{elsewhere}").text
    payload, _, signature = token.partition(".")
    for forged in (f"{payload}.{signature[::-1]}", f"{payload}x.{signature}", payload, "1.0", "é", token + "x"):
        assert client.get(f"/famille/{forged}").status_code == 404
    assert client.get("/mon-stage").status_code == 302  # the link signs nobody in
    with app.app_context(), transaction():
        changed = db.session.get(LegalGuardian, published.here.guardian_id)
        assert changed is not None
        changed.link_epoch += 1
    replaced = client.get(f"/famille/{token}")
    assert replaced.status_code == 410
    assert "M’envoyer un nouveau lien" in replaced.text
    assert "Ressourcerie" not in replaced.text


def test_each_role_reads_its_own(published: World, client: FlaskClient) -> None:
    here = published.here
    sheet = published.sign_in(client, Role.STUDENT).get("/mon-stage").text
    assert "12 rue des Mineurs" in sheet
    host = published.sign_in(client, Role.HOST).get("/mes-stagiaires").text
    assert "Lina" in host
    assert "Wojcik" not in host
    assert "Delattre" not in host
    teacher = published.sign_in(client, Role.TEACHER)
    assert "Lina Wojcik" in teacher.get("/stages").text
    letters = teacher.get(f"/classes/{here.class_id}/lettres").text
    assert letters.count("Madame, Monsieur") == 2
    paper = teacher.get(f"/classes/{here.class_id}/lettres?sans-adresse=1").text
    assert "Enzo Delattre" in paper
    assert "Lina Wojcik" not in paper
    assert teacher.get(f"/classes/{published.there.class_id}/lettres").status_code == 404
    assert teacher.get(f"/eleves/{here.student_id}/lettre").status_code == 200
    stranger = published.sign_in(client, Role.COORDINATOR, published.there)
    assert "Wojcik" not in stranger.get("/stages").text
    assert stranger.get(f"/eleves/{here.student_id}/lettre").status_code == 404


def test_before_publication_nobody_reads_anything(deciding: World, client: FlaskClient) -> None:
    assert "Pas encore de place" in deciding.sign_in(client, Role.STUDENT).get("/mon-stage").text
    assert "Personne pour l’instant" in deciding.sign_in(client, Role.HOST).get("/mes-stagiaires").text


def test_the_confirmation_counts_and_the_second_click_is_quiet(
    app: Flask,
    deciding: World,
    client: FlaskClient,
) -> None:
    land = deciding.here
    url = f"/campagne/{land.campaign_id}/publication"
    coordinator = deciding.sign_in(client, Role.COORDINATOR)
    assert "Rien de nouveau à publier" in coordinator.get(url).text
    assert coordinator.post(url).status_code == 409
    with app.app_context():
        approve(land, 0)
        db.session.remove()
    assert "Publier et prévenir tout le monde" in coordinator.get(url).text
    assert coordinator.post(url, follow_redirects=True).status_code == 200
    assert "personne n’est prévenu deux fois" in coordinator.post(url, follow_redirects=True).text
