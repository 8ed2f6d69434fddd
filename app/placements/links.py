"""Personal links: signed, tied to one person and one thing, void as soon as the person's address changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer

from app.offers.models import PlacementOffer
from app.placements.rules import LINK_LIFETIME
from app.placements.states import Side
from app.schools.models import LegalGuardian

CODE_MINUTES = 60


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="guardian-link")


def _timed(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=salt)


def token_for(guardian: LegalGuardian) -> str:
    return str(_signer().dumps([guardian.id, guardian.link_epoch]))


def read(token: str) -> tuple[int, int] | None:
    """(guardian, epoch) of a genuine token, else None."""
    try:
        guardian_id, epoch = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return (guardian_id, epoch) if isinstance(guardian_id, int) and isinstance(epoch, int) else None


@dataclass(frozen=True, slots=True)
class HostLink:
    """What a structure's link opens: the students of one offer, for the holder of one mailbox."""

    offer_id: int
    mailbox: str
    expired: bool


def mailbox(email: str) -> str:
    """A short digest: the link says which mailbox it was sent to without writing the address in it."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:16]


def host_token(offer: PlacementOffer, email: str) -> str:
    return str(_timed("host-answer").dumps([offer.id, mailbox(email)]))


def read_host(token: str) -> HostLink | None:
    """A genuine link, expired or not, else None."""
    signer, expired = _timed("host-answer"), False
    try:
        try:
            values = signer.loads(token, max_age=int(LINK_LIFETIME.total_seconds()))
        except SignatureExpired:
            values, expired = signer.loads(token), True
        offer_id, digest = values
    except (BadSignature, ValueError, TypeError):
        return None
    if not isinstance(offer_id, int) or not isinstance(digest, str):
        return None
    return HostLink(offer_id, digest, expired)


def code_token(placement_id: int, side: Side) -> str:
    """What the page of printed codes hands out once a code is right."""
    return str(_timed("letter-code").dumps([placement_id, side.value]))


def read_code(token: str) -> tuple[int, Side] | None:
    """(placement, side) for an hour after the code was typed, else None."""
    try:
        placement_id, side = _timed("letter-code").loads(token, max_age=CODE_MINUTES * 60)
        return (placement_id, Side(side)) if isinstance(placement_id, int) else None
    except (BadSignature, ValueError, TypeError):
        return None
