from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.accounts.models import User
from app.accounts.throttling import TooManyTries
from app.audit.models import JournalEntry
from app.hosts import queries, services
from app.hosts.kinds import EssFamily, HostKind
from app.hosts.models import HostMember, HostOrganization, HostSite
from app.hosts.rules import Contact, Identity, Place, Registration
from app.hosts.states import HostState
from app.kernel.database import db, transaction
from app.kernel.errors import Forbidden, Hidden, IllegalTransition, Invalid
from app.messaging.models import OutboxMessage
from app.offers import queries as offer_queries
from tests.world import World, siren, siret

pytestmark = pytest.mark.both_engines

NEW = siren(500)
register = partial(services.register, address="192.0.2.1")


def registration(commune_id: int, **changes: object) -> Registration:
    return replace(
        Registration(
            identity=Identity(
                "Les Jardins du Carreau",
                HostKind.ACI,
                EssFamily.ASSOCIATION,
                "9221",
                "Ici, les légumes font vivre des jardiniers.",
                phone="03 21 00 00 00",
            ),
            place=Place(siret(NEW), "", "3 rue du Puits", commune_id),
            contact=Contact("Awa Nowak", "awa@jardins.example", "directrice", "une phrase assez longue pour entrer"),
            request_key="clef-1",
        ),
        **changes,  # type: ignore[arg-type]
    )


@pytest.fixture(autouse=True)
def request_context(app: Flask, world: World) -> Iterator[None]:
    with app.test_request_context():
        yield


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def mails() -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def test_registering_makes_a_structure_to_verify_and_tells_everyone_concerned(world: World) -> None:
    organization = register(registration(world.here.commune_id))
    assert organization is not None
    assert organization.state is HostState.REGISTERED
    assert organization.territory_id == world.here.territory_id
    assert organization.siren == NEW
    (site,) = organization.sites
    assert (site.name, site.postcode, site.lat) == ("Les Jardins du Carreau", "62110", 50.40923)
    (member,) = organization.members
    assert (member.user.role, member.user.territory_id) == (Role.HOST, world.here.territory_id)
    assert member.user.password_hash is not None
    to = dict(db.session.execute(select(OutboxMessage.kind, OutboxMessage.to_email)).tuples().all())
    assert to == {"host_registered": "awa@jardins.example", "host_to_verify": "coordinator1@passerelle.example"}


def test_without_password_a_link_is_mailed(world: World) -> None:
    asked = registration(world.here.commune_id)
    register(replace(asked, contact=replace(asked.contact, password="")))
    assert "invitation" in mails()


def test_the_same_form_twice_makes_one_structure(world: World) -> None:
    first = register(registration(world.here.commune_id))
    before = (count(HostOrganization), count(User), len(mails()))
    second = register(registration(world.here.commune_id))
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert (count(HostOrganization), count(User), len(mails())) == before


def test_a_known_siren_is_refused_with_what_to_do_and_without_names(world: World) -> None:
    taken = db.session.get(HostOrganization, world.here.organization_id)
    assert taken is not None
    asked = registration(world.here.commune_id, request_key="clef-2")
    with pytest.raises(Invalid) as refusal:
        register(replace(asked, place=replace(asked.place, siret=siret(taken.siren, 2))))
    sentence = refusal.value.fields["siret"]
    assert "contact@passerelle.example" in sentence
    assert "Host 1" not in sentence


def test_the_same_siren_may_live_in_two_territories(world: World) -> None:
    assert register(registration(world.here.commune_id)) is not None
    other = registration(world.there.commune_id, request_key="clef-2")
    other = replace(other, contact=replace(other.contact, email="autre@jardins.example"))
    assert register(other) is not None


@pytest.mark.parametrize("address", ["host1@passerelle.example", "TEACHER1@passerelle.example"])
def test_a_known_address_makes_nothing_and_tells_its_owner_alone(world: World, address: str) -> None:
    asked = registration(world.here.commune_id)
    before = count(HostOrganization), count(User)
    assert register(replace(asked, contact=replace(asked.contact, email=address))) is None
    assert (count(HostOrganization), count(User)) == before
    assert mails() == ["host_address_known"]


def test_what_is_missing_is_said_field_by_field(world: World) -> None:
    asked = registration(world.here.commune_id)
    wrong = replace(
        asked,
        identity=replace(asked.identity, phone="", ess_sentence=""),
        place=replace(asked.place, siret="12", commune_id=10**8),
        contact=replace(asked.contact, name="", password="court"),
    )
    with pytest.raises(Invalid) as refusal:
        register(wrong)
    assert set(refusal.value.fields) == {"phone", "ess_sentence", "siret", "commune_id", "contact_name", "password"}
    assert mails() == []


def organization_of(world: World) -> HostOrganization:
    return queries.visible_organization(world.here.actor(Role.COORDINATOR), world.here.organization_id)


