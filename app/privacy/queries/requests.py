"""Reading requests: one's own, those a coordinator answers, and the students whom no calculation places."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.access.visibility import ScopeColumns, visible
from app.accounts.models import User
from app.campaigns.models import Territory
from app.hosts.models import HostOrganization
from app.kernel import clock
from app.kernel.database import db
from app.kernel.holdings import SubjectKind
from app.placements.models import Placement
from app.placements.states import LIVE
from app.privacy.models import Erasure, PrivacyRequest
from app.privacy.rules import FILE_DAYS
from app.privacy.states import RequestState, Right
from app.schools.models import LegalGuardian, School, SchoolClass, Student

COLUMNS = ScopeColumns(territory=PrivacyRequest.territory_id)


def visible_to(actor: Actor) -> Select[tuple[PrivacyRequest]]:
    return select(PrivacyRequest).where(visible(actor, Permission.PRIVACY_MANAGE, COLUMNS))


def visible_request(actor: Actor, request_id: int) -> PrivacyRequest:
    """The request, or `Hidden`."""
    row = db.session.scalar(visible_to(actor).where(PrivacyRequest.id == request_id))
    actor.reveal(Permission.PRIVACY_MANAGE, row)
    assert row is not None
    return row


def to_answer(actor: Actor) -> list[PrivacyRequest]:
    """Those that wait, the most pressing first."""
    statement = visible_to(actor).where(PrivacyRequest.state == RequestState.ASKED)
    return list(db.session.scalars(statement.order_by(PrivacyRequest.due_on, PrivacyRequest.id)))


def closed(actor: Actor, most: int = 50) -> list[PrivacyRequest]:
    """The last ones that are closed."""
    statement = visible_to(actor).where(PrivacyRequest.state != RequestState.ASKED)
    return list(db.session.scalars(statement.order_by(PrivacyRequest.closed_at.desc()).limit(most)))


def waiting(actor: Actor) -> int:
    """How many wait for an answer."""
    reach = visible(actor, Permission.PRIVACY_MANAGE, COLUMNS)
    statement = (
        select(func.count()).select_from(PrivacyRequest).where(reach, PrivacyRequest.state == RequestState.ASKED)
    )
    return db.session.scalar(statement) or 0


def of_user(user_id: int) -> list[PrivacyRequest]:
    """One's own requests, the latest first."""
    statement = select(PrivacyRequest).where(PrivacyRequest.user_id == user_id)
    return list(db.session.scalars(statement.order_by(PrivacyRequest.id.desc())))


def of_guardian(guardian_id: int) -> list[PrivacyRequest]:
    """What a guardian asked, the latest first."""
    statement = select(PrivacyRequest).where(PrivacyRequest.guardian_id == guardian_id)
    return list(db.session.scalars(statement.order_by(PrivacyRequest.id.desc())))


def by_key(request_key: str) -> PrivacyRequest | None:
    return db.session.scalar(select(PrivacyRequest).where(PrivacyRequest.request_key == request_key))


def by_slip(student_id: int) -> list[PrivacyRequest]:
    """What was asked by the slip of a family of which the school knows no guardian."""
    statement = select(PrivacyRequest).where(
        PrivacyRequest.subject_kind == SubjectKind.STUDENT,
        PrivacyRequest.subject_id == student_id,
        PrivacyRequest.asked_how == "link",
        PrivacyRequest.guardian_id.is_(None),
    )
    return list(db.session.scalars(statement.order_by(PrivacyRequest.id.desc())))


def open_about(kind: SubjectKind, subject_id: int) -> list[PrivacyRequest]:
    """The requests about a person which wait."""
    statement = select(PrivacyRequest).where(
        PrivacyRequest.subject_kind == kind,
        PrivacyRequest.subject_id == subject_id,
        PrivacyRequest.state == RequestState.ASKED,
    )
    return list(db.session.scalars(statement))


def is_file_open(rows: list[PrivacyRequest], kind: SubjectKind, subject_id: int) -> bool:
    """Whether one of these requests was answered yes lately, for a file about that person."""
    since: datetime = clock.now() - timedelta(days=FILE_DAYS)
    return any(
        row.right in {Right.ACCESS, Right.PORTABILITY}
        and row.state is RequestState.ANSWERED
        and (row.subject_kind, row.subject_id) == (kind, subject_id)
        and row.closed_at is not None
        and row.closed_at > since
        for row in rows
    )


