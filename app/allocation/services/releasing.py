"""Giving a published place back, and taking it again: what `placements` asks for when somebody answers no.

These verbs demand no permission of this room: the room above has checked who may answer, cancel or repair. They are
called inside its transaction, which holds the campaign (shared), then the slots by number.
"""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.allocation import queries
from app.allocation.models import Approval, PlacementProposal
from app.allocation.services.deciding import mark_published, seat, step
from app.allocation.states import PROPOSALS, ProposalState
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, SlotFull
from app.offers.models import Slot
from app.wishes import queries as wish_queries


def give_back(student_id: int, action: str, reason: str, *, by: Actor) -> bool:
    """Undo the student's approval, published or not, and free its seat. False when there is none.

    `action` is what becomes of the proposal: "refuse" (no later run proposes the pair again), "withdraw" or "move".
    """
    with transaction():
        approval = queries.approval_of(student_id)
        if approval is None:
            return False
        slot = locked(Slot, approval.slot_id)
        assert slot is not None
        proposal = approval.proposal
        if proposal.state is ProposalState.APPROVED:
            step(proposal, action, by=by, reason=reason)
        slot.taken -= 1
        db.session.delete(approval)
        db.session.flush()
        return True


def take_again(student_id: int, slot_id: int, reason: str, *, by: Actor) -> None:
    """Give a refused place back to the student who had it. Raises `SlotFull`, or `Conflict` when things moved on."""
    with transaction():
        slot = locked(Slot, slot_id)
        assert slot is not None
        if queries.approval_of(student_id) is not None:
            raise Conflict(_("L’élève a déjà une autre place."))
        if slot.taken >= slot.capacity:
            raise SlotFull(_("Cette place a été donnée à quelqu’un d’autre entre-temps."))
        run = queries.latest_done(_campaign_of(slot))
        proposal = queries.proposal_for(run.id, student_id, slot_id) if run else None
        if run is None or proposal is None or proposal.state is ProposalState.APPROVED:
            raise Conflict(_("Une autre place est déjà cherchée pour cet élève. Appelez la coordination."))
        if proposal.state is not ProposalState.PROPOSED:
            step(proposal, "propose_again", by=by, reason=reason)
        step(proposal, "approve", by=by, reason=reason)
        slot.taken += 1
        db.session.add(
            Approval(
                campaign_id=run.campaign_id,
                student_id=student_id,
                slot_id=slot_id,
                proposal_id=proposal.id,
                approved_by_id=by.user_id,
                published_at=clock.now(),
            )
        )
        db.session.flush()


def give(student_id: int, slot_id: int, reason: str, *, by: Actor) -> None:
    """Seat a student in a slot, published at once: a repair whose moves the matcher has already found feasible.

    Raises `SlotFull`, or `Conflict` when the student holds another place or no run has ended yet.
    """
    with transaction():
        slot = locked(Slot, slot_id)
        if slot is None:
            raise Conflict(_("Cette place n’existe plus."))
        run = queries.latest_done(_campaign_of(slot))
        if run is None:
            raise Conflict(_("Aucun calcul n’est terminé : lancez-en un d’abord."))
        proposal = queries.proposal_for(run.id, student_id, slot_id)
        if proposal is None:
            wishes = wish_queries.ranked_offers([student_id]).get(student_id, [])
            rank = wishes.index(slot.offer_id) + 1 if slot.offer_id in wishes else None
            proposal = PlacementProposal(run_id=run.id, student_id=student_id, slot_id=slot_id, score=0, wish_rank=rank)
            proposal.state = ProposalState.PROPOSED
            db.session.add(proposal)
            db.session.flush()
        if proposal.state in PROPOSALS["propose_again"].sources:
            step(proposal, "propose_again", by=by, reason=reason)
        seat(proposal, by=by, reason=reason)
        mark_published(run.campaign_id, [student_id])


def _campaign_of(slot: Slot) -> int:
    return slot.offer.campaign_id
