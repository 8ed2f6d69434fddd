"""A school head lets another member of staff sign agreements, in writing and between two dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.agreements import emails_signing
from app.agreements.models import SigningDelegation
from app.agreements.queries import delegations
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Invalid
from app.messaging import services as messaging
from app.schools.models import School

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class DelegationDraft:
    delegate_user_id: int
    first_day: date
    last_day: date
    decided_on: date


def delegate(school: School, draft: DelegationDraft, *, by: Actor) -> SigningDelegation:
    """Write the delegation down and tell the delegate. The same one twice is one.

    Raises `Invalid` by field: the person must work in this school and be somebody else; the dates must hold.
    """
    by.demand(Permission.AGREEMENT_DELEGATE, school)
    _check(school, draft, by)
    with transaction():
        db.session.refresh(school, with_for_update=True)
        same = delegations.same(school.id, by.user_id, draft.delegate_user_id, draft.first_day, draft.last_day)
        if same is not None:
            return same
        row = SigningDelegation(
            school_id=school.id,
            head_user_id=by.user_id,
            delegate_user_id=draft.delegate_user_id,
            first_day=draft.first_day,
            last_day=draft.last_day,
            decided_on=draft.decided_on,
        )
        db.session.add(row)
        db.session.flush()
        audit.record("delegation.give", row, by=by, delegate=draft.delegate_user_id)
        messaging.post(emails_signing.delegated(row))
    return row


def _check(school: School, draft: DelegationDraft, by: Actor) -> None:
    problems: dict[str, str] = {}
    staff = {member.user_id for member in delegations.staff(school.id)}
    if draft.delegate_user_id not in staff:
        problems["delegate"] = _("Choisissez une personne qui travaille dans votre collège.")
    elif draft.delegate_user_id == by.user_id:
        problems["delegate"] = _("Vous signez déjà en votre nom. Choisissez une autre personne.")
    if draft.last_day < draft.first_day:
        problems["last_day"] = _("Le dernier jour vient après le premier.")
    elif draft.last_day < clock.today():
        problems["last_day"] = _("Cette date est déjà passée.")
    elif draft.last_day - draft.first_day > LONGEST:
        problems["last_day"] = _("Une délégation dure un an au plus. Vous pourrez la refaire.")
    if draft.decided_on > min(draft.first_day, clock.today()):
        problems["decided_on"] = _("La décision écrite vient avant : donnez sa date.")
    if problems:
        raise Invalid(_("La délégation n’est pas complète."), problems)


def end(delegation: SigningDelegation, *, by: Actor) -> None:
    """End a delegation now; what was signed under it stands."""
    by.demand(Permission.AGREEMENT_DELEGATE, delegation)
    with transaction():
        held = locked(SigningDelegation, delegation.id)
        if held is None:
            raise Conflict(_("Cette délégation n’existe plus."))
        if held.ended_at is not None:
            return
        held.ended_at = clock.now()
        audit.record("delegation.end", held, by=by, delegate=held.delegate_user_id)
