"""One way through the state table, whoever asks: locks in one order, the seat given back, the journal written."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.allocation import services as allocation
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.kernel.database import db, locked
from app.kernel.errors import Conflict, Hidden, Invalid, SlotFull
from app.offers.models import Slot
from app.placements import queries
from app.placements.models import Placement
from app.placements.rules import MAX_REASON
from app.placements.states import LIVE, TABLE, PlacementState


def take(placement_id: int) -> Placement:
    """The placement under lock. Order: campaign (shared: no run ends, nothing is published meanwhile), slot, row."""
    found = queries.seat_of(placement_id)
    if found is None:
        raise Hidden(_("Ce stage n’existe pas."))
    campaign_id, slot_id = found
    db.session.get(Campaign, campaign_id, with_for_update={"read": True}, populate_existing=True)
    locked(Slot, slot_id)
    placement = locked(Placement, placement_id)
    assert placement is not None
    return placement


def demanded_reason(reason: str, sentence: str = "") -> str:
    """The reason, or `Invalid` on field `reason` when it is missing or too long."""
    reason = reason.strip()
    if not reason:
        sentence = sentence or _("Dites pourquoi en une phrase.")
    elif len(reason) > MAX_REASON:
        sentence = _("Ce texte est trop long : %(n)s caractères au plus.", n=MAX_REASON)
    else:
        return reason
    raise Invalid(sentence, {"reason": sentence})


def step(placement: Placement, action: str, *, by: Actor | None, reason: str = "", **details: str | int | None) -> None:
    """Move a locked placement along its table and journal it. Raises `IllegalTransition`, `Invalid` without a reason.

    What leaves the live states gives its seat back; `reconsider` takes it again.
    """
    transition = TABLE.step(placement.state, action)
    if transition.needs_reason:
        reason = demanded_reason(reason)
    before = placement.state
    placement.state, placement.state_reason = transition.target, reason
    audit.record(
        f"placement.{action}",
        placement,
        by=by,
        from_state=before,
        to_state=placement.state,
        reason=reason,
        student=placement.student_id,
        slot=placement.slot_id,
        **details,
    )


_OF_PROPOSAL = {
    PlacementState.DECLINED: "refuse",
    PlacementState.REFUSED: "refuse",
    PlacementState.CANCELLED: "withdraw",
    PlacementState.INTERRUPTED: "withdraw",
}


def release_seat(placement: Placement, *, by: Actor, reason: str, give_up: bool = False) -> None:
    """Free the seat of a placement that has just left the live states. `give_up`: the structure's week loses it."""
    assert placement.state not in LIVE
    slot = placement.slot
    if placement.holds_approval:
        allocation.give_back(placement.student_id, _OF_PROPOSAL[placement.state], reason, by=by)
    else:
        slot.taken -= 1
    if give_up and slot.capacity > slot.taken:
        slot.capacity -= 1
        audit.record("slot.give_up", slot, by=by, reason=reason, capacity=slot.capacity)
    db.session.flush()


def take_seat_again(placement: Placement, *, by: Actor, reason: str) -> None:
    """Give the seat back to a placement that is reconsidered. Raises `SlotFull` or `Conflict`."""
    others = queries.live_of_student(placement.student_id)
    if any(other.stop == placement.stop or _meet(other, placement) for other in others):
        raise Conflict(_("Une autre place a été trouvée entre-temps pour cet élève."))
    slot = placement.slot
    if placement.holds_approval:
        allocation.take_again(placement.student_id, slot.id, reason, by=by)
    else:
        take_seat(slot)


def take_seat(slot: Slot) -> None:
    """One seat of a locked slot, without an approval. Raises `SlotFull`."""
    if slot.taken >= slot.capacity:
        raise SlotFull(_("Cette place n’est plus libre."))
    slot.taken += 1


def _meet(one: Placement, other: Placement) -> bool:
    """Whether a student cannot be in both: another week, or a day that both expect."""
    return one.slot.monday != other.slot.monday or not set(one.weekdays).isdisjoint(other.weekdays)
