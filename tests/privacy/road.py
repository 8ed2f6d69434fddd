"""A student who went the whole road: one of everything that names them, their family, their teacher, their hosts."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from datetime import date

import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.accounts.models import User
from app.agreements.models import Agreement
from app.agreements.services import signing
from app.agreements.states import SignatureState
from app.allocation import services as allocation
from app.allocation.models import FitFeedback, RunRecord
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.feedback import services as feedback
from app.hosts.models import HostOrganization
from app.kernel import clock
from app.kernel.database import db, transaction
from app.offers.models import PlacementOffer
from app.placements import links
from app.placements.models import Placement
from app.placements.services import incidents
from app.placements.stage_models import Accident, FollowUp
from app.placements.stage_states import FollowUpKind
from app.placements.states import PlacementState
from app.schools.models import LegalGuardian, Student
from app.web.logs import log
from app.wishes.models import InterestProfile
from tests.journeys import full
from tests.schools import test_importing
from tests.world import Land, World, add

FIRST, LAST, BORN = "Maëlys-Anne", "Kowalczyk-Desprès", date(2012, 11, 23)
PARENT, PARENT_MAIL, PARENT_PHONE = "Żaneta Kowalczyk-Desprès", "zaneta.kd@famille.example", "06 98 76 54 32"
TEACHER, TEACHER_MAIL = "Bérengère Quéméneur", "b.quemeneur@rabelais.example"
TUTOR, TUTOR_MAIL, TUTOR_PHONE = "Wladimir Łukasik", "w.lukasik@terril.example", "06 55 44 33 22"
COLLEAGUE, COLLEAGUE_MAIL = "Gwenaëlle Świątek", "g.swiatek@terril.example"
OF_STUDENT = (LAST, f"{FIRST} {LAST}", BORN, PARENT_MAIL, PARENT_PHONE, FIRST)
OF_GUARDIAN = (PARENT, PARENT_MAIL, PARENT_PHONE)
OF_COLLEAGUE = (COLLEAGUE, COLLEAGUE_MAIL)
OF_TEACHER = (TEACHER, TEACHER_MAIL)
OF_TUTOR = (TUTOR, TUTOR_MAIL, TUTOR_PHONE)


@dataclass
class Road:
    """Who went along it; `student` has a convention signed by all, `unsigned` one which waits for signatures."""

    land: Land
    student: int = 0
    guardian: int = 0
    unsigned: int = 0
    teacher: int = 0
    colleague: int = 0
    signed_ids: list[int] = field(default_factory=list)


def walk(app: Flask, world: World, *, signed: bool) -> Road:
    """Build it: wishes, proposal, decision, convention, stage, accident, answers, diary, mails, journal, class list."""
    with app.app_context():
        _rename(world.here)
    made = full.fill(app, world.here)
    land = made.land
    road = Road(land, student=land.student_id, guardian=land.guardian_id, teacher=land.users[Role.TEACHER])
    road.colleague = land.users[Role.HOST]
    with app.app_context(), time_machine.travel(full.EVENING, tick=True):
        placement = db.session.get_one(Placement, int(made.values["placement_id"]))
        feedback.write_page(placement, 1, {"seen": f"Moi, {FIRST} {LAST}"}, by=land.actor(Role.STUDENT))
        feedback.write_report(placement, {"keep": f"{LAST} {FIRST}"}, by=land.actor(Role.STUDENT))
        feedback.ask_to_talk(placement, by=land.actor(Role.STUDENT))
        accident = db.session.get_one(Accident, int(made.values["accident_id"]))
        with transaction():
            accident.circumstances, accident.witnesses = f"{FIRST} a glissé devant {TUTOR}.", f"{TUTOR}, {TEACHER}"
            add(
                FollowUp(
                    placement_id=placement.id,
                    user_id=road.teacher,
                    kind=FollowUpKind.VISIT,
                    planned_on=clock.today(),
                    note=f"{FIRST} va bien ; la famille {LAST.upper()} est prévenue au 06.98.76.54.32.",
                )
            )
            agreement = db.session.scalars(select(Agreement).where(Agreement.student_id == road.student)).one()
            guardian = db.session.get_one(LegalGuardian, road.guardian)
            guardian.email, guardian.phone = PARENT_MAIL, PARENT_PHONE  # the kit has forgotten it
            # The kit gives everybody the same birthday; theirs must be found alone.
            db.session.get_one(Student, road.student).birth_date = BORN
            assert agreement.content is not None
            told = {**agreement.content["student"], "birth_date": BORN.isoformat()}
            agreement.content = {**agreement.content, "student": told}
            if signed:
                for party in agreement.parties:
                    party.state, party.signed_at = SignatureState.SIGNED, clock.now()
                    party.signed_digest = agreement.content_digest
                signing.settle(agreement)
                road.signed_ids.append(agreement.id)
            for row in db.session.scalars(select(Placement).where(Placement.student_id == road.student)):
                row.state = PlacementState.COMPLETED
            pupil = json.dumps({"pupils": [{"id": road.student, "text": f"{FIRST} {LAST}"}]}, ensure_ascii=False)
            add(RunRecord(run_id=land.run_id, market=zlib.compress(pupil.encode()), solution=b"y"))
            add(FitFeedback(student_id=road.student, offer_id=land.offer_id, fit=4, by_id=road.teacher))
        incidents.declare(accident.id, by=land.actor(Role.HEAD))
        db.session.get_one(Campaign, land.campaign_id).phase = Phase.DECISIONS
        allocation.refuse(land.proposal_ids[0], f"{FIRST} préfère les vélos", by=land.actor(Role.COORDINATOR))
        test_importing.drop(land, f"Nom;Prénom;Né(e) le;Classe\n{LAST.upper()};{FIRST};23/11/2012;3A\n")
        log.warning("road.walked", student=road.student)
        db.session.commit()
        db.session.remove()
    return road


def _rename(land: Land) -> None:
    student = db.session.get_one(Student, land.student_id)
    student.first_name, student.last_name, student.birth_date = FIRST, LAST, BORN
    student.user.display_name = FIRST
    guardian = db.session.get_one(LegalGuardian, land.guardian_id)
    guardian.name, guardian.email, guardian.phone = PARENT, PARENT_MAIL, PARENT_PHONE
    profile = db.session.scalars(select(InterestProfile).where(InterestProfile.student_id == student.id)).one()
    profile.text = f"Je m’appelle {FIRST} {LAST}, née le 2012-11-23"
    offer = db.session.get_one(PlacementOffer, land.offer_id)
    offer.tutor_name, offer.tutor_email, offer.tutor_phone = TUTOR, TUTOR_MAIL, TUTOR_PHONE
    offer.description += f" {TUTOR} t’attend à l’atelier."
    organization = db.session.get_one(HostOrganization, land.organization_id)
    organization.representative_name = TUTOR
    colleague = db.session.get_one(User, land.users[Role.HOST])
    colleague.display_name, colleague.email = COLLEAGUE, COLLEAGUE_MAIL
    teacher = land.actor(Role.TEACHER)
    account = db.session.get_one(User, teacher.user_id)
    account.display_name, account.email = TEACHER, TEACHER_MAIL
    db.session.commit()
    db.session.remove()


def family_token(guardian_id: int) -> str:
    return links.token_for(db.session.get_one(LegalGuardian, guardian_id))
