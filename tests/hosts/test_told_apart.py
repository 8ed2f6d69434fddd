"""Somebody of several structures, or of several schools, always reads which one a line is about; others do not."""

from __future__ import annotations

import pytest
from flask import Flask, g, render_template_string

from app.access.policy import Role
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.hosts.models import HostMember, HostOrganization
from app.kernel.database import db
from app.offers.models import PlacementOffer
from app.schools.models import School, SchoolClass, SchoolStaff, StaffRole
from tests.agreements import papers
from tests.placements import stages
from tests.world import World, add


@pytest.fixture
def awaited(app: Flask, world: World) -> World:
    with app.app_context():
        db.session.get_one(Campaign, world.here.campaign_id).phase = Phase.DECISIONS
        db.session.commit()
        stages.publish(world.here, 0)
        db.session.remove()
    return world


def test_a_member_of_two_teams_reads_the_structure_of_each_line(app: Flask, awaited: World) -> None:
    land = awaited.here
    with app.app_context():
        mine = db.session.get_one(HostOrganization, land.organization_id).name
        title = db.session.get_one(PlacementOffer, land.offer_id).title
        db.session.remove()
    pages = ("/offres", "/mes-stagiaires")
    client = awaited.sign_in(app.test_client(), Role.HOST)
    for page in pages:
        assert title in client.get(page).text
        assert f"{title}, {mine}" not in client.get(page).text, "one structure: nothing to tell apart"
    with app.app_context():
        papers.second_structure(land)
        other = db.session.scalar(db.select(HostOrganization).where(HostOrganization.name.contains("Essor")))
        add(HostMember(organization_id=other.id, user_id=land.users[Role.HOST]))
        db.session.commit()
        db.session.remove()
    for page in pages:
        assert f"{title}, {mine}" in client.get(page).text.replace("\u00a0", " "), page
    assert "Prendre soin du quartier, Régie de quartier L’Essor" in client.get("/offres").text.replace("\u00a0", " ")


@pytest.mark.parametrize(("role", "told"), [(Role.TEACHER, False), (Role.HEAD, False), (Role.COORDINATOR, True)])
def test_a_class_is_named_with_its_school_for_who_sees_several(
    app: Flask, world: World, role: Role, told: bool
) -> None:
    land = world.here
    with app.test_request_context():
        one = db.session.get_one(SchoolClass, land.class_id)
        g.actor = land.actor(role)
        assert (one.school.name in render_template_string("{{ one | classe }}", one=one)) is told
        if role is not Role.COORDINATOR:
            school = db.session.get_one(School, land.school_id)
            kept = {c.name: getattr(school, c.name) for c in School.__table__.columns}
            second = School(**kept | {"id": None, "uai": "0620113T", "name": "Collège Jean Macé"})
            add(second)
            add(SchoolStaff(school_id=second.id, user_id=land.users[role], role=StaffRole(role.value)))
            g.actor = land.actor(role)
            assert render_template_string("{{ one | classe }}", one=one) == f"3A, {school.name}"
        db.session.remove()
