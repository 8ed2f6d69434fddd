"""Reading who is awaited, for the jobs that remind and the lists of those who follow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.access.actor import Actor
from app.agreements.models import Agreement, Party, SigningCode, SigningLink
from app.agreements.queries import papers
from app.agreements.states import BY_ACCOUNT, AgreementState, PartyRole, SignatureState
from app.kernel.database import db
from app.schools.models import SchoolClass, Student

_BY_LINK = or_(Party.user_id.is_(None), Party.role.not_in(sorted(BY_ACCOUNT)))


def _awaited() -> Select[tuple[Party]]:
    return (
        select(Party)
        .join(Party.agreement)
        .where(Agreement.state == AgreementState.OPEN, Party.state == SignatureState.AWAITED)
        .options(joinedload(Party.agreement).options(joinedload(Agreement.student), selectinload(Agreement.hosts)))
        .order_by(Party.id)
    )


def by_link() -> list[Party]:
    """Everybody awaited who signs by a personal link and was asked."""
    statement = _awaited().where(_BY_LINK, Party.asked_at.is_not(None), or_(Party.email != "", Party.phone != ""))
    return list(db.session.scalars(statement))


def by_account() -> list[Party]:
    """Everybody awaited who signs from an account with an e-mail address (students have none)."""
    return list(db.session.scalars(_awaited().where(~_BY_LINK, Party.role != PartyRole.STUDENT)))


def of_user(user_id: int) -> list[Party]:
    return list(db.session.scalars(_awaited().where(Party.user_id == user_id)))


def to_text(tried_before: datetime) -> list[int]:
    """The parties who have a telephone and no mail, not asked yet."""
    statement = (
        select(Party.id)
        .join(Party.agreement)
        .where(
            Agreement.state == AgreementState.OPEN,
            Party.state == SignatureState.AWAITED,
            _BY_LINK,
            Party.asked_at.is_(None),
            Party.email == "",
            Party.phone != "",
            or_(Party.reminded_at.is_(None), Party.reminded_at < tried_before),
        )
        .order_by(Party.id)
    )
    return list(db.session.scalars(statement))


def links_since(party_id: int, moment: datetime) -> list[datetime]:
    """When links were made for this person, since then."""
    statement = select(SigningLink.created_at).where(SigningLink.party_id == party_id, SigningLink.created_at > moment)
    return list(db.session.scalars(statement))


def unfinished_batches(since: datetime) -> list[int]:
    """The batches confirmed since then whose signatures are not all written."""
    statement = select(SigningCode.id).where(
        SigningCode.user_id.is_not(None),
        SigningCode.used_at > since,
        SigningCode.finished_at.is_(None),
    )
    return list(db.session.scalars(statement.order_by(SigningCode.id)))


def agreements() -> list[Agreement]:
    """Every agreement whose signatures are under way."""
    statement = (
        select(Agreement).where(Agreement.state == AgreementState.OPEN).options(*_lists()).order_by(Agreement.id)
    )
    return list(db.session.scalars(statement))


def unsigned(actor: Actor) -> list[Agreement]:
    """The agreements that the actor follows and that lack a signature, earliest stage first."""
    statement = papers.visible_to(actor).where(Agreement.state == AgreementState.OPEN).options(*_lists())
    found = list(db.session.scalars(statement))
    return sorted(found, key=lambda a: (min(stop.first_day for stop in a.hosts), a.student.last_name, a.id))


def _lists() -> tuple[ExecutableOption, ...]:
    return (
        joinedload(Agreement.student).joinedload(Student.school_class).joinedload(SchoolClass.school),
        selectinload(Agreement.hosts),
        selectinload(Agreement.parties),
    )
