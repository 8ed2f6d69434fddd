"""Saying no: somebody does not sign, or is not the person named. The school is told at once."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.accounts.models import User
from app.agreements import emails_signing, evidence, links
from app.agreements.evidence import Circumstances, Event
from app.agreements.models import Agreement, Party
from app.agreements.services import signing
from app.agreements.states import AgreementState, PartyRole, SignatureState
from app.audit import services as audit
from app.kernel.database import transaction
from app.kernel.errors import Conflict, Invalid
from app.messaging import services as messaging


def decline(party: Party, reason: str, where: Circumstances, *, by: Actor | None = None) -> None:
    """Somebody says that they do not sign, and why; they may still change their mind. The school is told."""
    reason = reason.strip()[:500]
    if not reason:
        raise Invalid(_("Dites pourquoi."), {"reason": _("Dites pourquoi : le collège pourra vous aider.")})
    with transaction():
        held = signing.hold(party.id)
        signing.demand_authority(held, by)
        if held.state is SignatureState.DECLINED:
            return
        if held.state is not SignatureState.AWAITED or held.agreement.state is not AgreementState.OPEN:
            raise Conflict(_("Cette signature n’est plus demandée."))
        held.state, held.decline_reason = SignatureState.DECLINED, reason
        evidence.record(held.agreement, Event.DECLINED, party=held, address=where.address, agent=where.agent)
        audit.record("agreement.decline", held.agreement, by=by, reason=reason, party=held.id)
        messaging.post_all(emails_signing.declined(held, person) for person in school_people(held.agreement))


def say_not_me(party: Party, where: Circumstances) -> None:
    """Whoever got this link is not the person named: it opens nothing any more, and the school is told."""
    with transaction():
        held = signing.hold(party.id)
        if held.state is SignatureState.SIGNED:
            raise Conflict(_("Cette signature est déjà donnée. Appelez le collège."))
        links.revoke(held)
        evidence.record(held.agreement, Event.NOT_ME, party=held, address=where.address, agent=where.agent)
        audit.record("agreement.not_me", held.agreement, by=None, party=held.id)
        messaging.post_all(emails_signing.not_me(held, person) for person in school_people(held.agreement))


def school_people(agreement: Agreement) -> list[User]:
    """Who follows this agreement in the school: the teacher who signs it, else the teachers of the class."""
    named = [party.user for party in agreement.parties if party.role is PartyRole.TEACHER and party.user is not None]
    return named or [teacher.user for teacher in agreement.student.school_class.teachers]
