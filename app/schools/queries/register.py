"""Reading schools, classes and students."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.access.visibility import ScopeColumns, visible
from app.accounts.models import User
from app.campaigns.models import Campaign
from app.kernel.database import db
from app.schools.models import (
    ClassTeacher,
    RosterImport,
    School,
    SchoolClass,
    SchoolStaff,
    SchoolWeek,
    StaffRole,
    Student,
)
from app.schools.rules import name_key

SCHOOL_COLUMNS = ScopeColumns(territory=School.territory_id, school=School.id)
CLASS_COLUMNS = ScopeColumns(
    territory=SchoolClass.territory_id, school=SchoolClass.school_id, school_class=SchoolClass.id
)
STUDENT_COLUMNS = ScopeColumns(
    territory=Student.territory_id,
    school=SchoolClass.school_id,
    school_class=Student.class_id,
    student=Student.id,
)


def staff_reach(user_id: int, role: str) -> tuple[frozenset[int], frozenset[int]]:
    """The schools where a member of staff works and the classes taught; empty for everybody else."""
    if role not in {Role.TEACHER, Role.HEAD}:
        return frozenset(), frozenset()
    schools = db.session.scalars(select(SchoolStaff.school_id).where(SchoolStaff.user_id == user_id))
    classes = db.session.scalars(select(ClassTeacher.class_id).where(ClassTeacher.user_id == user_id))
    return frozenset(schools), frozenset(classes)


def student_id_of(user_id: int) -> int | None:
    return db.session.scalar(select(Student.id).where(Student.user_id == user_id))


def campaigns_of_student(student_id: int | None) -> Select[tuple[int]]:
    return (
        select(SchoolClass.campaign_id)
        .join(Student, Student.class_id == SchoolClass.id)
        .where(Student.id == student_id)
    )


def campaigns_of_classes(class_ids: Collection[int]) -> Select[tuple[int]]:
    return select(SchoolClass.campaign_id).where(SchoolClass.id.in_(sorted(class_ids)))


def visible_to(actor: Actor) -> Select[tuple[School]]:
    return select(School).where(visible(actor, Permission.SCHOOL_VIEW, SCHOOL_COLUMNS))


def classes_visible_to(actor: Actor) -> Select[tuple[SchoolClass]]:
    return select(SchoolClass).where(visible(actor, Permission.CLASS_VIEW, CLASS_COLUMNS))


def students_visible_to(actor: Actor) -> Select[tuple[Student]]:
    return select(Student).join(Student.school_class).where(visible(actor, Permission.STUDENT_VIEW, STUDENT_COLUMNS))


def schools(actor: Actor) -> list[School]:
    """The schools the actor sees, by name, with their commune."""
    return list(db.session.scalars(visible_to(actor).options(joinedload(School.commune)).order_by(School.name)))


def counts(actor: Actor, campaign: Campaign) -> dict[int, tuple[int, int]]:
    """School id → (classes, students) of the campaign."""
    statement = (
        select(SchoolClass.school_id, func.count(SchoolClass.id.distinct()), func.count(Student.id))
        .outerjoin(Student, Student.class_id == SchoolClass.id)
        .where(visible(actor, Permission.CLASS_VIEW, CLASS_COLUMNS), SchoolClass.campaign_id == campaign.id)
        .group_by(SchoolClass.school_id)
    )
    return {school: (classes, students) for school, classes, students in db.session.execute(statement)}


def visible_school(actor: Actor, school_id: int) -> School:
    """The school with its commune, or `Hidden`."""
    school = db.session.scalar(visible_to(actor).where(School.id == school_id).options(joinedload(School.commune)))
    actor.reveal(Permission.SCHOOL_VIEW, school)
    assert school is not None
    return school


def visible_class(actor: Actor, class_id: int) -> SchoolClass:
    """The class with its school, campaign and teachers, or `Hidden`."""
    school_class = db.session.scalar(
        classes_visible_to(actor)
        .where(SchoolClass.id == class_id)
        .options(
            joinedload(SchoolClass.school),
            joinedload(SchoolClass.campaign),
            selectinload(SchoolClass.teachers).joinedload(ClassTeacher.user),
        )
    )
    actor.reveal(Permission.CLASS_VIEW, school_class)
    assert school_class is not None
    return school_class


def visible_student(actor: Actor, student_id: int) -> Student:
    """The student with class, school, account and guardians, or `Hidden`."""
    student = db.session.scalar(
        students_visible_to(actor)
        .where(Student.id == student_id)
        .options(
            contains_eager(Student.school_class).joinedload(SchoolClass.school),
            joinedload(Student.user),
            selectinload(Student.guardians),
        )
    )
    actor.reveal(Permission.STUDENT_VIEW, student)
    assert student is not None
    return student


def students(school_class: SchoolClass) -> list[Student]:
    """The students of a class in the order of the register, with their accounts."""
    statement = (
        select(Student)
        .where(Student.class_id == school_class.id)
        .options(joinedload(Student.user), joinedload(Student.school_class))
        .order_by(Student.last_name, Student.first_name, Student.id)
    )
    return list(db.session.scalars(statement))


def name_keys(class_id: int) -> list[tuple[str, str]]:
    """The names already in the class, as `rules.name_key` compares them."""
    rows = db.session.execute(select(Student.last_name, Student.first_name).where(Student.class_id == class_id))
    return [name_key(last, first) for last, first in rows]


def class_named(school_id: int, campaign_id: int, name: str) -> SchoolClass | None:
    return db.session.scalar(
        select(SchoolClass).where(
            SchoolClass.school_id == school_id,
            SchoolClass.campaign_id == campaign_id,
            func.lower(SchoolClass.name) == name.lower(),
        )
    )


def class_of_code(code: str) -> SchoolClass | None:
    return db.session.scalar(select(SchoolClass).where(SchoolClass.code == code))


def school_of_uai(territory_id: int, uai: str) -> School | None:
    return db.session.scalar(select(School).where(School.territory_id == territory_id, School.uai == uai))


def weeks(school_ids: Collection[int], campaign_id: int) -> dict[int, list[date]]:
    """School id → the Mondays it has chosen, in order; a school which has chosen none is absent."""
    found: dict[int, list[date]] = {}
    rows = db.session.execute(
        select(SchoolWeek.school_id, SchoolWeek.monday)
        .where(SchoolWeek.school_id.in_(sorted(school_ids)), SchoolWeek.campaign_id == campaign_id)
        .order_by(SchoolWeek.monday)
    )
    for school_id, monday in rows:
        found.setdefault(school_id, []).append(monday)
    return found


def week_rows(school: School, campaign: Campaign) -> Sequence[SchoolWeek]:
    return db.session.scalars(
        select(SchoolWeek).where(SchoolWeek.school_id == school.id, SchoolWeek.campaign_id == campaign.id)
    ).all()


def staff(school: School) -> list[SchoolStaff]:
    """Who works in the school, heads first, with their accounts."""
    statement = (
        select(SchoolStaff)
        .join(SchoolStaff.user)
        .where(SchoolStaff.school_id == school.id)
        .options(contains_eager(SchoolStaff.user))
        .order_by((SchoolStaff.role == StaffRole.HEAD).desc(), User.display_name)
    )
    return list(db.session.scalars(statement))


def membership(school_id: int, user_id: int) -> SchoolStaff | None:
    return db.session.scalar(
        select(SchoolStaff)
        .where(SchoolStaff.school_id == school_id, SchoolStaff.user_id == user_id)
        .options(joinedload(SchoolStaff.user), joinedload(SchoolStaff.school))
    )


def teaching_in(school_id: int, user_id: int) -> Sequence[ClassTeacher]:
    """The classes of this school which the person teaches."""
    return db.session.scalars(
        select(ClassTeacher)
        .join(ClassTeacher.school_class)
        .where(SchoolClass.school_id == school_id, ClassTeacher.user_id == user_id)
    ).all()


def classes_of(actor: Actor, school: School, campaign: Campaign) -> list[tuple[SchoolClass, int]]:
    """The classes of a school in a campaign, as far as the actor sees them, with their number of students."""
    statement = (
        select(SchoolClass, func.count(Student.id))
        .outerjoin(Student, Student.class_id == SchoolClass.id)
        .where(
            visible(actor, Permission.CLASS_VIEW, CLASS_COLUMNS),
            SchoolClass.school_id == school.id,
            SchoolClass.campaign_id == campaign.id,
        )
        .group_by(SchoolClass.id)
        .order_by(SchoolClass.level, SchoolClass.name)
    )
    return [(school_class, number) for school_class, number in db.session.execute(statement)]


def of_school(school_id: int) -> list[Student]:
    """Every student of the school, whatever the campaign, the latest campaign last, with guardians."""
    return list(
        db.session.scalars(
            select(Student)
            .join(Student.school_class)
            .where(SchoolClass.school_id == school_id)
            .options(contains_eager(Student.school_class), selectinload(Student.guardians), joinedload(Student.user))
            .order_by(SchoolClass.campaign_id, Student.id)
        )
    )


def classes_in(school_id: int, campaign_id: int) -> list[SchoolClass]:
    """The classes of a school in a campaign, whoever asks."""
    statement = select(SchoolClass).where(SchoolClass.school_id == school_id, SchoolClass.campaign_id == campaign_id)
    return list(db.session.scalars(statement.order_by(SchoolClass.name)))


def pending_import(actor: Actor, import_id: int) -> RosterImport:
    """A list that this very person dropped and that still waits, or `Hidden`."""
    row = db.session.scalar(
        select(RosterImport)
        .where(RosterImport.id == import_id, RosterImport.by_id == actor.user_id, RosterImport.roster.is_not(None))
        .options(joinedload(RosterImport.school), joinedload(RosterImport.campaign))
    )
    actor.reveal(Permission.CLASS_CREATE, row)
    assert row is not None
    return row
