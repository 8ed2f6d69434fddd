"""Reading who looked at which student's file, and finding whose file a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.access.visibility import ScopeColumns, visible
from app.agreements.models import Agreement
from app.allocation.models import PlacementProposal
from app.hosts.models import HostOrganization
from app.kernel.database import db
from app.placements.models import Placement
from app.placements.stage_models import Accident
from app.privacy.looks_models import StudentLook
from app.privacy.looks_rules import Page
from app.schools.models import School, SchoolClass, Student

PER_PAGE = 50
COLUMNS = ScopeColumns(
    territory=Student.territory_id, school=SchoolClass.school_id, school_class=Student.class_id, student=Student.id
)
SCHOOLS = ScopeColumns(territory=School.territory_id, school=School.id)


def students_behind(arguments: Mapping[str, Any], *, whole_class: bool = False) -> list[tuple[int, int]]:
    """(student, territory) of whom the arguments of an address lead to; nobody when they lead nowhere."""
    key, where = next(
        ((name, clause) for name, clause in _doors(arguments, whole_class) if name in arguments), ("", None)
    )
    if not key or where is None:
        return []
    rows = db.session.execute(select(Student.id, Student.territory_id).where(where).order_by(Student.id))
    return list(rows.tuples())


def _doors(arguments: Mapping[str, Any], whole_class: bool) -> Iterable[tuple[str, ColumnElement[bool]]]:
    def of(column: Any, model: Any, name: str) -> ColumnElement[bool]:
        return Student.id.in_(select(column).where(model.id == arguments[name]))

    if whole_class and "class_id" in arguments:
        yield "class_id", Student.class_id == arguments["class_id"]
    if "student_id" in arguments:
        yield "student_id", Student.id == arguments["student_id"]
    if "placement_id" in arguments:
        yield "placement_id", of(Placement.student_id, Placement, "placement_id")
    if "agreement_id" in arguments:
        yield "agreement_id", of(Agreement.student_id, Agreement, "agreement_id")
    if "proposal_id" in arguments:
        yield "proposal_id", of(PlacementProposal.student_id, PlacementProposal, "proposal_id")
    if "accident_id" in arguments:
        placements = select(Accident.placement_id).where(Accident.id == arguments["accident_id"])
        yield (
            "accident_id",
            Student.id.in_(select(Placement.student_id).where(Placement.id.in_(placements.scalar_subquery()))),
        )


def already(student_ids: Iterable[int], viewer: str, page: Page, day: date) -> set[int]:
    """Of these students, those whose look of that day is already written."""
    return set(
        db.session.scalars(
            select(StudentLook.student_id).where(
                StudentLook.student_id.in_(sorted(student_ids)),
                StudentLook.viewer == viewer,
                StudentLook.page == page,
                StudentLook.day == day,
            )
        )
    )


def visible_school(actor: Actor, school_id: int) -> School | None:
    return db.session.scalar(
        select(School).where(School.id == school_id, visible(actor, Permission.LOOK_VIEW, SCHOOLS))
    )


def visible_student(actor: Actor, student_id: int) -> Student | None:
    return db.session.scalar(
        select(Student)
        .join(Student.school_class)
        .where(Student.id == student_id, visible(actor, Permission.LOOK_VIEW, COLUMNS))
        .options(contains_eager(Student.school_class))
    )


def page_of(
    actor: Actor, number: int, *, school_id: int | None = None, student_id: int | None = None, role: Role | None = None
) -> Pagination:
    """One page of looks, the latest first: of a school, of a student, by one role."""
    statement = (
        select(StudentLook)
        .join(StudentLook.student)
        .join(Student.school_class)
        .where(visible(actor, Permission.LOOK_VIEW, COLUMNS))
        .options(contains_eager(StudentLook.student).contains_eager(Student.school_class), joinedload(StudentLook.user))
        .order_by(StudentLook.at.desc(), StudentLook.id.desc())
    )
    if school_id is not None:
        statement = statement.where(SchoolClass.school_id == school_id)
    if student_id is not None:
        statement = statement.where(StudentLook.student_id == student_id)
    if role is not None:
        statement = statement.where(StudentLook.role == role)
    return db.paginate(statement, page=max(1, number), per_page=PER_PAGE, error_out=False)


def host_names(rows: Iterable[StudentLook]) -> dict[str, str]:
    """The structures behind the personal links of these rows, by `viewer`."""
    keys = {row.viewer: int(row.viewer.partition(":")[2]) for row in rows if row.user_id is None and ":" in row.viewer}
    statement = select(HostOrganization.id, HostOrganization.name).where(HostOrganization.id.in_(sorted(keys.values())))
    names = dict(db.session.execute(statement).tuples().all())
    return {viewer: names[key] for viewer, key in keys.items() if viewer.startswith(Role.HOST) and key in names}


@dataclass(frozen=True, slots=True)
class ByRole:
    """How many people of a role looked at a student's file, on how many days in all, and when last."""

    role: Role
    people: int
    days: int
    last: date


def by_role(student_id: int) -> list[ByRole]:
    """What a student or a guardian may know of who looked: counts by role, no name."""
    rows = db.session.execute(
        select(
            StudentLook.role,
            func.count(StudentLook.viewer.distinct()),
            func.count((StudentLook.viewer + func.cast(StudentLook.day, db.String)).distinct()),
            func.max(StudentLook.day),
        )
        .where(StudentLook.student_id == student_id)
        .group_by(StudentLook.role)
    )
    return sorted((ByRole(*row) for row in rows.tuples()), key=lambda row: list(Role).index(row.role))
