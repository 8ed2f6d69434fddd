"""Reading what signs: the parties, their codes, their links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.access.actor import Actor
from app.access.policy import Role
from app.agreements.models import Agreement, AgreementHost, Party, SigningCode, SigningDelegation, SigningLink
from app.agreements.states import AgreementState, PartyRole, SignatureState
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from app.schools.models import SchoolClass, Student


class Sent(NamedTuple):
    """How many codes left since a moment, and when the newest did."""

    number: int
    newest: datetime | None


def _awaiting(actor: Actor, held: Sequence[SigningDelegation]) -> Select[tuple[Party]]:
    """What awaits the actor in the schools where they work: as head, by the delegations held, or to take note of."""
    mine = [and_(Party.role == PartyRole.TEACHER, Party.user_id == actor.user_id)]
    if actor.role is Role.HEAD:
        own = or_(Party.user_id.is_(None), Party.user_id == actor.user_id)
        mine.append(and_(Party.role == PartyRole.HEAD, Agreement.school_id.in_(sorted(actor.school_ids)), own))
    for delegation in held:
        own = or_(Party.user_id.is_(None), Party.user_id == delegation.head_user_id)
        mine.append(and_(Party.role == PartyRole.HEAD, Agreement.school_id == delegation.school_id, own))
    return (
        select(Party)
        .join(Party.agreement)
        .where(
            Agreement.state == AgreementState.OPEN,
            Agreement.territory_id == actor.territory_id,
            Party.state == SignatureState.AWAITED,
            or_(*mine),
        )
    )


def number_to_sign(actor: Actor, held: Sequence[SigningDelegation]) -> int:
    """How many signatures of a head the actor may give now, in every campaign."""
    mine = _awaiting(actor, held).where(Party.role == PartyRole.HEAD).with_only_columns(func.count(Party.id))
    return db.session.scalars(mine).one()


def to_sign(actor: Actor, held: Sequence[SigningDelegation]) -> list[Party]:
    """What awaits the actor, with all that the list shows."""
    statement = (
        _awaiting(actor, held)
        .join(Agreement.student)
        .options(
            contains_eager(Party.agreement).options(
                contains_eager(Agreement.student).joinedload(Student.school_class).joinedload(SchoolClass.school),
                selectinload(Agreement.hosts)
                .joinedload(AgreementHost.placement)
                .joinedload(Placement.slot)
                .joinedload(Slot.offer)
                .joinedload(PlacementOffer.organization),
            )
        )
        .order_by(Party.role, Student.last_name, Student.first_name, Party.id)
    )
    return list(db.session.scalars(statement).unique())


def parties(ids: Sequence[int]) -> list[Party]:
    """These parties with their agreements, in this order; an unknown one is absent."""
    statement = (
        select(Party)
        .where(Party.id.in_(ids))
        .options(joinedload(Party.agreement).joinedload(Agreement.student).joinedload(Student.school_class))
    )
    by_id = {party.id: party for party in db.session.scalars(statement)}
    return [by_id[key] for key in ids if key in by_id]


def successor(agreement: Agreement, party: Party) -> Party | None:
    """In the agreement which replaced a cancelled one, the place of the same person."""
    statement = (
        select(Party)
        .join(Party.agreement)
        .where(
            Agreement.student_id == agreement.student_id,
            Agreement.campaign_id == agreement.campaign_id,
            Agreement.state.in_([AgreementState.OPEN, AgreementState.SIGNED]),
            Agreement.id != agreement.id,
            Party.role == party.role,
            Party.email == party.email,
            Party.phone == party.phone,
        )
        .order_by(Party.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def reread_parties(agreement_id: int) -> None:
    """What another worker signed since this session last looked is seen, not remembered."""
    statement = select(Party).where(Party.agreement_id == agreement_id)
    db.session.scalars(statement.execution_options(populate_existing=True)).all()


def code(code_id: int) -> SigningCode | None:
    return db.session.get(SigningCode, code_id)


def latest_code(party_id: int, user_id: int | None = None) -> SigningCode | None:
    """The newest code of this signature, asked for by link (or from this account)."""
    statement = select(SigningCode).where(SigningCode.party_id == party_id, SigningCode.user_id == user_id)
    return db.session.scalar(statement.order_by(SigningCode.id.desc()).limit(1))


def codes_sent(party_id: int, user_id: int | None, since: datetime) -> Sent:
    """The codes made since then for this party, or asked for from this account."""
    whose = SigningCode.party_id == party_id
    if user_id is not None:
        whose = or_(whose, SigningCode.user_id == user_id)
    statement = select(func.count(), func.max(SigningCode.created_at)).where(whose, SigningCode.created_at > since)
    number, newest = db.session.execute(statement).one()
    return Sent(number, newest)


def link(token_digest: str) -> SigningLink | None:
    """The link of a token, with its party and agreement."""
    return db.session.scalar(
        select(SigningLink)
        .where(SigningLink.token_digest == token_digest)
        .options(joinedload(SigningLink.party).joinedload(Party.agreement))
    )
