"""Reading what it takes to say why not: the record of a run, places found by words, what closes one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.allocation.models import Approval, MatchingRun, PlacementProposal, RulingKind, RunRecord
from app.allocation.queries.decisions import ruling
from app.allocation.queries.proposals import LIVE
from app.allocation.states import ProposalState
from app.campaigns.models import Commune
from app.hosts.models import HostOrganization, HostSite
from app.kernel.database import db
from app.occupations.queries import fold
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.wishes import queries as wish_queries

MOST_FOUND = 20
_CLOSED = (OfferState.DRAFT, OfferState.SUBMITTED, OfferState.SENT_BACK, OfferState.PRIVATE)


@dataclass(frozen=True, slots=True)
class Ban:
    """The decision that keeps a student out of a slot."""

    reason: str
    who: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Seats:
    """A slot today: seats approved among all."""

    approved: int
    capacity: int


def record_of(run_id: int) -> RunRecord | None:
    return db.session.get(RunRecord, run_id)


def _slots(campaign_id: int, *where: ColumnElement[bool]) -> list[Slot]:
    return list(
        db.session.scalars(
            select(Slot)
            .join(Slot.offer)
            .join(PlacementOffer.organization)
            .where(PlacementOffer.campaign_id == campaign_id, PlacementOffer.state.not_in(_CLOSED), *where)
            .options(
                contains_eager(Slot.offer).options(
                    contains_eager(PlacementOffer.organization),
                    joinedload(PlacementOffer.site).joinedload(HostSite.commune),
                )
            )
            .order_by(PlacementOffer.title, Slot.monday, Slot.id)
        )
    )


def places_found(campaign_id: int, words: str) -> tuple[list[Slot], int]:
    """The slots of the campaign whose offer, structure or commune hold every word, at most MOST_FOUND; and how many
    there are in all."""
    wanted = fold(words[:120]).split()
    if not wanted:
        return [], 0
    rows = db.session.execute(
        select(PlacementOffer.id, PlacementOffer.title, HostOrganization.name, HostSite.commune_id)
        .join(PlacementOffer.organization)
        .join(HostSite, HostSite.id == PlacementOffer.site_id)
        .where(PlacementOffer.campaign_id == campaign_id, PlacementOffer.state.not_in(_CLOSED))
    ).all()
    communes = _commune_names({row[3] for row in rows})
    ids = [
        offer_id
        for offer_id, title, host, commune in rows
        if (text := fold(f"{title} {host} {communes.get(commune, '')}")) and all(word in text for word in wanted)
    ]
    found = _slots(campaign_id, PlacementOffer.id.in_(ids))
    return found[:MOST_FOUND], len(found)


def _commune_names(commune_ids: Collection[int]) -> dict[int, str]:
    rows = db.session.execute(select(Commune.id, Commune.name).where(Commune.id.in_(sorted(commune_ids))))
    return dict(rows.tuples().all())


def proposal_of(run_id: int, student_id: int) -> PlacementProposal | None:
    """The live proposal of a student in a run."""
    return db.session.scalar(
        select(PlacementProposal)
        .where(
            PlacementProposal.run_id == run_id,
            PlacementProposal.student_id == student_id,
            PlacementProposal.state.in_(LIVE),
        )
        .options(joinedload(PlacementProposal.slot).joinedload(Slot.offer).joinedload(PlacementOffer.organization))
        .limit(1)
    )


def wished_places(campaign_id: int, student_id: int) -> list[tuple[int, Slot]]:
    """(rank, slot) of each slot of the student's wishes, best wish first."""
    wishes = wish_queries.ranked_offers([student_id]).get(student_id, [])
    ranks = {offer_id: rank for rank, offer_id in enumerate(wishes, 1)}
    found = _slots(campaign_id, PlacementOffer.id.in_(wishes))
    return sorted(((ranks[slot.offer_id], slot) for slot in found), key=lambda pair: (pair[0], pair[1].monday))


def place_of(campaign_id: int, slot_id: int) -> Slot | None:
    """A slot of the campaign with its offer, or None."""
    return next(iter(_slots(campaign_id, Slot.id == slot_id)), None)


def ban_on(campaign_id: int, student_id: int, slot_id: int) -> Ban | None:
    """The prohibition or the refusal that holds for this pair, the prohibition first."""
    found = ruling(student_id, slot_id)
    if found is not None and found.kind is RulingKind.FORBID:
        return Ban(found.reason, "", found.at)
    refused = db.session.scalar(
        select(PlacementProposal)
        .join(PlacementProposal.run)
        .where(
            MatchingRun.campaign_id == campaign_id,
            PlacementProposal.student_id == student_id,
            PlacementProposal.slot_id == slot_id,
            PlacementProposal.state == ProposalState.REFUSED,
        )
        .options(joinedload(PlacementProposal.decided_by))
        .order_by(PlacementProposal.id.desc())
        .limit(1)
    )
    if refused is None:
        return None
    who = refused.decided_by.display_name if refused.decided_by else ""
    return Ban(refused.decision_reason, who, refused.decided_at)


def seats_of(slot: Slot) -> Seats:
    approved = db.session.scalar(select(func.count(Approval.id)).where(Approval.slot_id == slot.id)) or 0
    return Seats(approved, slot.capacity)


def places_taken_away(run_id: int) -> dict[int, int]:
    """Student → slot of what the run had proposed and was refused, for those without a live proposal in the run."""
    rows = (
        db.session.execute(
            select(PlacementProposal.student_id, PlacementProposal.slot_id, PlacementProposal.state)
            .where(PlacementProposal.run_id == run_id)
            .order_by(PlacementProposal.id)
        )
        .tuples()
        .all()
    )
    live = {student for student, _slot, state in rows if state in LIVE}
    return {student: slot for student, slot, state in rows if state is ProposalState.REFUSED and student not in live}
