"""A small world whose first student has everything that an agreement asks for."""

from __future__ import annotations

from datetime import date

from app.access.policy import Role
from app.agreements.models import Agreement
from app.agreements.services import preparing
from app.hosts.models import HostOrganization, HostSite
from app.kernel.database import db, transaction
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.placements.models import Placement
from app.placements.states import Answer, PlacementState
from app.regulations.schedules import Interval, WeekHours
from app.schools.models import LegalGuardian, School, Student
from tests.world import Land, add, siren, siret


def fill_registers(land: Land) -> None:
    """What school, structure and family say of themselves, so that nothing is missing."""
    with transaction():
        school = db.session.get_one(School, land.school_id)
        school.address, school.phone, school.email = "51 rue René Cassin", "03 21 00 00 00", "ce.0622795b@mail.example"
        school.board_approval_on = date(2026, 10, 12)
        organization = db.session.get_one(HostOrganization, land.organization_id)
        organization.representative_name, organization.representative_role = "Sonia Carpentier", "directrice"
        organization.representative_email = "direction@ressourcerie.example"
        offer = db.session.get_one(PlacementOffer, land.offer_id)
        offer.tutor_phone = "06 00 00 00 12"
        for student_id in land.student_ids:
            student = db.session.get_one(Student, student_id)
            student.birth_date = date(2012, 3, 3)
            if not student.guardians:
                add(
                    LegalGuardian(
                        student_id=student.id, name=f"Famille {student.last_name}", email="parents@mail.example"
                    )
                )


def place(land: Land, student_id: int | None = None, slot: int = 0, *, stop: int = 0) -> int:
    """A confirmed placement; returns its identifier."""
    with transaction():
        placement = Placement(
            territory_id=land.territory_id,
            campaign_id=land.campaign_id,
            student_id=student_id or land.student_id,
            slot_id=land.slot_ids[slot],
            state=PlacementState.CONFIRMED,
            host_answer=Answer.YES,
            family_answer=Answer.YES,
            stop=stop,
        )
        add(placement)
        return placement.id


def second_structure(land: Land) -> int:
    """Another structure, open on Thursday and Friday of the same week; returns the slot."""
    with transaction():
        code = siren(77)
        organization = HostOrganization(
            territory_id=land.territory_id,
            siren=code,
            name="Régie de quartier L’Essor",
            legal_form="9220",
            family="association",
            kind=db.session.get_one(HostOrganization, land.organization_id).kind,
            representative_name="Yanis Petit",
            representative_role="président",
            representative_email="president@essor.example",
            state=db.session.get_one(HostOrganization, land.organization_id).state,
        )
        organization.family = db.session.get_one(HostOrganization, land.organization_id).family
        add(organization)
        site = HostSite(
            organization_id=organization.id,
            commune_id=land.commune_id,
            siret=siret(code),
            name="Local",
            address="3 place du Marché",
            postcode="62110",
            lat=50.41,
            lon=2.95,
        )
        add(site)
        first = db.session.get_one(Slot, land.slot_ids[0])
        offer = PlacementOffer(
            territory_id=land.territory_id,
            campaign_id=land.campaign_id,
            organization_id=organization.id,
            site_id=site.id,
            title="Prendre soin du quartier",
            description="Un matin avec les jardiniers, un après-midi à l’accueil.",
            sector="REEMPLOI_DECHETS",
            tutor_name="Nora Meunier",
            tutor_role="animatrice",
            tutor_email="nora@essor.example",
            forbidden_works_acknowledged_at=first.offer.forbidden_works_acknowledged_at,
            state=OfferState.PUBLISHED,
            schedule=hours(3, 4).to_json(),
            slots=[Slot(monday=first.monday, capacity=2)],
        )
        add(offer)
        return offer.slots[0].id


def hours(*weekdays: int) -> WeekHours:
    """Nine to noon and one to four, on these weekdays."""
    return WeekHours.uniform((Interval.at("09:00", "12:00"), Interval.at("13:00", "16:00")), weekdays)


def draft(land: Land) -> Agreement:
    """The draft of the first student, nothing missing."""
    fill_registers(land)
    placement = db.session.get_one(Placement, place(land))
    return preparing.prepare(placement, by=land.actor(Role.TEACHER))


def opened(land: Land) -> Agreement:
    return preparing.open_signatures(draft(land), by=land.actor(Role.HEAD))