def test_suspending_hides_the_offers_at_once_and_restoring_shows_them_again(world: World) -> None:
    coordinator, student = world.here.actor(Role.COORDINATOR), world.here.actor(Role.STUDENT)
    assert offer_queries.visible_offer(student, world.here.offer_id).is_public
    services.decide(organization_of(world), "suspend", by=coordinator, reason="Machine sans carter.")
    with pytest.raises(Hidden):
        offer_queries.visible_offer(student, world.here.offer_id)
    assert offer_queries.published(world.here.campaign_id) == []
    services.decide(organization_of(world), "restore", by=coordinator)
    assert [o.id for o in offer_queries.published(world.here.campaign_id)] == [world.here.offer_id]
    assert mails() == ["host_suspend", "host_restore"]
    lines = queries.journal(coordinator, "HostOrganization", world.here.organization_id)
    assert [(line.action, line.reason, line.who) for line in lines] == [
        ("suspend", "Machine sans carter.", "Coordinator 1"),
        ("restore", "", "Coordinator 1"),
    ]


def test_the_same_decision_twice_changes_and_mails_nothing_the_second_time(world: World) -> None:
    coordinator = world.here.actor(Role.COORDINATOR)
    for _again in range(2):
        services.decide(organization_of(world), "suspend", by=coordinator, reason="Contrôle en cours.")
    assert mails() == ["host_suspend"]
    assert count(JournalEntry) == 1


def test_a_different_decision_meanwhile_is_refused_with_a_sentence(world: World) -> None:
    coordinator = world.here.actor(Role.COORDINATOR)
    services.decide(organization_of(world), "suspend", by=coordinator, reason="Contrôle en cours.")
    with pytest.raises(IllegalTransition):
        services.decide(organization_of(world), "refuse", by=coordinator, reason="Hors du champ.")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_reason_is_demanded_and_bounded(world: World, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        services.decide(organization_of(world), "suspend", by=world.here.actor(Role.COORDINATOR), reason=reason)
    assert list(refusal.value.fields) == ["reason"]


@pytest.mark.parametrize("role", [Role.HOST, Role.TEACHER, Role.STUDENT, Role.OBSERVER])
def test_only_a_coordinator_decides(world: World, role: Role) -> None:
    with pytest.raises(Forbidden):
        services.decide(organization_of(world), "suspend", by=world.here.actor(role), reason="x")


def test_another_territory_neither_sees_nor_decides(world: World) -> None:
    stranger = world.there.actor(Role.COORDINATOR)
    with pytest.raises(Hidden):
        queries.visible_organization(stranger, world.here.organization_id)
    with pytest.raises(Forbidden):
        services.decide(organization_of(world), "suspend", by=stranger, reason="x")


def test_a_host_edits_its_own_structure_and_no_other(world: World) -> None:
    host = world.here.actor(Role.HOST)
    identity = registration(world.here.commune_id).identity
    services.describe(queries.visible_organization(host, world.here.organization_id), identity, by=host)
    assert organization_of(world).name == "Les Jardins du Carreau"
    other = queries.visible_organization(world.there.actor(Role.COORDINATOR), world.there.organization_id)
    with pytest.raises(Forbidden):
        services.describe(other, identity, by=host)


def test_sites_belong_to_the_structure_and_a_double_click_adds_one(world: World) -> None:
    host = world.here.actor(Role.HOST)
    organization = queries.visible_organization(host, world.here.organization_id)
    place = Place(siret(organization.siren, 2), "Boutique", "1 place Wagon", world.here.commune_id)
    for _again in range(2):
        services.add_site(queries.visible_organization(host, world.here.organization_id), place, by=host)
    assert len(queries.sites_of(organization.id)) == 2
    for wrong, field in (
        (replace(place, siret=siret(siren(501))), "siret"),
        (replace(place, address="Ailleurs"), "siret"),
        (replace(place, siret=siret(organization.siren, 3), commune_id=world.there.commune_id), "commune_id"),
    ):
        with pytest.raises(Invalid) as refusal:
            services.add_site(queries.visible_organization(host, organization.id), wrong, by=host)
        assert list(refusal.value.fields) == [field]
    assert count(HostSite) == 3


def test_two_people_of_one_structure_registering_at_once_make_one(app: Flask, world: World) -> None:
    commune_id, gate, outcomes = world.here.commune_id, Barrier(2), []
    with transaction():
        pass
    db.session.remove()

    def run(number: int) -> None:
        asked = registration(commune_id, request_key=f"clef-{number}")
        asked = replace(asked, contact=replace(asked.contact, email=f"p{number}@jardins.example"))
        with app.test_request_context():
            gate.wait()
            try:
                register(asked)
                outcomes.append("made")
            except Invalid as refusal:
                outcomes.append(next(iter(refusal.fields)))
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "siret"]
    made = db.session.scalars(select(HostOrganization).where(HostOrganization.siren == NEW)).all()
    assert len(made) == 1
    assert db.session.scalar(select(func.count()).where(HostMember.organization_id == made[0].id)) == 1


def test_a_robot_that_registers_one_mailbox_again_and_again_is_slowed_down(world: World) -> None:
    asked = registration(world.here.commune_id)
    asked = replace(asked, contact=replace(asked.contact, email="host1@passerelle.example"))
    for number in range(5):
        register(replace(asked, request_key=f"robot-{number}"))
    with pytest.raises(TooManyTries):
        register(replace(asked, request_key="robot-6"))
    assert mails() == ["host_address_known"] * 5
