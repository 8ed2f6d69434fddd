"""Stages which may be looked back upon, and what was said of them, as far as an actor sees."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.sql.base import ExecutableOption

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.agreements.models import Agreement, AgreementHost
from app.agreements.states import AgreementState
from app.feedback import rules
from app.feedback.models import Certificate, FeedbackRequest, StudentFeedback, TutorFeedback
from app.hosts.models import HostMember, HostOrganization, HostSite
from app.kernel.database import db
from app.kernel.errors import Hidden
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from app.placements.states import PlacementState
from app.schools.models import SchoolClass, Student

PER_PAGE = 50
COLUMNS = ScopeColumns(
    territory=Placement.territory_id,
    school=SchoolClass.school_id,
    school_class=Student.class_id,
    organization=PlacementOffer.organization_id,
    site=PlacementOffer.site_id,
    student=Placement.student_id,
)
# A mail to a tutor leaves at the end of the stage; what ended long ago, before this room existed, is left in peace.
_ASK_FOR = timedelta(days=21)


def _who_and_where() -> tuple[ExecutableOption, ...]:
    return (
        contains_eager(Placement.slot)
        .contains_eager(Slot.offer)
        .options(
            joinedload(PlacementOffer.organization),
            joinedload(PlacementOffer.site).joinedload(HostSite.commune),
        ),
        contains_eager(Placement.student).contains_eager(Student.school_class).joinedload(SchoolClass.school),
    )


def _stages() -> Select[tuple[Placement]]:
    return (
        select(Placement)
        .join(Placement.slot)
        .join(Slot.offer)
        .join(Placement.student)
        .join(Student.school_class)
        .options(*_who_and_where())
        .where(Placement.state.in_(sorted(rules.TOLD_OF)))
    )


def visible_stage(actor: Actor, permission: Permission, placement_id: int) -> Placement:
    """A stage under way or over. Raises `Hidden` when the permission does not reach it."""
    found = db.session.scalar(_stages().where(Placement.id == placement_id, visible(actor, permission, COLUMNS)))
    if found is None:
        raise Hidden(_("Ce stage n’existe pas, ou n’est pas pour vous."))
    return found


def of_student(actor: Actor) -> list[Placement]:
    """The student's own stages under way, over or cut short, the latest first."""
    return list(
        db.session.scalars(
            _stages()
            .where(Placement.student_id == (actor.student_id or 0), visible(actor, Permission.FEEDBACK_GIVE, COLUMNS))
            .order_by(Slot.monday.desc(), Placement.stop, Placement.id.desc())
        )
    )


def stage(placement_id: int) -> Placement | None:
    return db.session.scalar(_stages().where(Placement.id == placement_id))


def student_feedback(placement_id: int) -> StudentFeedback | None:
    return db.session.scalar(select(StudentFeedback).where(StudentFeedback.placement_id == placement_id))


def tutor_feedback(placement_id: int) -> TutorFeedback | None:
    return db.session.scalar(select(TutorFeedback).where(TutorFeedback.placement_id == placement_id))


def certificate(placement_id: int) -> Certificate | None:
    return db.session.scalar(
        select(Certificate).options(joinedload(Certificate.document)).where(Certificate.placement_id == placement_id)
    )


def signed_stop(placement_id: int) -> AgreementHost | None:
    """The days and hours which the signed agreement gives for this placement; the latest amendment wins."""
    return db.session.scalar(
        select(AgreementHost)
        .join(AgreementHost.agreement)
        .where(AgreementHost.placement_id == placement_id, Agreement.state == AgreementState.SIGNED)
        .order_by(Agreement.id.desc())
        .limit(1)
    )


def job_title(actor: Actor, placement: Placement) -> str:
    """The capacity of a signed-in member of the structure."""
    return (
        db.session.scalar(
            select(HostMember.job_title).where(
                HostMember.user_id == actor.user_id,
                HostMember.organization_id == placement.slot.offer.organization_id,
            )
        )
        or ""
    )


def of_slot(placement: Placement) -> list[Placement]:
    """The other stages of the same week at the same offer, for whoever looked after them all."""
    return list(
        db.session.scalars(
            _stages()
            .where(Placement.slot_id == placement.slot_id, Placement.id != placement.id)
            .order_by(Student.first_name, Placement.id)
        )
    )


def answered_by_tutor(placement_ids: Collection[int]) -> set[int]:
    return set(
        db.session.scalars(select(TutorFeedback.placement_id).where(TutorFeedback.placement_id.in_(placement_ids)))
    )


def of_host(actor: Actor) -> list[Placement]:
    """The stages which the actor's structure looked after, latest first."""
    return list(
        db.session.scalars(
            _stages()
            .where(visible(actor, Permission.FEEDBACK_GIVE, COLUMNS))
            .order_by(Slot.monday.desc(), Student.first_name, Placement.id)
        )
    )


def page(actor: Actor, campaign_id: int, number: int) -> Pagination:
    """One page of the stages whose answers the actor reads."""
    statement = (
        _stages()
        .where(Placement.campaign_id == campaign_id, visible(actor, Permission.FEEDBACK_VIEW, COLUMNS))
        .order_by(SchoolClass.school_id, SchoolClass.name, Student.last_name, Student.first_name, Placement.id)
    )
    return db.paginate(statement, page=max(1, number), per_page=PER_PAGE, error_out=False)


def have_begun(actor: Actor, campaign_id: int) -> bool:
    """Whether a stage whose answers the actor reads has begun."""
    return (
        db.session.scalar(
            select(Placement.id)
            .join(Placement.slot)
            .join(Slot.offer)
            .join(Placement.student)
            .join(Student.school_class)
            .where(
                Placement.campaign_id == campaign_id,
                Placement.state.in_(sorted(rules.TOLD_OF)),
                visible(actor, Permission.FEEDBACK_VIEW, COLUMNS),
            )
            .limit(1)
        )
        is not None
    )


def said(placement_ids: Collection[int]) -> tuple[dict[int, StudentFeedback], dict[int, TutorFeedback], set[int]]:
    """What students and tutors said of these stages, by stage, and the stages whose certificate is issued."""
    students = db.session.scalars(select(StudentFeedback).where(StudentFeedback.placement_id.in_(placement_ids)))
    tutors = db.session.scalars(select(TutorFeedback).where(TutorFeedback.placement_id.in_(placement_ids)))
    issued = db.session.scalars(select(Certificate.placement_id).where(Certificate.placement_id.in_(placement_ids)))
    return {f.placement_id: f for f in students}, {f.placement_id: f for f in tutors}, set(issued)


def to_ask(today: date) -> list[Placement]:
    """Stages of these last weeks, over or in their week, whose tutor was neither asked nor quicker."""
    return list(
        db.session.scalars(
            _stages()
            .where(
                Placement.state.in_((PlacementState.UNDER_WAY, PlacementState.COMPLETED)),
                Slot.monday.between(today - _ASK_FOR, today),
                Placement.id.not_in(select(FeedbackRequest.placement_id)),
                Placement.id.not_in(select(TutorFeedback.placement_id)),
            )
            .options(
                contains_eager(Placement.slot)
                .contains_eager(Slot.offer)
                .joinedload(PlacementOffer.organization)
                .selectinload(HostOrganization.members)
                .joinedload(HostMember.user)
            )
            .order_by(Placement.slot_id, Student.first_name, Placement.id)
        )
    )
