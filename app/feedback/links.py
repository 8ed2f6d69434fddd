"""Personal links of tutors: signed, for one stage and one address, void when either changes; time does not end them."""

from __future__ import annotations

import hashlib

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="tutor-feedback-link")


def token_for(placement_id: int, address: str) -> str:
    return str(_signer().dumps([placement_id, mark_of(address)]))


def read(token: str) -> tuple[int, str] | None:
    """(placement, mark of the address) of a genuine token, else None."""
    try:
        placement_id, mark = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return (placement_id, mark) if isinstance(placement_id, int) and isinstance(mark, str) else None


def mark_of(address: str) -> str:
    """What of an address a link carries: enough to see that it changed, nothing to read."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:16]


def again(placement_id: int, mark: str) -> str:
    """The link of the same person to another stage; what it opens is checked against that stage's addresses."""
    return str(_signer().dumps([placement_id, mark]))
