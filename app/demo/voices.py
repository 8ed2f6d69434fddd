"""The people of the demo acting for themselves: each says or signs through the same verb as a real one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select

from app.access.actor import Actor
from app.access.policy import Role
from app.accounts import services as accounts
from app.accounts.models import User
from app.agreements import queries as agreements
from app.agreements import storage
from app.agreements.evidence import Circumstances
from app.agreements.models import Agreement, Party
from app.agreements.services import papering, signing
from app.agreements.services.papering import Uploader
from app.agreements.states import Channel, PartyRole
from app.demo import people
from app.kernel import clock
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.placements import services as placements
from app.placements.models import Placement
from app.placements.states import Answer, Medium, Side
from app.schools.models import SchoolClass, SchoolStaff, StaffRole, Student

_WHERE = Circumstances("192.0.2.62", "Firefox")  # an address kept for examples
_CODE = re.compile(r"(\d{3})\s(\d{3})")


def student(found: Student) -> Actor:
    return Actor(Role.STUDENT, found.first_name, found.user_id, found.territory_id, student_id=found.id)


def guardian(found: Student) -> Actor:
    return Actor(Role.GUARDIAN, found.guardians[0].name, territory_id=found.territory_id, student_id=found.id)


def teacher(school_class: SchoolClass) -> Actor:
    user = school_class.teachers[0].user
    return Actor(
        Role.TEACHER,
        user.display_name,
        user.id,
        user.territory_id,
        school_ids=frozenset({school_class.school_id}),
        class_ids=frozenset({school_class.id}),
    )


def head(school_id: int) -> Actor:
    user = db.session.scalars(
        select(User)
        .join(SchoolStaff, SchoolStaff.user_id == User.id)
        .where(SchoolStaff.school_id == school_id, SchoolStaff.role == StaffRole.HEAD)
    ).one()
    return Actor(Role.HEAD, user.display_name, user.id, user.territory_id, school_ids=frozenset({school_id}))


def host(placement: Placement) -> Actor:
    organization = placement.slot.offer.organization
    user = organization.members[0].user
    return Actor(
        Role.HOST, user.display_name, user.id, user.territory_id, organization_ids=frozenset({organization.id})
    )


def host_says(placement: Placement, value: Answer = Answer.YES, reason: str = "") -> None:
    placements.answer(
        placement.id,
        value,
        Side.HOST,
        by=host(placement),
        medium=Medium.LINK,
        reason=reason,
        give_up=value is Answer.NO,
    )


def family_says(placement: Placement, value: Answer = Answer.YES, reason: str = "") -> None:
    """By the link of the mail; on paper, through the teacher, when the family has no address."""
    first = placement.student.guardians[0]
    by, medium = guardian(placement.student), Medium.LINK
    if first.email is None:
        by, medium = teacher(placement.student.school_class), Medium.PAPER
    placements.answer(placement.id, value, Side.FAMILY, by=by, medium=medium, reason=reason, guardian_id=first.id)


def both_say_yes(placement: Placement) -> None:
    host_says(placement)
    family_says(placement)


def party(agreement: Agreement, role: PartyRole) -> Party:
    return next(person for person in agreement.parties if person.role is role)


def sign(agreement: Agreement, *roles: PartyRole, at: datetime) -> Agreement:
    """Each of these signs in turn, a while after the other: codes are not asked for in a row."""
    for number, role in enumerate(roles):
        with clock.as_of(at + timedelta(minutes=25 * number)):
            _sign(again(agreement), role)
    return again(agreement)


def again(agreement: Agreement) -> Agreement:
    found = agreements.by_id(agreement.id)
    assert found is not None
    return found


def _sign(agreement: Agreement, role: PartyRole) -> None:
    person, seen = party(agreement, role), agreement.content_digest or ""
    found = agreement.student
    if role is PartyRole.STUDENT:
        code = found.school_class.code
        card = people.card_code(code, found.first_name, found.last_name, accounts.PERSONAL_CODE_LENGTH)
        signing.sign_as_student(person, seen, card, _WHERE, by=student(found))
        return
    if role is PartyRole.TEACHER:
        signing.take_note(person, seen, _WHERE, by=teacher(found.school_class))
        return
    if not person.email:
        on_paper(agreement, role)
        return
    by = head(agreement.school_id) if role is PartyRole.HEAD else None
    signing.ask_code(person, Channel.MAIL, seen, _WHERE, by=by)
    signing.sign(person, _code_mailed_to(person.email), _WHERE, by=by)


def _code_mailed_to(email: str) -> str:
    """The person opens their mail."""
    text = db.session.scalars(
        select(OutboxMessage.text)
        .where(OutboxMessage.kind == "agreement_code", OutboxMessage.to_email == email)
        .order_by(OutboxMessage.id.desc())
    ).first()
    found = _CODE.search(text or "")
    assert found is not None
    return found[1] + found[2]


def on_paper(agreement: Agreement, role: PartyRole) -> None:
    """The teacher brings the printed page, signed by hand."""
    assert agreement.pdf is not None
    by = teacher(agreement.student.school_class)
    printed = storage.read(agreement.pdf)
    papering.record(
        agreement,
        [party(agreement, role).id],
        [printed],
        papering.mark(agreement),
        _WHERE,
        by=Uploader(by.display_name, actor=by),
    )
