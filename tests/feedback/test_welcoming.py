"""Who is asked about a stage: the tutor whom the agreement names, before the one of the offer; on both engines."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.agreements.models import Agreement
from app.agreements.services import preparing
from app.feedback import links, services
from app.feedback.queries import welcoming
from app.hosts.models import HostMember, HostSite, MemberRole
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.placements.models import Placement
from app.placements.states import PlacementState
from tests.agreements import signing_kit as kit
from tests.feedback.conftest import EVENING
from tests.world import World

pytestmark = pytest.mark.both_engines

PAULINE = {"tutor_name": "Pauline Vasseur", "tutor_role": "cheffe d’atelier", "tutor_email": "pauline@terril.example"}


def stage_over(agreement: Agreement) -> Placement:
    placement = db.session.get_one(Placement, agreement.hosts[0].placement_id)
    placement.state = PlacementState.COMPLETED
    db.session.commit()
    return placement


def convention(world: World, **tutor: str) -> Agreement:
    """The convention of one student, opened with this tutor typed in it; the offer keeps its own."""
    kit.make_known(world.here)
    draft = kit.prepared(world.here)
    draft.typed = {**draft.typed, f"host:{draft.hosts[0].id}": dict(tutor)}
    db.session.commit()
    return preparing.open_signatures(kit.again(draft), by=world.here.actor(Role.HEAD))


def asked() -> list[tuple[str, str]]:
    rows = db.session.execute(select(OutboxMessage.to_email, OutboxMessage.to_name).where(_ASKED))
    return sorted((email, name) for email, name in rows)


_ASKED = OutboxMessage.kind == "feedback_tutor"


def test_the_tutor_of_the_convention_is_asked_and_not_the_one_of_the_offer(context: Flask, world: World) -> None:
    placement_id = stage_over(convention(world, **PAULINE)).id
    with time_machine.travel(EVENING):
        assert services.ask_tutors() == 1
    placement = db.session.get_one(Placement, placement_id)
    assert asked() == [("pauline@terril.example", "Pauline Vasseur")]
    assert welcoming.tutor_of(placement) == ("pauline@terril.example", "Pauline Vasseur", "cheffe d’atelier")
    assert "Pauline Vasseur" in welcoming.names_around(placement)
    opens = context.test_client().get
    with time_machine.travel(EVENING):
        assert opens(f"/avis-tuteur/{links.token_for(placement_id, 'pauline@terril.example')}").status_code == 200
        assert opens(f"/avis-tuteur/{links.token_for(placement_id, kit.TUTOR)}").status_code == 404


def test_a_tutor_without_address_leaves_it_to_the_people_of_the_place(context: Flask, world: World) -> None:
    agreement = convention(world, tutor_name="Pauline Vasseur", tutor_phone="03 21 00 00 01")
    for party in agreement.parties:
        if party.name == "Pauline Vasseur":
            party.email = ""
    stage_over(agreement)
    (owner,) = db.session.scalars(select(HostMember).where(HostMember.organization_id == world.here.organization_id))
    with time_machine.travel(EVENING):
        assert services.ask_tutors() == 1
    assert asked() == [(owner.user.email, owner.user.display_name)]


def test_two_students_of_a_week_with_two_tutors_are_two_mails(context: Flask, world: World) -> None:
    agreement = convention(world, **PAULINE)
    second = kit.opened(world.here, number=1, guardians=({"name": "Léa Delattre", "email": "lea@famille.example"},))
    stage_over(agreement)
    stage_over(kit.again(second))
    with time_machine.travel(EVENING):
        assert services.ask_tutors() == 2
    assert [email for email, _name in asked()] == [kit.TUTOR, "pauline@terril.example"]


def test_a_tutor_of_another_place_is_not_among_those_who_may_answer(context: Flask, world: World) -> None:
    placement = stage_over(convention(world, **PAULINE))
    (owner,) = db.session.scalars(select(HostMember).where(HostMember.organization_id == world.here.organization_id))
    known = [row.email for row in welcoming.addresses(placement)]
    assert known == ["pauline@terril.example", owner.user.email]
    here = db.session.get_one(HostSite, world.here.site_id)
    shop = HostSite(
        organization_id=here.organization_id,
        commune_id=here.commune_id,
        name="Boutique",
        address="1 place Wagon",
        postcode="62110",
        lat=here.lat,
        lon=here.lon,
    )
    owner.role, owner.sites = MemberRole.TUTOR, [shop]
    db.session.commit()
    assert [row.email for row in welcoming.addresses(placement)] == ["pauline@terril.example"]
