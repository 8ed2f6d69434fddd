"""Reading signatures: who is awaited where, what an actor may sign, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.agreements import delegations
from app.agreements.models import Agreement, AgreementHost, Party, SigningCode, SigningDelegation
from app.agreements.states import TAKES_NOTE, AgreementState, PartyRole, SignatureState
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Hidden
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from app.schools.models import SchoolClass, Student
from app.web.wording import day as in_words


@dataclass(frozen=True, slots=True)
class Authority:
    """By which right somebody signs: their own, or a head's written delegation."""

    delegation: SigningDelegation | None = None

    def sentence(self) -> str:
        """« par délégation de Paul Vasseur, du lundi 4 janvier au vendredi 2 avril », or nothing."""
        if self.delegation is None:
            return ""
        return _(
            "par délégation de %(head)s, décision du %(day)s",
            head=self.delegation.head.display_name,
            day=in_words(self.delegation.decided_on),
        )


def party_of(agreement: Agreement, party_id: int) -> Party:
    """The party of this agreement, or `Hidden`."""
    found = next((party for party in agreement.parties if party.id == party_id), None)
    if found is None:
        raise Hidden(_("Cette personne ne signe pas cette convention."))
    return found


def authority(actor: Actor, party: Party, held: list[SigningDelegation] | None = None) -> Authority | None:
    """By which right the actor signs for this party from their account; None: by none.

    A head signs what names them, or names no head of their school; another member of staff by delegation alone.
    """
    agreement = party.agreement
    if party.role is PartyRole.HEAD:
        if agreement.school_id not in actor.school_ids:
            return None
        if actor.role is Role.HEAD and party.user_id in {None, actor.user_id}:
            return Authority()
        given = delegations.holding_for(actor, clock.today()) if held is None else held
        for delegation in given:
            if delegation.school_id == agreement.school_id and party.user_id in {None, delegation.head_user_id}:
                return Authority(delegation)
        return None
    if not actor.can(Permission.AGREEMENT_SIGN, party):
        return None
    if party.role is PartyRole.STUDENT:
        return Authority() if actor.student_id == agreement.student_id else None
    if party.role is PartyRole.TEACHER:
        return Authority() if actor.role is Role.TEACHER and party.user_id in {None, actor.user_id} else None
    return Authority() if party.user_id is not None and party.user_id == actor.user_id else None


def _awaiting(actor: Actor) -> Select[tuple[Party]]:
    """What awaits the actor in the schools where they work: as head, by delegation, or to take note of."""
    today = clock.today()
    given = delegations.holding_for(actor, today)
    mine = [and_(Party.role == PartyRole.TEACHER, Party.user_id == actor.user_id)]
    if actor.role is Role.HEAD:
        own = or_(Party.user_id.is_(None), Party.user_id == actor.user_id)
        mine.append(and_(Party.role == PartyRole.HEAD, Agreement.school_id.in_(sorted(actor.school_ids)), own))
    for delegation in given:
        own = or_(Party.user_id.is_(None), Party.user_id == delegation.head_user_id)
        mine.append(and_(Party.role == PartyRole.HEAD, Agreement.school_id == delegation.school_id, own))
    return (
        select(Party)
        .join(Party.agreement)
        .join(Agreement.student)
        .where(
            Agreement.state == AgreementState.OPEN,
            Agreement.territory_id == actor.territory_id,
            Party.state == SignatureState.AWAITED,
            or_(*mine),
        )
    )


def to_sign(actor: Actor) -> list[Party]:
    """What awaits the actor's signature, earliest stage first, with all that the list shows."""
    statement = (
        _awaiting(actor)
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


def own_party(actor: Actor, agreement: Agreement) -> Party | None:
    """The place where the actor signs in this agreement, awaited first."""
    mine = [party for party in agreement.parties if authority(actor, party) is not None]
    mine.sort(key=lambda party: (party.state is not SignatureState.AWAITED, party.role in TAKES_NOTE, party.position))
    return mine[0] if mine else None


def batch(actor: Actor, code_id: int) -> tuple[SigningCode, list[Party]]:
    """A code that the actor asked for, with the signatures it covers, or `Hidden`."""
    code = db.session.get(SigningCode, code_id)
    if code is None or code.user_id is None or code.user_id != actor.user_id:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    return code, parties([party_id for party_id, _digest in code.covers])


def parties(ids: list[int]) -> list[Party]:
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
