"""The small world on the last evening of a stage: one of everything that the rooms of issue 4 show.

Lina is in her stage, her convention still waits for signatures; Enzo's is signed by all; Inès found her own stage;
Noé’s convention is a draft; Sam’s went to the archives.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime

import time_machine
from flask import Flask

from app.access.policy import Role
from app.accounts.models import User
from app.agreements import filling
from app.agreements.fields import Part
from app.agreements.models import Agreement
from app.agreements.services import asking, signing
from app.agreements.states import PartyRole, SignatureState
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.feedback import links as feedback_links
from app.feedback import services as feedback
from app.feedback.services import CertificateDraft
from app.hosts import links as host_links
from app.hosts import services as hosts
from app.hosts.models import HostOrganization, MemberRole
from app.hosts.rules import Invited, Seat
from app.kernel import clock
from app.kernel.clock import PARIS
from app.kernel.database import db, transaction
from app.offers.models import PlacementOffer, Slot
from app.placements import links
from app.placements import services as placements
from app.placements.models import Placement
from app.placements.queries import stage as stage_queries
from app.placements.services import incidents
from app.placements.states import PlacementState, Side
from app.privacy.states import Right
from app.schools import links as school_links
from app.schools import services as schools
from app.schools.models import FamilyCode, LegalGuardian, Student
from tests.access.test_endpoints import Call
from tests.agreements import signing_kit
from tests.conftest import NOVEMBER
from tests.directories import excerpts
from tests.directories import test_importing as test_directories
from tests.feedback.conftest import SAID, SEEN
from tests.placements import test_finds
from tests.privacy import rights
from tests.schools import test_importing
from tests.world import Land, add

EVENING = datetime(2027, 1, 29, 17, 30, tzinfo=PARIS)


@dataclass
class Full:
    """What stands for each argument of an address; `special` for the endpoints that look at something else."""

    land: Land
    values: dict[str, str] = field(default_factory=dict)
    special: dict[str, dict[str, str]] = field(default_factory=dict)

    def path(self, call: Call) -> str:
        path = call.rule
        for name in call.arguments:
            value = {**self.values, **self.special.get(call.endpoint, {})}.get(name)
            if value is not None:
                path = path.replace(f"<int:{name}>", value).replace(f"<{name}>", value)
        return path if "<" not in path else call.path(self.land)


def fill(app: Flask, here: Land) -> Full:
    """Build it all, at the moments when it would have happened."""
    land = copy.deepcopy(here)
    with app.app_context():
        with time_machine.travel(NOVEMBER, tick=True):
            signing_kit.make_known(land)
            _another(land, "Noé", "Lemaire")
            _another(land, "Sam", "Carpentier")
            db.session.get_one(Slot, land.slot_ids[0]).capacity = 4
            lina = signing_kit.opened(land)
            enzo = signing_kit.opened(land, number=1)
            noe = signing_kit.prepared(land, number=3)
            _signed(enzo)
            sam = signing_kit.opened(land, number=4)
            _signed(sam)
            _archived(sam)
            campaign = db.session.get_one(Campaign, land.campaign_id)
            campaign.phase = Phase.PUBLISHED
            db.session.commit()
            _found(land)
        full = Full(land, {"organization_id": str(land.organization_id)})
        with time_machine.travel(EVENING, tick=True):
            _stage(full, lina, enzo)
            _links(full, lina, noe)
            full.values["member_id"], full.special["hosts.join"] = _team(land)
            roster = test_importing.drop(land).id
            asked = rights.asked(land, Right.RECTIFICATION, "Mon nom prend un accent")
            full.values["request_id"] = str(asked.id)
            directory = test_directories.drop(land, excerpts.SIAE).id
        full.values |= {"import_id": str(roster), "directory_id": str(directory)}
        full.values |= {"agreement_id": str(lina.id), "reference": lina.reference}
        full.special["agreements.part"] = {"agreement_id": str(noe.id), "part": f"host:{noe.hosts[0].id}"}
        full.special["agreements.confirm_cancel"] = {"agreement_id": str(enzo.id)}
        full.special["agreements.change"] = {"agreement_id": str(lina.id), "part": "school"}
        full.special["agreements.amend"] = {"agreement_id": str(enzo.id), "part": "pedagogy"}
        full.special["privacy.archived"] = {"agreement_id": str(sam.id)}
        full.special["agreements.proofs"] = {"agreement_id": str(lina.id)}
        db.session.remove()
    return full


def _another(land: Land, first_name: str, last_name: str) -> None:
    user = User(territory_id=land.territory_id, role=Role.STUDENT, display_name=first_name)
    add(user)
    student = Student(
        territory_id=land.territory_id,
        class_id=land.class_id,
        user_id=user.id,
        first_name=first_name,
        last_name=last_name,
    )
    add(student)
    land.student_ids.append(student.id)
    db.session.commit()


def _signed(agreement: Agreement) -> None:
    """As the acts of each would leave it."""
    with transaction():
        for party in agreement.parties:
            party.state, party.signed_at = SignatureState.SIGNED, clock.now()
            party.signed_digest = agreement.content_digest
        signing.settle(agreement)


def _archived(agreement: Agreement) -> None:
    with transaction():
        agreement.archived_at = clock.now()


def _found(land: Land) -> None:
    student = db.session.get_one(Student, land.student_ids[2])
    placements.find(student, test_finds.draft(land), by=land.actor(Role.TEACHER))


def _stage(full: Full, lina: Agreement, enzo: Agreement) -> None:
    land = full.land
    host = land.actor(Role.HOST)
    with transaction():
        for agreement in (lina, enzo):
            agreement.hosts[0].placement.state = PlacementState.UNDER_WAY
        db.session.get_one(Campaign, land.campaign_id).phase = Phase.UNDER_WAY
    stages = [stage_queries.told(host, agreement.hosts[0].placement_id) for agreement in (lina, enzo)]
    incidents.report_absence(stages[1], by=host)
    accident = incidents.report_accident(stages[0], "one", by=host)
    feedback.answer(stages[0], SAID, by=land.actor(Role.STUDENT))
    feedback.answer_as_tutor(stages[0], SEEN, by=host)
    feedback.issue(stages[0], CertificateDraft(frozenset({clock.today()}), "Zoé Martin", "directrice"), by=host)
    full.values |= {"placement_id": str(stages[0].id), "accident_id": str(accident.id)}


def _links(full: Full, lina: Agreement, noe: Agreement) -> None:
    land = full.land
    guardian_party = signing_kit.party(lina, PartyRole.GUARDIAN)
    asking.renew(guardian_party)
    token = signing_kit.token_of(guardian_party)
    guardian = db.session.get_one(LegalGuardian, land.guardian_id)
    offer = db.session.get_one(PlacementOffer, land.offer_id)
    placement = db.session.get_one(Placement, int(full.values["placement_id"]))
    tutor = feedback_links.token_for(placement.id, offer.tutor_email or "")
    full.values["party_id"] = str(guardian_party.id)
    for endpoint, value in {
        "placements.family": links.token_for(guardian),
        "schools.family": school_links.token_for(_slip(guardian, land)),
        "placements.family_sheet": links.token_for(guardian),
        "placements.host_answers": links.host_token(offer, "host1@passerelle.example"),
        "placements.code_page": links.code_token(placement.id, Side.FAMILY),
        "agreements.part_by_link": filling.token_for(noe, Part.FAMILY),
        "agreements.signing": token,
        "agreements.signing_enter_code": token,
        "agreements.signing_paper": token,
        "feedback.tutor": tutor,
        "feedback.certificate": tutor,
        "privacy.family": links.token_for(guardian),
    }.items():
        full.special[endpoint] = {"token": value}


def _team(land: Land) -> tuple[str, dict[str, str]]:
    """The number of who answers for the structure, and the way in of a colleague who is awaited."""
    organization = db.session.get_one(HostOrganization, land.organization_id)
    colleague = Invited("Zoé Martin", "zoe.martin@passerelle.example", Seat(MemberRole.OWNER, "comptable", ()))
    awaited = hosts.invite(organization, colleague, by=land.actor(Role.HOST))
    return str(organization.members[0].id), {"token": host_links.token_for(awaited)}


def _slip(guardian: LegalGuardian, land: Land) -> FamilyCode:
    schools.slips([guardian.student], by=land.actor(Role.TEACHER))
    return guardian.student.family_codes[0]
