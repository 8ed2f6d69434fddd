"""Personal links of guardians: signed, tied to one guardian, void as soon as the guardian's address changes."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.schools.models import LegalGuardian


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="guardian-link")


def token_for(guardian: LegalGuardian) -> str:
    return str(_signer().dumps([guardian.id, guardian.link_epoch]))


def read(token: str) -> tuple[int, int] | None:
    """(guardian, epoch) of a genuine token, else None."""
    try:
        guardian_id, epoch = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return (guardian_id, epoch) if isinstance(guardian_id, int) and isinstance(epoch, int) else None
