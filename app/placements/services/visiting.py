"""The school's follow-up: who goes or calls, when, and what was said of it."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.discretion import About, scan
from app.kernel.errors import Conflict, Hidden, Invalid
from app.placements.models import Placement
from app.placements.queries import stage
from app.placements.stage_models import FollowUp
from app.placements.stage_rules import MAX_NOTE, FollowUpDraft
from app.placements.stage_states import FOLLOW_UPS, FollowUpKind, FollowUpState
from app.placements.states import LIVE

_LONG_BEFORE = timedelta(days=365)


def plan(placement: Placement, draft: FollowUpDraft, *, by: Actor) -> FollowUp:
    """Plan the visit or the call, or change the one that is planned. Raises `Invalid`, `Conflict`."""
    by.demand(Permission.PLACEMENT_FOLLOW, placement)
    with transaction():
        row = locked(Placement, placement.id)
        if row is None or row.state not in LIVE:
            raise Conflict(_("Ce stage n’a plus lieu : il n’y a rien à suivre."))
        school_id = row.student.school_class.school_id
        if draft.user_id not in {person.id for person in stage.school_staff(school_id)}:
            sentence = _("Choisissez quelqu’un du collège.")
            raise Invalid(sentence, {"user_id": sentence})
        if abs(draft.planned_on - row.slot.monday) > _LONG_BEFORE:
            sentence = _("Cette date est trop loin du stage.")
            raise Invalid(sentence, {"planned_on": sentence})
        found = stage.planned(row.id)
        if found is None:
            found = FollowUp(placement_id=row.id, placement=row)
            db.session.add(found)
        elif (found.kind, found.user_id, found.planned_on) == (draft.kind, draft.user_id, draft.planned_on):
            return found
        found.kind, found.user_id, found.planned_on = FollowUpKind(draft.kind), draft.user_id, draft.planned_on
        audit.record("follow_up.plan", found, by=by, to_state=FollowUpState.PLANNED, placement=row.id)
        return found


def do(follow_up_id: int, note: str, *, by: Actor, reread: bool = False) -> FollowUp:
    """Note that the visit or the call took place.

    Raises `Invalid` when the note may speak of somebody's health, religion or opinions, and was not `reread`.
    """
    note = note.strip()
    if len(note) > MAX_NOTE:
        sentence = _("Ce texte est trop long : %(n)s caractères au plus.", n=MAX_NOTE)
        raise Invalid(sentence, {"note": sentence})
    words = scan(note, about=About.STAGE).private
    if words and not reread:
        sentence = _(
            "Une note de suivi ne parle ni de santé, ni de religion, ni d’opinions. Retirez : %(words)s.",
            words=", ".join(f"« {w} »" for w in words),
        )
        raise Invalid(sentence, {"note": sentence})
    with transaction():
        row = _take(follow_up_id, by)
        if row.state is FollowUpState.DONE and row.note == note:
            return row
        _step(row, "do", by)
        row.done_on, row.note = clock.today(), note
        return row


def drop(follow_up_id: int, *, by: Actor) -> FollowUp:
    """Give up a planned visit or call."""
    with transaction():
        row = _take(follow_up_id, by)
        if row.state is not FollowUpState.DROPPED:
            _step(row, "drop", by)
        return row


def _take(follow_up_id: int, by: Actor) -> FollowUp:
    row = locked(FollowUp, follow_up_id)
    if row is None:
        raise Hidden(_("Ce suivi n’existe pas."))
    by.demand(Permission.PLACEMENT_FOLLOW, row)
    return row


def _step(row: FollowUp, action: str, by: Actor) -> None:
    before, target = row.state, FOLLOW_UPS.step(row.state, action).target
    if action == "do":
        row.done_on = clock.today()
    row.state = target
    audit.record(f"follow_up.{action}", row, by=by, from_state=before, to_state=target, placement=row.placement_id)
