"""A small world with one of everything, twice: the second territory is there to be never seen from the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask.testing import FlaskClient

from app.access.actor import Actor
from app.access.policy import Role
from app.accounts.models import User
from app.allocation.models import MatchingRun, PlacementProposal
from app.allocation.states import RunState
from app.campaigns.models import Campaign, CampaignWeek, Commune, Territory
from app.campaigns.states import Phase
from app.features import actor_of
from app.hosts.models import EssFamily, HostKind, HostMember, HostOrganization, HostSite
from app.hosts.states import HostState
from app.kernel import clock
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.schools.models import (
    ClassTeacher,
    LegalGuardian,
    School,
    SchoolClass,
    SchoolStaff,
    SchoolWeek,
    StaffRole,
    Student,
)
from app.wishes.models import InterestProfile, Wish, WishList, WishListState

WEEKS = (date(2027, 1, 25), date(2027, 2, 1))


@dataclass
class Land:
    """One territory's identifiers and accounts (identifiers, so that they outlive a session)."""

    territory_id: int = 0
    campaign_id: int = 0
    commune_id: int = 0
    school_id: int = 0
    class_id: int = 0
    student_id: int = 0
    student_ids: list[int] = field(default_factory=list)
    guardian_id: int = 0
    organization_id: int = 0
    site_id: int = 0
    offer_id: int = 0
    draft_offer_id: int = 0
    slot_ids: list[int] = field(default_factory=list)
    run_id: int = 0
    proposal_id: int = 0
    proposal_ids: list[int] = field(default_factory=list)
    users: dict[Role, int] = field(default_factory=dict)

    def actor(self, role: Role) -> Actor:
        """The actor of this land's user of that role (needs an application context)."""
        user = db.session.get(User, self.users[role])
        assert user is not None
        return actor_of(user)


@dataclass
class World:
    here: Land
    there: Land
    admin_id: int

    def sign_in(self, client: FlaskClient, role: Role, land: Land | None = None) -> FlaskClient:
        """Give the client a session of that role, without passing by the form (which has its own tests)."""
        user_id = self.admin_id if role is Role.ADMIN else (land or self.here).users[role]
        with client.session_transaction() as session:
            session["_user_id"] = f"{user_id}:0"
            session["_fresh"] = True
            session["proved"] = int(clock.now().timestamp())
        return client


def _luhn_complete(prefix: str) -> str:
    for digit in "0123456789":
        total = sum(
            (d if i % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d))
            for i, d in enumerate(int(c) for c in reversed(prefix + digit))
        )
        if total % 10 == 0:
            return prefix + digit
    raise AssertionError


def siren(number: int) -> str:
    """A fictional, Luhn-valid SIREN."""
    return _luhn_complete(f"99900{number:03d}")


def siret(of: str, nic: int = 1) -> str:
    return _luhn_complete(f"{of}{nic:04d}")


def add(*objects: Any) -> None:
    db.session.add_all(objects)
    db.session.flush()


def build_world() -> World:
    admin = User(role=Role.ADMIN, display_name="Admin", email="admin@passerelle.example")
    add(admin)
    world = World(here=_land(1, "hénin"), there=_land(2, "lens"), admin_id=admin.id)
    db.session.commit()
    db.session.remove()
    return world


def _land(number: int, name: str) -> Land:
    land = Land()
    territory = Territory(
        slug=f"t{number}",
        name=f"Territoire {name}",
        operator="Ligue 62",
        contact_email="contact@passerelle.example",
    )
    add(territory)
    land.territory_id = territory.id
    commune = Commune(
        territory_id=territory.id,
        insee="62427",
        name="Hénin-Beaumont",
        postcode="62110",
        lat=50.40923,
        lon=2.959,
    )
    campaign = Campaign(
        territory_id=territory.id,
        name="Stages de 3e",
        school_year="2026-2027",
        levels="4e,3e",
        phase=Phase.WISHES,
        offers_open_on=date(2026, 9, 1),
        wishes_open_on=date(2026, 11, 1),
        wishes_close_on=date(2026, 12, 15),
        publish_on=date(2027, 1, 4),
        weeks=[CampaignWeek(monday=monday) for monday in WEEKS],
    )
    add(commune, campaign)
    land.commune_id, land.campaign_id = commune.id, campaign.id
    for role in (Role.TEACHER, Role.HEAD, Role.HOST, Role.COORDINATOR, Role.OBSERVER):
        user = User(
            territory_id=territory.id,
            role=role,
            display_name=f"{role.value.title()} {number}",
            email=f"{role.value}{number}@passerelle.example",
        )
        add(user)
        land.users[role] = user.id
    _school(land, number)
    _host(land, number)
    _allocation(land)
    return land


