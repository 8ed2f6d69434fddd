"""The link by which a colleague enters a team: signed, tied to one mailbox, void once another replaces it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.hosts.models import HostInvitation


@dataclass(frozen=True, slots=True)
class TeamLink:
    invitation_id: int
    epoch: int
    mailbox: str

    def is_current(self, invitation: HostInvitation) -> bool:
        """Whether it is the last link sent, to the mailbox which is still the right one."""
        return self.epoch == invitation.epoch and self.mailbox == mailbox(invitation.email or "")


def mailbox(email: str) -> str:
    """A short digest: the link says which mailbox it was sent to without writing the address in it."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:16]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="team-invitation")


def token_for(invitation: HostInvitation) -> str:
    return str(_signer().dumps([invitation.id, invitation.epoch, mailbox(invitation.email or "")]))


def read(token: str) -> TeamLink | None:
    """What a genuine link says, else None."""
    try:
        invitation_id, epoch, box = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    if not (isinstance(invitation_id, int) and isinstance(epoch, int) and isinstance(box, str)):
        return None
    return TeamLink(invitation_id, epoch, box)
