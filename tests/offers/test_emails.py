"""What the people of a structure are told of its offers and of itself: readable as text, harmless as HTML."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.access.policy import Role
from app.accounts.models import User
from app.hosts import emails as host_emails
from app.hosts import queries as host_queries
from app.hosts.models import HostOrganization
from app.hosts.states import TABLE as HOST_TABLE
from app.hosts.states import HostState
from app.kernel.database import db, transaction
from app.offers import emails, queries
from app.offers.models import PlacementOffer
from app.offers.states import TABLE
from tests.world import World

REASON = "Le hangar <b>n’est pas</b> fermé.\nRappelez-nous."


@pytest.fixture(autouse=True)
def request_context(app: Flask, world: World) -> Iterator[None]:
    with app.test_request_context():
        with transaction():
            offer = db.session.get(PlacementOffer, world.here.offer_id)
            structure = db.session.get(HostOrganization, world.here.organization_id)
            assert offer is not None
            assert structure is not None
            offer.state_reason = structure.state_reason = REASON
            offer.title = structure.name = "Vélos & <i>terrils</i>\nBcc: tous"
        yield


def host(world: World) -> User:
    user = db.session.get(User, world.here.users[Role.HOST])
    assert user is not None
    return user


@pytest.mark.parametrize("action", sorted(emails.TOLD))
def test_a_decision_on_an_offer_is_told_with_its_reason(world: World, action: str) -> None:
    offer = queries.visible_offer(world.here.actor(Role.COORDINATOR), world.here.offer_id)
    message = emails.decision(action, offer, host(world), 1)
    assert "\n" not in message.subject
    assert "<i>terrils" not in message.html
    assert f"/offres/{offer.id}" in message.text
    assert (REASON in message.text) is TABLE[action].needs_reason
    assert "<b>" not in message.html
    assert message.text.endswith("\n")


# A structure to call has nobody here to whom a decision could be told.
TOLD = [each.action for each in HOST_TABLE if HostState.PROSPECT not in each.sources]


@pytest.mark.parametrize("action", TOLD)
def test_a_decision_on_a_structure_is_told_with_its_reason(world: World, action: str) -> None:
    organization = host_queries.visible_organization(world.here.actor(Role.COORDINATOR), world.here.organization_id)
    territory = host_queries.territory(world.here.territory_id)
    message = host_emails.decision(action, organization, territory, host(world), 1)
    assert "\n" not in message.subject
    assert "<i>terrils" not in message.html
    assert (REASON in message.text) is HOST_TABLE[action].needs_reason
    assert "Bonjour Host 1" in message.text.replace("\u00a0", " ")


def test_two_decisions_are_two_mails_and_one_decision_is_one(world: World) -> None:
    offer = queries.visible_offer(world.here.actor(Role.COORDINATOR), world.here.offer_id)
    keys = {emails.decision("suspend", offer, host(world), entry).dedupe_key for entry in (1, 1, 2)}
    assert len(keys) == 2
