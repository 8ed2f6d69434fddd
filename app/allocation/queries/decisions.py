"""Reading what people decided: approvals and the seats they hold, pins, prohibitions."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.allocation.models import Approval, MatchingRun, PlacementProposal, Ruling, RulingKind
from app.allocation.states import ProposalState
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot


def approvals(campaign_id: int) -> list[Approval]:
    """Every approval of the campaign, with its slot."""
    return list(
        db.session.scalars(
            select(Approval)
            .where(Approval.campaign_id == campaign_id)
            .options(joinedload(Approval.slot))
            .order_by(Approval.id)
        )
    )


def approval_of(student_id: int) -> Approval | None:
    return db.session.scalar(
        select(Approval)
        .where(Approval.student_id == student_id)
        .options(joinedload(Approval.slot).joinedload(Slot.offer).joinedload(PlacementOffer.organization))
        .execution_options(populate_existing=True)
    )


def holders(slot_id: int) -> list[Approval]:
    """Who holds a seat of the slot, the latest first."""
    return list(
        db.session.scalars(
            select(Approval)
            .where(Approval.slot_id == slot_id)
            .options(joinedload(Approval.student), joinedload(Approval.approved_by))
            .order_by(Approval.approved_at.desc(), Approval.id.desc())
        )
    )


def latest_holder(slot_id: int) -> Approval | None:
    return next(iter(holders(slot_id)), None)


def forbidden_pairs(campaign_id: int) -> set[tuple[int, int]]:
    """(student, slot) that no run may propose: prohibitions, and proposals refused in any run."""
    forbidden = db.session.execute(
        select(Ruling.student_id, Ruling.slot_id).where(
            Ruling.campaign_id == campaign_id, Ruling.kind == RulingKind.FORBID
        )
    )
    refused = db.session.execute(
        select(PlacementProposal.student_id, PlacementProposal.slot_id)
        .join(MatchingRun, MatchingRun.id == PlacementProposal.run_id)
        .where(MatchingRun.campaign_id == campaign_id, PlacementProposal.state == ProposalState.REFUSED)
        .distinct()
    )
    return {(student_id, slot_id) for rows in (forbidden, refused) for student_id, slot_id in rows}


def rulings_of(student_id: int) -> list[Ruling]:
    """The pins and prohibitions of a student, with their offers."""
    return list(
        db.session.scalars(
            select(Ruling)
            .where(Ruling.student_id == student_id)
            .options(joinedload(Ruling.slot).joinedload(Slot.offer).joinedload(PlacementOffer.organization))
            .order_by(Ruling.id)
        )
    )


def ruling(student_id: int, slot_id: int) -> Ruling | None:
    return db.session.scalar(select(Ruling).where(Ruling.student_id == student_id, Ruling.slot_id == slot_id))


def seats_in_play(run_id: int, slot_ids: Collection[int], but_student: int | None = None) -> dict[int, int]:
    """Slot → seats left when approvals and the run's undecided proposals (but one student's) are counted as taken."""
    waiting = dict(
        db.session.execute(
            select(PlacementProposal.slot_id, func.count())
            .where(
                PlacementProposal.run_id == run_id,
                PlacementProposal.slot_id.in_(sorted(slot_ids)),
                PlacementProposal.state == ProposalState.PROPOSED,
                PlacementProposal.student_id != (but_student or 0),
            )
            .group_by(PlacementProposal.slot_id)
        )
        .tuples()
        .all()
    )
    rows = db.session.execute(select(Slot.id, Slot.capacity, Slot.taken).where(Slot.id.in_(sorted(slot_ids))))
    return {slot_id: capacity - taken - waiting.get(slot_id, 0) for slot_id, capacity, taken in rows}


def kept_for(slot_id: int) -> set[int]:
    """The students for whom a seat of the slot is approved or pinned."""
    approved = db.session.scalars(select(Approval.student_id).where(Approval.slot_id == slot_id))
    pinned = db.session.scalars(
        select(Ruling.student_id).where(Ruling.slot_id == slot_id, Ruling.kind == RulingKind.PIN)
    )
    return set(approved) | set(pinned)
