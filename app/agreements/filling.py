"""Personal links by which a structure or a family completes its own part of a draft, without an account.

A link opens one part of one agreement, to write in while it is a draft; it never shows the rest of the document.
"""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.access.actor import Actor
from app.access.policy import Role
from app.agreements import content, queries
from app.agreements.fields import Part, split
from app.agreements.models import Agreement


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="agreement-part")


def token_for(agreement: Agreement, part: str) -> str:
    return str(_signer().dumps([agreement.id, part]))


def read(token: str) -> tuple[Agreement, str, Actor] | None:
    """The agreement, the part, and who may write it: nobody else's right than that of this one part."""
    try:
        agreement_id, part = _signer().loads(token)
        kind, _number = split(part)
    except (BadSignature, ValueError, TypeError, AttributeError):
        return None
    agreement = queries.by_id(agreement_id) if isinstance(agreement_id, int) else None
    if agreement is None or part not in content.parts(agreement) or kind not in {Part.HOST, Part.FAMILY}:
        return None
    return agreement, part, _writer(agreement, part, kind)


def _writer(agreement: Agreement, part: str, kind: Part) -> Actor:
    stop = content.stop(agreement, part)
    if kind is Part.HOST and stop is not None:
        organization = stop.placement.slot.offer.organization
        return Actor(
            role=Role.HOST,
            display_name=organization.name,
            territory_id=agreement.territory_id,
            organization_ids=frozenset({organization.id}),
        )
    return Actor(
        role=Role.GUARDIAN,
        display_name=content.values(agreement, Part.FAMILY)["guardian_name"],
        territory_id=agreement.territory_id,
        student_id=agreement.student_id,
    )
