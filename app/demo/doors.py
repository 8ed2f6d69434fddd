"""Who to be, in the campaign of 4e, to see each thing that waits for somebody."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.accounts import services as accounts
from app.accounts.models import User
from app.demo import autumn, people
from app.hosts.models import HostMember
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements import links
from app.placements.models import Placement
from app.placements.states import Answer, PlacementState
from app.schools import rules as school_rules
from app.schools.models import ClassTeacher, LegalGuardian, SchoolClass, Student

Row = tuple[str, str, str, str]  # role, who, identifier, secret


def rows(campaign_id: int) -> Iterator[Row]:
    """Accounts: a class teacher, a structure that has to answer, students at three points of the stage."""
    teacher = db.session.scalars(
        select(User)
        .join(ClassTeacher, ClassTeacher.user_id == User.id)
        .join(SchoolClass)
        .where(SchoolClass.campaign_id == campaign_id)
        .order_by(SchoolClass.school_id, User.id)
    ).first()
    if teacher is not None and teacher.email:
        yield _("Professeur principal, 4A"), teacher.display_name, teacher.email, people.PASSWORD
    member = db.session.scalars(
        select(HostMember)
        .join(PlacementOffer, PlacementOffer.organization_id == HostMember.organization_id)
        .join(Slot)
        .join(Placement)
        .where(
            Placement.campaign_id == campaign_id,
            Placement.state == PlacementState.AWAITING,
            Placement.host_answer == Answer.NONE,
        )
        .order_by(Placement.id)
    ).first()
    if member is not None and member.user.email:
        who = f"{member.user.display_name}, {member.organization.name}"
        yield _("Structure qui doit répondre"), who, member.user.email, people.PASSWORD
    for role, state in (
        (_("Élève de 4e, stage terminé"), PlacementState.COMPLETED),
        (_("Élève de 4e, stage en cours"), PlacementState.UNDER_WAY),
        (_("Élève de 4e, stage à venir"), PlacementState.CONFIRMED),
    ):
        for student in db.session.scalars(_students(campaign_id, state).limit(1)):
            code = student.school_class.code
            secret = people.card_code(code, student.first_name, student.last_name, accounts.PERSONAL_CODE_LENGTH)
            unchanged = accounts.code_digest(code, secret) == student.user.code_digest
            yield role, student.full_name, code, school_rules.grouped(secret) if unchanged else _("carte refaite")


def _students(campaign_id: int, state: PlacementState) -> Select[tuple[Student]]:
    return (
        select(Student)
        .join(Placement, Placement.student_id == Student.id)
        .where(Placement.campaign_id == campaign_id, Placement.state == state)
        .order_by(Placement.id)
    )


def family_links(campaign_id: int) -> Iterator[tuple[str, str]]:
    """(what is to be seen, address) of families, who need no account; inside a request context."""
    for label, condition in (
        (_("Famille qui doit répondre"), Placement.family_answer == Answer.NONE),
        (_("Famille dont le stage est confirmé"), Placement.state == PlacementState.CONFIRMED),
    ):
        guardian = db.session.scalars(
            select(LegalGuardian)
            .join(Placement, Placement.student_id == LegalGuardian.student_id)
            .where(
                Placement.campaign_id == campaign_id,
                Placement.state.in_({PlacementState.AWAITING, PlacementState.CONFIRMED}),
                LegalGuardian.email.is_not(None),
                condition,
            )
            .order_by(Placement.id)
        ).first()
        if guardian is not None:
            yield label, url_for("placements.family", token=links.token_for(guardian), _external=True)


def campaign_id(territory_id: int) -> int | None:
    found = autumn.of_territory(territory_id)
    return found.id if found else None
