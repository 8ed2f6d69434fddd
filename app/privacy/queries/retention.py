"""What is due to be forgotten, read from the rules; and what was announced, done, held back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Date, Select, String, Table, and_, cast, func, or_, select
from sqlalchemy.orm import joinedload

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.access.visibility import ScopeColumns, visible
from app.accounts.models import User
from app.audit.models import JournalEntry
from app.campaigns.models import Campaign, Territory
from app.kernel import clock
from app.kernel.database import db
from app.kernel.holdings import SubjectKind
from app.privacy.models import PrivacyRequest
from app.privacy.retention_models import RetentionHold, RetentionNotice, RetentionPass, RetentionRun
from app.privacy.retention_rules import (
    LONGEST_HOLD,
    After,
    Held,
    Rule,
    Step,
    due_of_year,
    last_day_due,
    last_year_end_due,
)
from app.privacy.states import RequestState, Right
from app.schools.models import LegalGuardian, SchoolClass, Student

Test = Callable[[ColumnElement[Any]], ColumnElement[bool]]


def table_of(step: Step) -> Table:
    return db.metadata.tables[step.table]


def key_of(table: Table) -> Column[Any]:
    """The single column of a table's primary key."""
    (column,) = table.primary_key.columns
    return column


def empty_of(column: Column[Any]) -> object:
    """What a column holds when it says nothing."""
    if column.nullable:
        return None
    return {} if isinstance(column.type, JSON) else ""


def rows_due(
    rule: Rule, step: Step, territory_id: int | None, cutoff: date, held: Held, limit: int | None = None
) -> Select[tuple[Any]]:
    """The keys of the rows of a step which are due at `cutoff`, those of held files left out, oldest first."""
    table = table_of(step)
    key = key_of(table)
    clauses = [_is_due(rule, step, table, territory_id, cutoff)]
    if step.blank:
        clauses.append(or_(*[_says_something(table.c[name]) for name in step.blank]))
    if step.file and held.students:
        clauses.append(~_at_the_end(table, step.file, lambda column: column.in_(sorted(held.students))))
    statement = select(key).where(*clauses).order_by(key)
    return statement if limit is None else statement.limit(limit)


def _is_due(rule: Rule, step: Step, table: Table, territory_id: int | None, cutoff: date) -> ColumnElement[bool]:
    if step.year:
        campaigns = campaigns_due(rule, territory_id, cutoff)
        return _at_the_end(table, step.year, lambda column: column.in_(campaigns))
    day = last_year_end_due(rule, cutoff) if rule.after is After.SCHOOL_YEAR else last_day_due(rule, cutoff, step.days)
    column = table.c[step.at]
    late = column <= day if isinstance(column.type, Date) else column < _midnight(day + timedelta(days=1))
    if territory_id is None:
        return late
    own = select(Student.id).where(Student.territory_id == territory_id)
    return and_(late, _at_the_end(table, step.file, lambda student: student.in_(own)))


def _at_the_end(table: Table, path: str, test: Test) -> ColumnElement[bool]:
    """Whether what stands at the end of a path of foreign keys passes the test."""
    first, _dot, rest = path.partition(".")
    column = table.c[first]
    if not rest:
        return test(column)
    (foreign,) = column.foreign_keys
    target = foreign.column
    return column.in_(select(target).where(_at_the_end(target.table, rest, test)))


def _says_something(column: Column[Any]) -> ColumnElement[bool]:
    if column.nullable:
        return column.is_not(None)
    return cast(column, String) != "{}" if isinstance(column.type, JSON) else column != ""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.PARIS)


def campaigns_due(rule: Rule, territory_id: int | None, cutoff: date) -> list[int]:
    """The campaigns whose school year is over for long enough."""
    return [row.id for row in _campaigns(territory_id) if due_of_year(rule, row.school_year) <= cutoff]


def school_years_due(rule: Rule, territory_id: int, cutoff: date) -> list[str]:
    return [row.school_year for row in _campaigns(territory_id) if due_of_year(rule, row.school_year) <= cutoff]


def _campaigns(territory_id: int | None) -> Sequence[Any]:
    statement = select(Campaign.id, Campaign.school_year).order_by(Campaign.id)
    if territory_id is not None:
        statement = statement.where(Campaign.territory_id == territory_id)
    return db.session.execute(statement).all()


def campaigns(ids: Collection[int]) -> list[Campaign]:
    return list(db.session.scalars(select(Campaign).where(Campaign.id.in_(sorted(ids))).order_by(Campaign.id)))


def count(statement: Select[tuple[Any]]) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def territory_ids() -> list[int]:
    return list(db.session.scalars(select(Territory.id).order_by(Territory.id)))


