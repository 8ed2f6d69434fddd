"""Pins and prohibitions, which every later run of the campaign obeys."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation import queries
from app.allocation.models import Ruling, RulingKind
from app.allocation.services.deciding import take
from app.audit import services as audit
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Invalid
from app.offers.models import Slot


def pin(proposal_id: int, reason: str, *, by: Actor) -> Ruling:
    """Keep this student in this slot in every later run. Replaces the student's other pin."""
    return _rule(proposal_id, RulingKind.PIN, reason, by)


def forbid(proposal_id: int, reason: str, *, by: Actor) -> Ruling:
    """Never propose this slot to this student again. Raises `Conflict` while it is approved."""
    return _rule(proposal_id, RulingKind.FORBID, reason, by)


def lift(proposal_id: int, *, by: Actor) -> None:
    """Forget the pin or the prohibition of this pair."""
    with transaction():
        proposal = take(proposal_id, by)
        found = queries.ruling(proposal.student_id, proposal.slot_id)
        if found is None:
            return
        audit.record("ruling.lift", found, by=by, from_state=found.kind, student=proposal.student_id)
        db.session.delete(found)


def _rule(proposal_id: int, kind: RulingKind, reason: str, by: Actor) -> Ruling:
    with transaction():
        proposal = take(proposal_id, by)
        by.demand(Permission.PROPOSAL_DECIDE, proposal)
        student_id, slot_id = proposal.student_id, proposal.slot_id
        found = queries.ruling(student_id, slot_id)
        if found is not None and found.kind is kind:
            return found
        if not reason.strip():
            sentence = _("Dites pourquoi en une phrase : elle est gardée dans le journal.")
            raise Invalid(sentence, {"reason": sentence})
        if kind is RulingKind.FORBID and _holds(student_id, slot_id):
            raise Conflict(_("Cette place est approuvée. Revenez d’abord sur l’approbation."))
        others = [r for r in queries.rulings_of(student_id) if r.kind is RulingKind.PIN and r is not found]
        if kind is RulingKind.PIN:
            _check_room(slot_id, student_id)
            for other in others:
                db.session.delete(other)
        if found is None:
            found = Ruling(campaign_id=proposal.run.campaign_id, student_id=student_id, slot_id=slot_id, kind=kind)
            db.session.add(found)
        before, found.kind = (found.kind if found.id else None), kind
        found.reason, found.by_id = reason.strip()[:500], by.user_id
        audit.record(
            f"ruling.{kind}", found, by=by, from_state=before, to_state=kind, reason=found.reason, student=student_id
        )
        return found


def _holds(student_id: int, slot_id: int) -> bool:
    approval = queries.approval_of(student_id)
    return approval is not None and approval.slot_id == slot_id


def _check_room(slot_id: int, student_id: int) -> None:
    """A place cannot be kept for more students than it has seats."""
    slot = locked(Slot, slot_id)
    assert slot is not None
    if len(queries.kept_for(slot_id) - {student_id}) >= slot.capacity:
        raise Conflict(_("Toutes les places de cette semaine sont déjà gardées pour d’autres élèves."))
