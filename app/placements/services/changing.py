"""What the coordinator changes after the publication: undo a placement, or give another place."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation import services as allocation
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Hidden
from app.offers.models import Slot
from app.placements import queries
from app.placements.models import Placement
from app.placements.services import codes, telling
from app.placements.services.moving import demanded_reason, release_seat, step, take
from app.placements.states import PlacementState
from app.schools.models import Student


def cancel(placement_id: int, reason: str, *, by: Actor, give_up: bool = False) -> Placement:
    """Undo a placement that has not begun: seat freed, approval withdrawn, everybody concerned told.

    `give_up`: the structure no longer has this place for anybody. Called again it changes nothing.
    """
    with transaction():
        placement = take(placement_id)
        by.demand(Permission.PLACEMENT_MANAGE, placement)
        if placement.state is PlacementState.CANCELLED:
            return placement
        told = placement.state is not PlacementState.TO_VERIFY
        step(placement, "cancel", by=by, reason=reason)
        release_seat(placement, by=by, reason=placement.state_reason, give_up=give_up)
        if told:
            telling.tell_undone(placement)
        return placement


def place(student_id: int, slot_id: int, reason: str, *, by: Actor) -> Placement:
    """Give a published place to a student who has none (a repair): seat taken, everybody told, answers asked for.

    Raises `SlotFull`, `Conflict` when the student has a live placement in another slot. The same place twice is one.
    """
    with transaction():
        slot = db.session.get(Slot, slot_id)
        student = db.session.get(Student, student_id)
        if slot is None or student is None or student.territory_id != slot.offer.territory_id:
            raise Hidden(_("Cette place n’existe pas."))
        db.session.get(Campaign, slot.offer.campaign_id, with_for_update={"read": True}, populate_existing=True)
        locked(Slot, slot_id)
        by.demand(Permission.PLACEMENT_MANAGE, student)
        reason = demanded_reason(reason)
        known = queries.live_of_student(student_id)
        if known:
            if [row.slot_id for row in known] == [slot_id]:
                return known[0]
            raise Conflict(_("%(name)s a déjà un stage.", name=student.full_name))
        allocation.give(student_id, slot_id, reason, by=by)
        placement = Placement(
            territory_id=slot.offer.territory_id,
            campaign_id=slot.offer.campaign_id,
            student=student,
            slot=slot,
            student_id=student_id,
            slot_id=slot_id,
        )
        db.session.add(placement)
        db.session.flush()
        codes.issue([placement])
        audit.record("placement.place", placement, by=by, to_state=placement.state, reason=reason, student=student_id)
        telling.tell_published([placement])
        return placement