def held(territory_id: int | None, today: date) -> Held:
    """The files which somebody holds back, and those about which a request waits, for a year at most.

    A request to erase is no reason to wait; nor may one that nobody answers keep somebody for ever.
    """
    holds = select(RetentionHold.student_id, RetentionHold.user_id).where(
        RetentionHold.lifted_at.is_(None), RetentionHold.until >= today
    )
    asked = select(PrivacyRequest.subject_kind, PrivacyRequest.subject_id).where(
        PrivacyRequest.state == RequestState.ASKED,
        PrivacyRequest.right != Right.ERASURE,
        PrivacyRequest.asked_at > _midnight(today - LONGEST_HOLD),
    )
    if territory_id is not None:
        holds = holds.where(RetentionHold.territory_id == territory_id)
        asked = asked.where(PrivacyRequest.territory_id == territory_id)
    rows, waiting = db.session.execute(holds).all(), db.session.execute(asked).all()
    about = {kind: {number for of, number in waiting if of is kind} for kind in SubjectKind}
    children = select(LegalGuardian.student_id).where(LegalGuardian.id.in_(sorted(about[SubjectKind.GUARDIAN])))
    students = {row.student_id for row in rows} | about[SubjectKind.STUDENT] | set(db.session.scalars(children))
    accounts = {row.user_id for row in rows} | about[SubjectKind.ACCOUNT]
    return Held(frozenset(students - {None}), frozenset(accounts - {None}))


def pass_of(day: date) -> RetentionPass | None:
    return db.session.get(RetentionPass, day)


def unfinished() -> list[RetentionRun]:
    return list(
        db.session.scalars(select(RetentionRun).where(RetentionRun.finished_at.is_(None)).order_by(RetentionRun.id))
    )


def run_of(place: str, rule_id: str, cutoff: date) -> RetentionRun | None:
    return db.session.scalar(
        select(RetentionRun).where(
            RetentionRun.place == place, RetentionRun.rule == rule_id, RetentionRun.cutoff == cutoff
        )
    )


def open_notice(territory_id: int, rule_id: str) -> RetentionNotice | None:
    """What is announced of this rule, and not done yet."""
    return db.session.scalar(
        select(RetentionNotice)
        .where(
            RetentionNotice.territory_id == territory_id,
            RetentionNotice.rule == rule_id,
            RetentionNotice.done_at.is_(None),
        )
        .order_by(RetentionNotice.due_on)
        .limit(1)
    )


def finished() -> list[RetentionRun]:
    """Every proof, the oldest first."""
    statement = select(RetentionRun).where(RetentionRun.finished_at.is_not(None))
    return list(db.session.scalars(statement.order_by(RetentionRun.id)))


def told_of(run_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Run → what the journal was told of it; nothing once the journal has forgotten its words."""
    statement = select(JournalEntry.object_id, JournalEntry.details).where(
        JournalEntry.action == "retention.run", JournalEntry.object_id.in_(sorted(run_ids))
    )
    return {number: dict(details) for number, details in db.session.execute(statement).tuples() if details}


_NOTICES = ScopeColumns(territory=RetentionNotice.territory_id)
_RUNS = ScopeColumns(territory=RetentionRun.territory_id)
_HOLDS = ScopeColumns(territory=RetentionHold.territory_id)
MOST_RUNS = 100


def notices(actor: Actor) -> list[RetentionNotice]:
    """What is announced, the nearest first."""
    return list(
        db.session.scalars(
            select(RetentionNotice)
            .where(visible(actor, Permission.RETENTION_VIEW, _NOTICES), RetentionNotice.done_at.is_(None))
            .order_by(RetentionNotice.due_on, RetentionNotice.id)
        )
    )


def runs(actor: Actor) -> list[RetentionRun]:
    """The latest proofs: of the territory, and of what belongs to none."""
    return list(
        db.session.scalars(
            select(RetentionRun)
            .where(or_(visible(actor, Permission.RETENTION_VIEW, _RUNS), RetentionRun.territory_id.is_(None)))
            .order_by(RetentionRun.id.desc())
            .limit(MOST_RUNS)
        )
    )


def holds(actor: Actor, today: date) -> list[RetentionHold]:
    """The files held back, by name."""
    found = list(
        db.session.scalars(
            select(RetentionHold)
            .where(
                visible(actor, Permission.RETENTION_HOLD, _HOLDS),
                RetentionHold.lifted_at.is_(None),
                RetentionHold.until >= today,
            )
            .options(
                joinedload(RetentionHold.student).joinedload(Student.school_class),
                joinedload(RetentionHold.user),
                joinedload(RetentionHold.by),
            )
        )
    )
    return sorted(found, key=lambda row: (row.name, row.id))


def hold_of(file: Student | User, today: date) -> RetentionHold | None:
    """What holds a file back on that day."""
    mine = RetentionHold.student_id == file.id if isinstance(file, Student) else RetentionHold.user_id == file.id
    return db.session.scalar(
        select(RetentionHold).where(mine, RetentionHold.lifted_at.is_(None), RetentionHold.until >= today)
    )


_STUDENTS = ScopeColumns(territory=Student.territory_id, school=SchoolClass.school_id, student=Student.id)


def holdable_student(actor: Actor, student_id: int) -> Student | None:
    """A student whose file the actor may hold back."""
    return db.session.scalar(
        select(Student)
        .join(Student.school_class)
        .where(Student.id == student_id, visible(actor, Permission.RETENTION_HOLD, _STUDENTS))
        .options(joinedload(Student.school_class))
    )


_ACCOUNTS = ScopeColumns(territory=User.territory_id)


def holdable_account(actor: Actor, user_id: int) -> User | None:
    """An adult whose account the actor may hold back."""
    return db.session.scalar(
        select(User).where(
            User.id == user_id,
            User.role.not_in([Role.STUDENT, Role.ADMIN]),
            User.is_active,
            visible(actor, Permission.RETENTION_HOLD, _ACCOUNTS),
        )
    )
