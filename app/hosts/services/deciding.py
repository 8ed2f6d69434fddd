"""The coordinator verifies, refuses, suspends, restores."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.hosts import emails, queries
from app.hosts.models import HostOrganization
from app.hosts.states import TABLE
from app.kernel.database import locked, transaction
from app.kernel.errors import Hidden, Invalid
from app.messaging import services as messaging

MAX_REASON = 500


def decide(organization: HostOrganization, action: str, *, by: Actor, reason: str = "") -> None:
    """Verify, refuse, suspend or restore a structure, and tell its people. A second identical call changes nothing."""
    transition = TABLE[action]
    by.demand(Permission(transition.permission), organization)
    reason = demanded_reason(reason) if transition.needs_reason else ""
    with transaction():
        row = lock(organization)
        if row.state is transition.target and row.state_reason == reason:
            return
        former = row.state
        row.state = TABLE.step(former, action).target
        row.state_reason = reason
        audit.record(f"host.{action}", row, by=by, from_state=former, to_state=row.state, reason=reason)
        number = queries.last_entry("HostOrganization", row.id)
        territory = queries.territory(row.territory_id)
        messaging.post_all(
            emails.decision(action, row, territory, owner.user, number) for owner in queries.owners_of(row.id)
        )


def demanded_reason(reason: str) -> str:
    """The reason, or `Invalid` on field `reason` when it is missing or too long."""
    reason = reason.strip()
    if not reason:
        sentence = _("Écrivez la raison : la structure la lira.")
    elif len(reason) > MAX_REASON:
        sentence = _("Ce texte est trop long : %(n)s caractères au plus.", n=MAX_REASON)
    else:
        return reason
    raise Invalid(sentence, {"reason": sentence})


def lock(organization: HostOrganization) -> HostOrganization:
    row = locked(HostOrganization, organization.id)
    if row is None:
        raise Hidden(_("Cette structure n’existe plus."))
    return row
