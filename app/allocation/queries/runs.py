"""Reading runs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.allocation.models import MatchingRun
from app.allocation.states import RunState
from app.kernel import clock
from app.kernel.database import db
from app.schools.models import School, SchoolClass, Student

COLUMNS = ScopeColumns(territory=MatchingRun.territory_id)


def visible_to(actor: Actor) -> Select[tuple[MatchingRun]]:
    return select(MatchingRun).where(visible(actor, Permission.RUN_VIEW, COLUMNS))


def visible_run(actor: Actor, run_id: int) -> MatchingRun:
    """The run, or `Hidden`."""
    run = db.session.get(MatchingRun, run_id)
    actor.reveal(Permission.RUN_VIEW, run)
    assert run is not None
    return run


def runs(actor: Actor, campaign_id: int) -> list[MatchingRun]:
    """The runs of a campaign, newest first."""
    statement = visible_to(actor).where(MatchingRun.campaign_id == campaign_id).order_by(MatchingRun.id.desc())
    return list(db.session.scalars(statement.limit(60)))


def by_request_key(request_key: str) -> MatchingRun | None:
    return db.session.scalar(select(MatchingRun).where(MatchingRun.request_key == request_key))


def latest_done(campaign_id: int) -> MatchingRun | None:
    """The run whose proposals are decided upon: the last that ended well."""
    return db.session.scalar(
        select(MatchingRun)
        .where(MatchingRun.campaign_id == campaign_id, MatchingRun.state == RunState.DONE)
        .order_by(MatchingRun.finished_at.desc(), MatchingRun.id.desc())
        .limit(1)
    )


def unfinished(silent_for: timedelta) -> list[MatchingRun]:
    """The runs which wait for a worker, and those whose worker gave no sign of life for that long."""
    statement = select(MatchingRun).where(
        or_(
            MatchingRun.state == RunState.QUEUED,
            and_(MatchingRun.state == RunState.RUNNING, MatchingRun.claimed_at <= clock.now() - silent_for),
        )
    )
    return list(db.session.scalars(statement.order_by(MatchingRun.id).with_for_update(skip_locked=True)))


def school_names(territory_id: int) -> dict[int, str]:
    rows = db.session.execute(select(School.id, School.name).where(School.territory_id == territory_id))
    return {school_id: name for school_id, name in rows}  # noqa: C416  # dict(rows) loses the types


def class_names(campaign_id: int) -> list[tuple[int, str]]:
    """Class → « 3A, Collège X », in the order of the schools."""
    rows = db.session.execute(
        select(SchoolClass.id, SchoolClass.name, School.name)
        .join(SchoolClass.school)
        .where(SchoolClass.campaign_id == campaign_id)
        .order_by(School.name, SchoolClass.name)
    )
    return [(class_id, f"{name}, {school}") for class_id, name, school in rows]


def students_by_id(student_ids: Collection[int]) -> dict[int, Student]:
    """The students with their class."""
    rows = db.session.scalars(
        select(Student).where(Student.id.in_(sorted(student_ids))).options(joinedload(Student.school_class))
    )
    return {student.id: student for student in rows}


def visible_student(actor: Actor, run: MatchingRun, student_id: int) -> Student:
    """A student of the run's campaign, with class and school, or `Hidden`."""
    student = db.session.scalar(
        select(Student)
        .join(Student.school_class)
        .where(Student.id == student_id, SchoolClass.campaign_id == run.campaign_id)
        .options(contains_eager(Student.school_class).joinedload(SchoolClass.school))
    )
    actor.reveal(Permission.STUDENT_VIEW, student)
    assert student is not None
    return student
