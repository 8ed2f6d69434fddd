"""Reading what cards and slips open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import User
from app.campaigns.models import Campaign
from app.campaigns.rules import is_over
from app.kernel.database import db
from app.schools.models import FamilyCode, SchoolClass, Student


def of_classes(class_ids: Collection[int]) -> list[Student]:
    """The students of these classes, class by class, in the order of the register, with all that paper shows."""
    statement = (
        select(Student)
        .join(Student.school_class)
        .where(Student.class_id.in_(sorted(class_ids)))
        .options(
            joinedload(Student.user),
            joinedload(Student.school_class).joinedload(SchoolClass.school),
            joinedload(Student.school_class).joinedload(SchoolClass.campaign),
            selectinload(Student.guardians),
            selectinload(Student.family_codes).joinedload(FamilyCode.guardian),
        )
        .order_by(SchoolClass.name, SchoolClass.id, Student.last_name, Student.first_name, Student.id)
    )
    return list(db.session.scalars(statement).unique())


def _codes() -> Select[tuple[FamilyCode]]:
    return select(FamilyCode).options(
        joinedload(FamilyCode.guardian),
        joinedload(FamilyCode.student)
        .joinedload(Student.school_class)
        .options(joinedload(SchoolClass.school), joinedload(SchoolClass.campaign).joinedload(Campaign.territory)),
    )


def family_code(code_id: int) -> FamilyCode | None:
    """The code with its guardian, student, class, school and campaign."""
    return db.session.scalar(_codes().where(FamilyCode.id == code_id))


def family_code_of(digest: str) -> FamilyCode | None:
    return db.session.scalar(_codes().where(FamilyCode.digest == digest))


def classes_that_are_over(today: date) -> Select[tuple[int]]:
    """The classes whose campaign has ended."""
    over = [campaign.id for campaign in db.session.scalars(select(Campaign)) if is_over(campaign, today)]
    return select(SchoolClass.id).where(SchoolClass.campaign_id.in_(over))


def accounts_with_a_dead_card(today: date) -> list[int]:
    """The accounts which still hold the code of a card although their campaign has ended."""
    statement = (
        select(User.id)
        .join(Student, Student.user_id == User.id)
        .where(User.code_digest.is_not(None), Student.class_id.in_(classes_that_are_over(today)))
    )
    return list(db.session.scalars(statement))


def family_codes_that_are_over(today: date) -> list[int]:
    statement = (
        select(FamilyCode.id)
        .join(Student, Student.id == FamilyCode.student_id)
        .where(Student.class_id.in_(classes_that_are_over(today)))
    )
    return list(db.session.scalars(statement))