def opposed(campaign_id: int) -> set[int]:
    """The students of the campaign who oppose the calculation: no run places them, people do."""
    statement = (
        select(Student.id)
        .join(Student.school_class)
        .join(PrivacyRequest, PrivacyRequest.subject_id == Student.id)
        .where(
            SchoolClass.campaign_id == campaign_id,
            PrivacyRequest.subject_kind == SubjectKind.STUDENT,
            PrivacyRequest.right == Right.OBJECTION,
            PrivacyRequest.state == RequestState.ANSWERED,
        )
    )
    return set(db.session.scalars(statement))


def to_place_by_hand(campaign_id: int) -> list[Student]:
    """Those of them who have no stage yet: no run will show them to anybody."""
    placed = select(Placement.student_id).where(Placement.campaign_id == campaign_id, Placement.state.in_(sorted(LIVE)))
    statement = (
        select(Student)
        .where(Student.id.in_(opposed(campaign_id)), Student.id.not_in(placed))
        .options(joinedload(Student.school_class).joinedload(SchoolClass.school))
        .order_by(Student.last_name, Student.first_name)
    )
    return list(db.session.scalars(statement))


def coordinators(territory_id: int | None) -> list[User]:
    """Who answers requests."""
    statement = select(User).where(
        User.role == Role.COORDINATOR, User.territory_id == territory_id, User.is_active, User.email.is_not(None)
    )
    return list(db.session.scalars(statement.order_by(User.id)))


def student(student_id: int) -> Student | None:
    """A student with class, school and guardians."""
    statement = select(Student).where(Student.id == student_id)
    options = joinedload(Student.school_class).joinedload(SchoolClass.school)
    return db.session.scalar(statement.options(options))


def guardian(guardian_id: int) -> LegalGuardian | None:
    statement = select(LegalGuardian).where(LegalGuardian.id == guardian_id)
    options = joinedload(LegalGuardian.student).joinedload(Student.school_class).joinedload(SchoolClass.school)
    return db.session.scalar(statement.options(options))


def account(user_id: int) -> User | None:
    return db.session.get(User, user_id)


def organization(organization_id: int) -> HostOrganization | None:
    return db.session.get(HostOrganization, organization_id)


def schools(territory_id: int | None) -> list[School]:
    """The schools, each the controller of its own students' data; of every territory for the administration."""
    statement = select(School).options(joinedload(School.commune)).order_by(School.name, School.id)
    if territory_id is not None:
        statement = statement.where(School.territory_id == territory_id)
    return list(db.session.scalars(statement))


def contacts(territory_id: int | None) -> str:
    """How the operator is reached."""
    statement = select(Territory).order_by(Territory.name)
    if territory_id is not None:
        statement = statement.where(Territory.id == territory_id)
    found = [(one.contact_email, one.contact_phone) for one in db.session.scalars(statement)]
    return " ; ".join(dict.fromkeys(", ".join(filter(None, each)) for each in found))


def operator(territory_id: int | None) -> str:
    """Who runs the platform for the schools of a territory; of all of them, for the administration."""
    statement = select(Territory.operator).distinct().order_by(Territory.operator)
    if territory_id is not None:
        statement = statement.where(Territory.id == territory_id)
    return ", ".join(db.session.scalars(statement))


def erasures(actor: Actor, most: int = 50) -> list[Erasure]:
    """The proofs of the last erasures."""
    reach = visible(actor, Permission.PRIVACY_MANAGE, ScopeColumns(territory=Erasure.territory_id))
    return list(db.session.scalars(select(Erasure).where(reach).order_by(Erasure.id.desc()).limit(most)))


def is_erased(kind: SubjectKind, subject_id: int) -> bool:
    """Whether a proof of this erasure is in this very database."""
    statement = select(Erasure.id).where(Erasure.kind == kind, Erasure.subject_id == subject_id)
    return db.session.scalar(statement.limit(1)) is not None


def every_erasure() -> list[Erasure]:
    """All proofs, oldest first: what is done again after a backup was restored."""
    return list(db.session.scalars(select(Erasure).order_by(Erasure.id)))