def _school(land: Land, number: int) -> None:
    school = School(
        territory_id=land.territory_id,
        commune_id=land.commune_id,
        uai="0622795B",
        name="Collège François Rabelais",
        postcode="62110",
        lat=50.41243,
        lon=2.95864,
    )
    add(school)
    land.school_id = school.id
    school_class = SchoolClass(
        territory_id=land.territory_id,
        school_id=school.id,
        campaign_id=land.campaign_id,
        name="3A",
        level="3e",
        code=f"CLASSE{number}",
    )
    add(
        SchoolStaff(school_id=school.id, user_id=land.users[Role.TEACHER], role=StaffRole.TEACHER),
        SchoolStaff(school_id=school.id, user_id=land.users[Role.HEAD], role=StaffRole.HEAD),
        *[SchoolWeek(school_id=school.id, campaign_id=land.campaign_id, monday=monday) for monday in WEEKS],
        school_class,
    )
    land.class_id = school_class.id
    add(ClassTeacher(class_id=school_class.id, user_id=land.users[Role.TEACHER]))
    for i, (first, last) in enumerate((("Lina", "Wojcik"), ("Enzo", "Delattre"), ("Inès", "Benali"))):
        user = User(territory_id=land.territory_id, role=Role.STUDENT, display_name=first)
        add(user)
        student = Student(
            territory_id=land.territory_id,
            class_id=school_class.id,
            user_id=user.id,
            first_name=first,
            last_name=last,
        )
        add(student)
        land.student_ids.append(student.id)
        if i == 0:
            land.student_id, land.users[Role.STUDENT] = student.id, user.id
            guardian = LegalGuardian(student_id=student.id, name="Anna Wojcik", email=f"famille{number}@mail.example")
            add(guardian)
            land.guardian_id = guardian.id


def _host(land: Land, number: int) -> None:
    code = siren(number)
    organization = HostOrganization(
        territory_id=land.territory_id,
        siren=code,
        name=f"Ressourcerie du Terril {number}",
        legal_form="9220",
        family=EssFamily.ASSOCIATION,
        kind=HostKind.RESSOURCERIE,
        mission="Nous donnons une seconde vie aux objets.",
        ess_sentence="Ici, tout ce qui est gagné sert à créer des emplois.",
        state=HostState.VERIFIED,
    )
    add(organization)
    land.organization_id = organization.id
    site = HostSite(
        organization_id=organization.id,
        commune_id=land.commune_id,
        siret=siret(code),
        name="Atelier",
        address="12 rue des Mineurs",
        postcode="62110",
        lat=50.41,
        lon=2.96,
    )
    add(site, HostMember(organization_id=organization.id, user_id=land.users[Role.HOST]))
    land.site_id = site.id
    for title, state in (
        ("Redonner vie aux vélos", OfferState.PUBLISHED),
        ("Trier les dons", OfferState.DRAFT),
    ):
        offer = PlacementOffer(
            territory_id=land.territory_id,
            campaign_id=land.campaign_id,
            organization_id=organization.id,
            site_id=site.id,
            title=title,
            description="Tu démontes, tu nettoies, tu remontes, et tu vois le vélo repartir chez quelqu’un.",
            sector="REEMPLOI_DECHETS",
            occupations=["I1619"],
            conditions=["manuel", "equipe"],
            tutor_name="Karim Lefebvre",
            tutor_role="encadrant technique",
            forbidden_works_acknowledged_at=clock.now(),
            state=state,
            slots=[Slot(monday=monday, capacity=1) for monday in WEEKS],
        )
        add(offer)
        if state is OfferState.PUBLISHED:
            land.offer_id, land.slot_ids = offer.id, [slot.id for slot in offer.slots]
        else:
            land.draft_offer_id = offer.id


def _allocation(land: Land) -> None:
    for student_id in land.student_ids:
        wish_list = WishList(student_id=student_id, state=WishListState.SUBMITTED, submitted_at=clock.now())
        wish_list.wishes = [Wish(offer_id=land.offer_id, rank=1)]
        add(
            InterestProfile(
                student_id=student_id,
                interests=["1", "22"],
                text="j'aime réparer des vélos",
                commune_id=land.commune_id,
                max_km=10,
            ),
            wish_list,
        )
    run = MatchingRun(
        territory_id=land.territory_id,
        campaign_id=land.campaign_id,
        request_key=f"world-{land.territory_id}",
        state=RunState.DONE,
        seed=1,
        progress=100,
        finished_at=clock.now(),
    )
    add(run)
    land.run_id = run.id
    for student_id, slot_id in zip(land.student_ids, land.slot_ids, strict=False):
        proposal = PlacementProposal(
            run_id=run.id, student_id=student_id, slot_id=slot_id, score=0.8, wish_rank=1, distance_km=2.4
        )
        add(proposal)
        land.proposal_ids.append(proposal.id)
    land.proposal_id = land.proposal_ids[0]
