"""Agreements open to signatures, in the small world: every field known, five people to sign or to read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.accounts.services import code_digest
from app.agreements import evidence, queries
from app.agreements.evidence import Circumstances
from app.agreements.models import Agreement, Evidence, Party
from app.agreements.queries import chain
from app.agreements.services import preparing
from app.agreements.states import PartyRole
from app.audit.models import JournalEntry
from app.hosts.models import HostOrganization
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from app.placements.states import Answer, PlacementState
from app.schools.models import LegalGuardian, School, Student
from tests.world import Land

WHERE = Circumstances("203.0.113.7", "Firefox, Android")
CARD = "ABCD2345"
HOST, TUTOR = "direction@terril.example", "karim@terril.example"
GUARDIAN = "anna@famille.example"


def make_known(land: Land) -> None:
    """Everything that a convention must say about this land's school, structure and first student."""
    school = db.session.get_one(School, land.school_id)
    school.address, school.phone, school.email = "4 rue Rabelais", "03 21 00 00 00", "college@rabelais.example"
    school.board_approval_on = date(2026, 6, 30)
    organization = db.session.get_one(HostOrganization, land.organization_id)
    organization.representative_name, organization.representative_role = "Zoé Martin", "directrice"
    organization.representative_email = HOST
    offer = db.session.get_one(PlacementOffer, land.offer_id)
    offer.tutor_email, offer.tutor_phone = TUTOR, "06 11 22 33 44"
    slot = db.session.get_one(Slot, land.slot_ids[0])
    slot.capacity, slot.taken = 3, 0
    db.session.commit()


def guardian_of(student: Student, **values: str) -> LegalGuardian:
    if not student.guardians:
        student.guardians.append(LegalGuardian(name="Anna Wojcik"))
    found = student.guardians[0]
    for name, value in {"email": GUARDIAN, "phone": "", **values}.items():
        setattr(found, name, value)
    return found


def prepared(land: Land, *, number: int = 0, guardians: tuple[dict[str, str], ...] = ({},)) -> Agreement:
    """A complete draft for the land's student of that number."""
    student = db.session.get_one(Student, land.student_ids[number])
    student.birth_date = date(2012, 5, 4)
    student.user.code_digest = code_digest(student.school_class.code, f"{CARD}{number}")
    guardian_of(student, **guardians[0])
    for more in guardians[1:]:
        student.guardians.append(LegalGuardian(**{"name": "Marc Wojcik", "email": "marc@famille.example", **more}))
    slot = db.session.get_one(Slot, land.slot_ids[0])
    slot.taken += 1
    placement = Placement(
        territory_id=land.territory_id,
        campaign_id=land.campaign_id,
        student_id=student.id,
        slot_id=slot.id,
        state=PlacementState.CONFIRMED,
        host_answer=Answer.YES,
        family_answer=Answer.YES,
    )
    db.session.add(placement)
    db.session.commit()
    return preparing.prepare(placement, by=land.actor(Role.TEACHER))


def opened(land: Land, *, number: int = 0, guardians: tuple[dict[str, str], ...] = ({},)) -> Agreement:
    """The same, its signatures open."""
    draft = prepared(land, number=number, guardians=guardians)
    return preparing.open_signatures(draft, by=land.actor(Role.HEAD))


def again(agreement: Agreement) -> Agreement:
    """The agreement as the database has it now."""
    key = agreement.id
    db.session.remove()
    found = queries.by_id(key)
    assert found is not None
    return found


def party(agreement: Agreement, role: PartyRole, number: int = 0) -> Party:
    return [person for person in agreement.parties if person.role is role][number]


def mails(kind: str = "", to: str = "") -> list[OutboxMessage]:
    statement = select(OutboxMessage).order_by(OutboxMessage.id)
    found = db.session.scalars(statement.execution_options(populate_existing=True))
    return [row for row in found if (not kind or row.kind == kind) and (not to or row.to_email == to)]


def token_in(row: OutboxMessage) -> str:
    found = re.search(r"/signer/([0-9A-Z]+)/([\w-]+)", row.text)
    assert found is not None, row.text
    return found[2]


def token_of(person: Party) -> str:
    return token_in(mails("agreement_link", person.email)[-1])


def code_in(row: OutboxMessage) -> str:
    found = re.search(r"(\d{3}) (\d{3})", row.text)
    assert found is not None, row.text
    return found[1] + found[2]


def code_for(email: str, kind: str = "agreement_code") -> str:
    return code_in(mails(kind, email)[-1])


@dataclass
class Case:
    """An open agreement for tests which talk HTTP: each look at the database is in a context of its own."""

    app: Flask
    land: Land
    id: int
    reference: str
    digest: str

    @classmethod
    def of(cls, app: Flask, land: Land, **how: Any) -> Case:
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            if not how.get("number"):
                make_known(land)
            agreement = opened(land, **how)
            return cls(app, land, agreement.id, agreement.reference, str(agreement.content_digest))

    def now(self) -> Agreement:
        with self.app.app_context():
            found = queries.by_id(self.id)
            assert found is not None
            self.digest = str(found.content_digest)
            return found

    def party(self, role: PartyRole, number: int = 0) -> Party:
        return party(self.now(), role, number)

    def party_id(self, role: str) -> int:
        return self.party(PartyRole(role)).id

    def mails(self, kind: str = "", to: str = "") -> list[OutboxMessage]:
        with self.app.app_context():
            return mails(kind, to)

    def token(self, email: str) -> str:
        return token_in(self.mails("agreement_link", email)[-1])

    def code(self, email: str, kind: str = "agreement_code") -> str:
        return code_in(self.mails(kind, email)[-1])

    def events(self, person: Party | None = None) -> list[Evidence]:
        with self.app.app_context():
            return [row for row in chain.rows(self.id) if person is None or row.party_id == person.id]

    def faults(self) -> tuple[evidence.Fault, ...]:
        with self.app.app_context():
            found = queries.by_id(self.id)
            assert found is not None
            return evidence.verify(found)

    def refusals(self, why: str = "") -> list[JournalEntry]:
        with self.app.app_context():
            rows = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "agreement.link_refused"))
            return [row for row in rows if not why or row.details["why"] == why]

    def change(self) -> None:
        """Something in the text changes after the signatures were opened."""
        with self.app.app_context():
            found = queries.by_id(self.id)
            assert found is not None
            new = {"supervision": "Une visite le jeudi."}
            preparing.change_after_opening(found, "pedagogy", new, "Suivi précisé", by=self.land.actor(Role.HEAD))
        self.now()

    def path(self, token: str, rest: str = "") -> str:
        return f"/signer/{self.reference}/{token}{rest}"

    def consent(self, **more: Any) -> dict[str, Any]:
        return {"seen": self.digest, "consent": "y", "channel": "mail", **more}
