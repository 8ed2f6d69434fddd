"""Personal links to sign: only a digest is kept, good for one act and thirty days, renewed by their owner."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import update

from app.accounts.services import digest
from app.agreements import queries
from app.agreements.models import Party, SigningLink
from app.agreements.queries import signers
from app.agreements.states import AgreementState, SignatureState
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db

LIFETIME = timedelta(days=30)
_PURPOSE = "signing-link"


class Standing(StrEnum):
    """What a genuine link opens."""

    READY = "ready"  # its owner may read, and sign
    DONE = "done"  # its owner has signed, and may read again
    USED = "used"  # it served for an act that counts no more
    EXPIRED = "expired"
    WAITING = "waiting"  # the agreement went back to be completed
    VOID = "void"  # the agreement was cancelled or replaced


@dataclass(frozen=True, slots=True)
class Door:
    """A genuine link, whose it is, and what it opens."""

    link: SigningLink
    party: Party
    standing: Standing


class Refusal(StrEnum):
    """Why a link is no link; written in the journal."""

    UNKNOWN = "unknown"
    OTHER_AGREEMENT = "other_agreement"
    REUSED = "reused"
    EXPIRED = "expired"


def issue(party: Party) -> str:
    """A new link of this person, whose token is returned once. Earlier mails stay good until the act is done."""
    token = secrets.token_urlsafe(24)
    db.session.add(
        SigningLink(party_id=party.id, token_digest=digest(token, purpose=_PURPOSE), expires_at=clock.now() + LIFETIME)
    )
    db.session.flush()
    return token


def spend(party: Party) -> None:
    """The act is done: no link of this person does it again."""
    _close(party, used_at=clock.now())


def revoke(party: Party) -> None:
    """The links already sent open nothing any more (the address was wrong); the page says how to get another."""
    _close(party, expires_at=clock.now())


def _close(party: Party, **values: object) -> None:
    db.session.execute(
        update(SigningLink).where(SigningLink.party_id == party.id, SigningLink.used_at.is_(None)).values(**values)
    )


def find(reference: str, token: str) -> Door | Refusal:
    """What the address of a link opens. A token of another agreement is no token of this one."""
    link = signers.link(digest(token, purpose=_PURPOSE))
    if link is None:
        return Refusal.UNKNOWN
    if link.party.agreement.reference != reference:
        return Refusal.OTHER_AGREEMENT
    return Door(link, link.party, standing(link))


def standing(link: SigningLink) -> Standing:
    party, agreement = link.party, link.party.agreement
    if agreement.state is AgreementState.VOID:
        return Standing.VOID
    if link.expires_at <= clock.now():
        return Standing.EXPIRED
    if party.state is SignatureState.SIGNED:
        return Standing.DONE
    if link.used_at is not None:
        return Standing.USED
    if agreement.state is AgreementState.DRAFT:
        return Standing.WAITING
    return Standing.READY


def journal_refusal(reference: str, token: str, why: Refusal) -> bool:
    """Write the refusal in the journal of the agreement named in the address, and of the one the token belongs to.

    False when neither exists: there is nothing to write it on. Never the token itself.
    """
    named = queries.by_reference(reference)
    link = signers.link(digest(token, purpose=_PURPOSE))
    owner = link.party if link else None
    if named is not None:
        audit.record("agreement.link_refused", named, by=None, why=why, party=owner.id if owner else None)
    if owner is not None and (named is None or owner.agreement_id != named.id):
        audit.record("agreement.link_refused", owner.agreement, by=None, why=why, party=owner.id)
    return named is not None or owner is not None
