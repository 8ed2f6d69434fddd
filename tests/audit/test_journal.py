from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.allocation import states as allocation
from app.audit import services as audit
from app.audit.words import ROOMS, VERBS
from app.campaigns import states as campaigns
from app.campaigns.models import Campaign
from app.hosts import states as hosts
from app.kernel.database import db, transaction
from app.offers import states as offers
from app.placements import stage_states
from app.placements import states as placements
from tests.world import World


@pytest.fixture
def told(app: Flask, world: World) -> World:
    """Each territory's campaign has a line in the journal, and the first a line of the machine's too."""
    with app.app_context():
        for land in (world.here, world.there):
            with transaction():
                campaign = db.session.get(Campaign, land.campaign_id)
                assert campaign is not None
                by = land.actor(Role.COORDINATOR)
                audit.record("campaign.change", campaign, by=by, reason=f"Raison <b>{land.territory_id}</b>")
        with transaction():
            campaign = db.session.get(Campaign, world.here.campaign_id)
            assert campaign is not None
            audit.record("run.finish", campaign, by=None)
        db.session.remove()
    return world


def test_a_coordinator_reads_the_territory_s_own_journal(told: World, client: FlaskClient) -> None:
    page = told.sign_in(client, Role.COORDINATOR).get("/journal").text
    assert "Campagne modifiée" in page
    assert "Coordinator 1" in page
    assert "La plateforme" in page
    assert "Coordinator 2" not in page
    assert f"Raison &lt;b&gt;{told.here.territory_id}" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("quoi=campaign", True),
        ("quoi=run", False),
        ("quoi=%", True),
        ("qui=999999", False),
        ("qui=x", True),
        ("du=2026-11-23&au=2026-11-23", True),
        ("du=2026-11-24", False),
        ("au=2026-11-22", False),
        ("du=hier&au=99", True),
        ("page=99999", False),
    ],
)
def test_the_filters(told: World, client: FlaskClient, query: str, found: bool) -> None:
    page = told.sign_in(client, Role.COORDINATOR).get(f"/journal?{query}")
    assert page.status_code == 200
    assert ("Raison" in page.text) is found


@pytest.mark.parametrize("role", [Role.TEACHER, Role.HEAD, Role.HOST, Role.OBSERVER, Role.STUDENT])
def test_nobody_else_reads_it(told: World, client: FlaskClient, role: Role) -> None:
    assert told.sign_in(client, role).get("/journal").status_code == 403


SOURCES = sorted((Path(__file__).resolve().parents[2] / "app").rglob("*.py"))
LITERAL = re.compile(r'audit\.record\(\s*"([a-z_]+\.[a-z_]+)"')


def test_every_verb_that_is_journalled_has_its_words() -> None:
    written = {verb for path in SOURCES for verb in LITERAL.findall(path.read_text(encoding="utf-8"))}
    tables = {
        "offer": offers.TABLE,
        "host": hosts.TABLE,
        "campaign": campaigns.TABLE,
        "proposal": allocation.PROPOSALS,
        "weights": allocation.WEIGHTS,
        "placement": placements.TABLE,
        "follow_up": stage_states.FOLLOW_UPS,
    }
    written |= {f"{room}.{step.action}" for room, table in tables.items() for step in table}
    assert written - set(VERBS) == set()
    assert {verb.split(".")[0] for verb in VERBS} - set(ROOMS) <= {
        "certificate",
        "document",
        "guardian",
        "slot",
        "talk",
        "territory",
    }
