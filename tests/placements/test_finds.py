"""« J’ai trouvé moi-même » : one verb, the coordinator's word, known structures reused, the matcher out of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.agreements import content
from app.agreements.services import preparing
from app.allocation import queries as allocation_queries
from app.allocation import services as allocation
from app.allocation.rules import Parameters
from app.campaigns.models import Campaign
from app.hosts.models import HostOrganization, HostSite
from app.hosts.states import HostState
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.offers.models import PlacementOffer
from app.offers.states import OfferState
from app.placements import links, queries, services, stage_words
from app.placements.finds import FindDraft, looks_like
from app.placements.models import Origin, Placement
from app.placements.states import PlacementState
from app.schools.models import LegalGuardian, Student
from tests.placements.conftest import kinds, placement_of
from tests.world import WEEKS, Land, World, siren, siret

S = PlacementState


def draft(land: Land, **changes: object) -> FindDraft:
    whole = FindDraft(
        structure="Garage Dubois",
        siret="",
        address="3 rue du Puits",
        commune_id=land.commune_id,
        contact_name="Paul Dubois",
        contact_phone="03 21 11 22 33",
        contact_email="Paul@garage.example",
        monday=WEEKS[0],
        days=("mon", "tue", "wed", "thu", "fri"),
        starts_at=time(9),
        lunch_starts_at=time(12),
        lunch_ends_at=time(13),
        ends_at=time(16),
        work="Je vais regarder les réparations et accueillir les clients.",
        request_key="k1",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # the fields of the dataclass


def found(land: Land, **changes: object) -> Placement:
    student = db.session.get_one(Student, land.student_id)
    return services.find(student, draft(land, **changes), by=land.actor(Role.STUDENT))


@pytest.mark.both_engines
def test_one_verb_makes_everything_and_twice_is_once(context: Flask, deciding: World) -> None:
    land = deciding.here
    placement = found(land)
    assert found(land).id == placement.id
    offer = placement.slot.offer
    assert (placement.state, placement.origin) == (S.TO_VERIFY, Origin.FOUND)
    assert (offer.state, offer.is_public, offer.organization.state) == (OfferState.PRIVATE, False, HostState.REGISTERED)
    assert (placement.slot.taken, placement.slot.capacity) == (1, 1)
    assert (offer.organization.siren, offer.tutor_email) == (None, "paul@garage.example")
    assert kinds() == ["placement_find_to_verify"]
    with pytest.raises(Conflict, match="déjà un stage"):
        found(land, request_key="k2")


def test_a_private_offer_is_browsed_by_nobody(app: Flask, deciding: World, client: FlaskClient) -> None:
    with app.app_context():
        offer_id = found(deciding.here).slot.offer_id
        db.session.remove()
    for role in (Role.STUDENT, Role.TEACHER, Role.HEAD, Role.HOST):
        assert deciding.sign_in(client, role).get(f"/offres/{offer_id}").status_code == 404, role
    assert "Garage Dubois" not in deciding.sign_in(client, Role.TEACHER).get("/offres/parcourir").text


@pytest.mark.both_engines
def test_it_frees_from_the_matching_until_it_is_set_aside(context: Flask, deciding: World) -> None:
    land = deciding.here
    placement = found(land)

    def pupils() -> set[str]:
        problem = allocation_queries.market(db.session.get_one(Campaign, land.campaign_id), Parameters())
        return {pupil.id for pupil in problem.pupils}

    assert str(land.student_id) not in pupils()
    assert str(land.student_ids[1]) in pupils()
    coordinator = land.actor(Role.COORDINATOR)
    with pytest.raises(Invalid):
        services.reject(placement.id, "", by=coordinator)
    services.reject(placement.id, "Ce garage est fermé cette semaine-là", by=coordinator)
    services.reject(placement.id, "Ce garage est fermé cette semaine-là", by=coordinator)
    assert placement_of(land.student_id).state is S.REJECTED
    assert str(land.student_id) in pupils()
    assert kinds().count("placement_find_rejected") == 1
    assert found(land, request_key="k2").state is S.TO_VERIFY


@pytest.mark.both_engines
def test_verified_it_walks_the_same_road(context: Flask, deciding: World) -> None:
    land = deciding.here
    coordinator = land.actor(Role.COORDINATOR)
    allocation.approve(land.proposal_ids[0], by=coordinator)
    placement = found(land)
    assert queries.unpublished(land.campaign_id) == []  # what was approved waits for the coordinator's word
    for _ in range(2):
        services.verify(placement.id, by=coordinator)
    assert placement_of(land.student_id).state is S.AWAITING
    assert allocation_queries.approval_of(land.student_id) is None
    sent = kinds()
    assert {"placement_family", "placement_host", "placement_class"} <= set(sent)
    assert len(sent) == 4
    for role in (Role.TEACHER, Role.HEAD, Role.STUDENT):
        with pytest.raises(Forbidden):
            services.verify(placement.id, by=land.actor(role))


def test_a_structure_of_an_official_list_is_registered_by_the_first_find_that_stands(
    context: Flask, deciding: World
) -> None:
    land = deciding.here
    organization = db.session.get_one(HostOrganization, land.organization_id)
    organization.state, organization.members = HostState.PROSPECT, []
    db.session.commit()
    placement = found(land, siret=siret(siren(1)))
    assert organization.state is HostState.PROSPECT, "a student's word registers nobody"
    services.verify(placement.id, by=land.actor(Role.COORDINATOR))
    assert organization.state is HostState.REGISTERED


def test_hours_that_are_not_allowed_stop_the_verification(context: Flask, deciding: World) -> None:
    land = deciding.here
    placement = found(land, starts_at=time(8), ends_at=time(19))
    assert services.findings(placement)
    with pytest.raises(Conflict, match="pas permis"):
        services.verify(placement.id, by=land.actor(Role.COORDINATOR))
    assert placement_of(land.student_id).state is S.TO_VERIFY


@pytest.mark.both_engines
def test_a_known_siret_is_the_known_structure(context: Flask, deciding: World) -> None:
    land = deciding.here
    number = siret(siren(1))
    before = db.session.scalar(select(func.count(HostOrganization.id)))
    placement = found(land, siret=number)
    assert placement.slot.offer.organization_id == land.organization_id
    assert placement.slot.offer.site_id == land.site_id
    elsewhere = siret(siren(1), 2)
    student = db.session.get_one(Student, land.student_ids[1])
    second = services.find(student, draft(land, siret=elsewhere, request_key="k9"), by=land.actor(Role.TEACHER))
    assert second.slot.offer.organization_id == land.organization_id
    assert second.slot.offer.site.siret == elsewhere
    assert db.session.scalar(select(func.count(HostOrganization.id))) == before


def test_a_name_that_looks_like_a_known_one_is_suggested_and_merged(context: Flask, deciding: World) -> None:
    land = deciding.here
    placement = found(land, structure="La ressourcerie du Terril")
    own = placement.slot.offer.organization_id
    assert [rival.id for rival in services.rivals(placement)] == [land.organization_id]
    coordinator = land.actor(Role.COORDINATOR)
    for _ in range(2):
        services.merge(placement.id, land.organization_id, by=coordinator)
    db.session.expire_all()
    assert placement_of(land.student_id).slot.offer.organization_id == land.organization_id
    assert db.session.get(HostOrganization, own) is None
    assert db.session.scalar(select(func.count(HostSite.id)).where(HostSite.organization_id == own)) == 0


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Garage Dubois", "GARAGE  DUBOIS", True),
        ("Asso. La Bielle", "La Bielle Solidaire", True),
        ("Boulangerie Lefèbvre", "Boulangerie Lefebvre", True),
        ("Garage Dubois", "Garage Martin", False),
        ("Mairie de Carvin", "Crèche de Carvin", False),
        ("", "Garage", False),
    ],
)
def test_names_that_look_alike(one: str, other: str, alike: bool) -> None:
    assert looks_like(one, other) is alike


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("structure", {"structure": ""}),
        ("siret", {"siret": "12345678901234"}),
        ("commune_id", {"commune_id": 987654}),
        ("commune_id", {"commune_id": None}),
        ("postcode", {"commune_id": None, "postcode": "5900", "town": "Lille"}),
        ("postcode", {"commune_id": None, "postcode": "٥٩٠٠٠", "town": "Lille"}),
        ("town", {"commune_id": None, "postcode": "59000", "town": "59"}),
        ("contact_phone", {"contact_phone": "", "contact_email": ""}),
        ("contact_phone", {"contact_phone": "03 21"}),
        ("contact_email", {"contact_email": "paul"}),
        ("monday", {"monday": None}),
        ("days", {"days": ()}),
        ("ends_at", {"ends_at": time(8)}),
        ("ends_at", {"lunch_ends_at": None}),
        ("work", {"work": "voir"}),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    context: Flask, deciding: World, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refusal:
        found(deciding.here, **changes)
    assert list(refusal.value.fields) == [field]
    assert db.session.scalar(select(func.count(PlacementOffer.id)).where(PlacementOffer.state == "private")) == 0


@pytest.mark.both_engines
def test_a_find_outside_the_territory_has_a_town_and_no_distance(context: Flask, deciding: World) -> None:
    land, coordinator = deciding.here, deciding.here.actor(Role.COORDINATOR)
    away = {"commune_id": None, "postcode": "59000", "town": "L’Haÿ-les-Roses"}
    placement = found(land, **away)
    site = placement.slot.offer.site
    assert (site.town, site.postcode, site.is_located, site.commune) == ("L’Haÿ-les-Roses", "59000", False, None)
    with pytest.raises(ValueError, match="coordinates"):
        _ = site.point
    assert any("hors du territoire" in sentence for sentence in services.findings(placement))
    services.verify(placement.id, by=coordinator)
    sheet = stage_words.sheet(placement_of(land.student_id))
    assert (sheet.way, sheet.drawing, sheet.markers) == (None, None, [])
    agreement = preparing.prepare(placement_of(land.student_id), by=land.actor(Role.TEACHER))
    stop = content.values(agreement, f"host:{agreement.hosts[0].id}")
    assert stop["place"] == "3 rue du Puits, 59000 L’Haÿ-les-Roses"
    # The matcher reads on, without it.
    problem = allocation_queries.market(db.session.get_one(Campaign, land.campaign_id), Parameters())
    assert str(placement.slot_id) not in {place.id for place in problem.places}


def test_every_page_of_a_find_outside_the_territory_reads(app: Flask, deciding: World, client: FlaskClient) -> None:
    land = deciding.here
    with app.app_context():
        placement = found(land, commune_id=None, postcode="59000", town="Lille")
        services.verify(placement.id, by=land.actor(Role.COORDINATOR))
        number, organization = placement.id, placement.slot.offer.organization_id
        offer, site = placement.slot.offer_id, placement.slot.offer.site_id
        family = links.token_for(db.session.get_one(LegalGuardian, land.guardian_id))
        host = links.host_token(placement.slot.offer, "paul@garage.example")
        db.session.remove()
    student = deciding.sign_in(client, Role.STUDENT)
    coordinator = deciding.sign_in(app.test_client(), Role.COORDINATOR)
    teacher = deciding.sign_in(app.test_client(), Role.TEACHER)
    sheet = student.get("/mon-stage/feuille").text
    assert "hors du territoire" in sheet
    assert "data-map" not in sheet
    says_where = {
        student: ["/mon-stage", "/mon-stage/agenda.ics", f"/famille/{family}", f"/famille/{family}/feuille"],
        coordinator: [
            "/stages",
            f"/stages/{number}",
            f"/stages/{number}/lettre-structure",
            f"/structures/{organization}",
            f"/offres/{offer}",
        ],
        teacher: [f"/stages/{number}/feuille", f"/stages/{number}/suivi", f"/eleves/{land.student_id}"],
    }
    for reader, paths in says_where.items():
        for path in paths:
            page = reader.get(path)
            assert page.status_code == 200, path
            assert "Lille" in page.text, path
    for reader, path in (
        (coordinator, f"/stages/{number}/semaine"),
        (coordinator, f"/stages/{number}/accueil"),
        (coordinator, f"/lieux/{site}/modifier"),
        (coordinator, "/structures"),
        (coordinator, "/suivi"),
        (coordinator, f"/accueil/{host}"),
        (coordinator, "/chiffres"),
        (teacher, f"/classes/{land.class_id}"),
    ):
        assert reader.get(path).status_code == 200, path


def test_nobody_finds_for_somebody_else(context: Flask, deciding: World) -> None:
    land = deciding.here
    other = db.session.get_one(Student, land.student_ids[1])
    for by in (land.actor(Role.STUDENT), land.actor(Role.HOST), deciding.there.actor(Role.TEACHER)):
        with pytest.raises(Forbidden):
            services.find(other, draft(land), by=by)


def test_the_student_sends_it_from_a_phone_and_reads_what_becomes_of_it(
    app: Flask, deciding: World, client: FlaskClient
) -> None:
    land = deciding.here
    student = deciding.sign_in(client, Role.STUDENT)
    assert "J’ai trouvé moi-même" in student.get("/trouve").text
    typed = {
        "structure": "Garage Dubois",
        "address": "3 rue du Puits",
        "commune_id": str(land.commune_id),
        "contact_name": "Paul Dubois",
        "contact_phone": "0321112233",
        "monday": WEEKS[0].isoformat(),
        "days": ["mon", "tue"],
        "starts_at": "09:00",
        "lunch_starts_at": "12:00",
        "lunch_ends_at": "13:00",
        "ends_at": "16:00",
        "request_key": "abc",
    }
    refused = student.post("/trouve", data=typed)
    assert refused.status_code == 422
    assert "Garage Dubois" in refused.text
    typed["work"] = "Je vais regarder les réparations des voitures."
    for _ in range(2):
        assert student.post("/trouve", data=typed).status_code == 303
    assert "en vérification" in student.get("/mon-stage").text
    coordinator = deciding.sign_in(app.test_client(), Role.COORDINATOR)
    with app.app_context():
        placement_id = placement_of(land.student_id).id
        db.session.remove()
    page = coordinator.get(f"/stages/{placement_id}").text
    assert "Un stage trouvé par l’élève, à vérifier" in page
    assert coordinator.post(f"/stages/{placement_id}/ecarter", data={"reason": ""}).status_code == 422
    assert coordinator.post(f"/stages/{placement_id}/ecarter", data={"reason": "Fermé"}).status_code == 303
    assert "Fermé" in student.get("/mon-stage").text
    stranger = deciding.sign_in(app.test_client(), Role.COORDINATOR, deciding.there)
    for path in ("", "/verifier", "/ecarter", "/meme-structure", "/annuler", "/desaccord", "/reponse-famille"):
        method = stranger.post if path else stranger.get
        assert method(f"/stages/{placement_id}{path}").status_code == 404, path
