"""What preparing reads: a class and its placements, who signs for the school, requests that are not finished."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.agreements.models import Agreement, AgreementBatch
from app.agreements.queries.papers import whole
from app.agreements.states import AgreementState
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from app.placements.states import LIVE, TOLD, PlacementState
from app.schools.models import SchoolStaff, StaffRole, Student


def of_class(class_id: int) -> list[Agreement]:
    """The agreements of a class that are not void, with what a list and a check of completeness read."""
    statement = (
        select(Agreement)
        .join(Agreement.student)
        .where(Student.class_id == class_id, Agreement.state != AgreementState.VOID, Agreement.amends_id.is_(None))
        .options(*whole())
        .order_by(Student.last_name, Student.first_name, Agreement.id)
    )
    return list(db.session.scalars(statement))


def placements_of_class(class_id: int) -> list[Placement]:
    """The live placements of a class, with what an agreement reads of them."""
    statement = (
        select(Placement)
        .join(Placement.student)
        .where(Student.class_id == class_id, Placement.state.in_(sorted(LIVE - {PlacementState.TO_VERIFY})))
        .options(
            joinedload(Placement.student).joinedload(Student.school_class),
            joinedload(Placement.slot).joinedload(Slot.offer).joinedload(PlacementOffer.organization),
        )
        .order_by(Student.last_name, Student.first_name, Placement.student_id, Placement.stop, Placement.id)
    )
    return list(db.session.scalars(statement))


def students_placed(class_id: int) -> int:
    """How many students of the class have a placement that holds."""
    return (
        db.session.scalar(
            select(func.count(func.distinct(Placement.student_id)))
            .join(Placement.student)
            .where(Student.class_id == class_id, Placement.state.in_(sorted(LIVE - {PlacementState.TO_VERIFY})))
        )
        or 0
    )


def placements_told(student_id: int, campaign_id: int) -> list[Placement]:
    """Where the student goes in this campaign, as people were told."""
    statement = select(Placement).where(
        Placement.student_id == student_id, Placement.campaign_id == campaign_id, Placement.state.in_(sorted(TOLD))
    )
    return list(db.session.scalars(statement.order_by(Placement.stop)))


def head_of(school_id: int) -> User | None:
    """The head of the school: the first named, when there are several accounts."""
    return db.session.scalar(
        select(User)
        .join(SchoolStaff, SchoolStaff.user_id == User.id)
        .where(SchoolStaff.school_id == school_id, SchoolStaff.role == StaffRole.HEAD, User.is_active)
        .order_by(SchoolStaff.id)
        .limit(1)
    )


def user_by_email(email: str, territory_id: int) -> User | None:
    if not email:
        return None
    return db.session.scalar(
        select(User).where(User.email == email.lower(), User.territory_id == territory_id, User.is_active)
    )


def last_batch(class_id: int) -> AgreementBatch | None:
    return db.session.scalar(
        select(AgreementBatch).where(AgreementBatch.class_id == class_id).order_by(AgreementBatch.id.desc()).limit(1)
    )


def unfinished_batches() -> Sequence[int]:
    return db.session.scalars(
        select(AgreementBatch.id).where(AgreementBatch.finished_at.is_(None)).order_by(AgreementBatch.id)
    ).all()
