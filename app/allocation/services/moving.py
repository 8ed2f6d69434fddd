"""Changing places by hand: only what the hard rules allow is offered, and what is chosen is approved at once."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation import gateway, queries
from app.allocation.models import MatchingRun, PlacementProposal
from app.allocation.rules import Parameters
from app.allocation.services.deciding import seat, step, take, unseat
from app.allocation.services.storing import stored_reasons
from app.allocation.states import PROPOSALS, ProposalState
from app.campaigns.states import DECISIONS_ALLOWED
from app.kernel.database import db, locked, reading, release, transaction
from app.kernel.errors import Conflict, Hidden, PhaseClosed
from app.offers.models import Slot
from app.schools.models import Student
from app.wishes import queries as wish_queries

MOST_SWAPS = 30


@dataclass(frozen=True, slots=True)
class Option:
    """A place somebody may be moved to. `rank`: among the student's wishes; `free`: seats nobody is proposed for."""

    slot: Slot
    rank: int | None
    free: int


@dataclass(frozen=True, slots=True)
class Swap:
    """Another student with whom the places may be exchanged, and the wish each would then have."""

    other: PlacementProposal
    mine: int | None
    theirs: int | None


def possible_places(run: MatchingRun, student_id: int, but_slot: int | None = None) -> list[Option]:
    """The places with a seat left that the hard rules allow this student, wished ones first."""
    problem = queries.market(run.campaign, Parameters(), only={student_id})
    ids = {int(place.id) for place in gateway.feasible_places(problem, str(student_id))} - {but_slot}
    seats = queries.seats_in_play(run.id, {i for i in ids if i is not None}, but_student=student_id)
    free = {slot_id: number for slot_id, number in seats.items() if number > 0}
    ranks = _ranks(student_id)
    options = [Option(slot, ranks.get(slot.offer_id), free[slot.id]) for slot in queries.places_on_hand(free)]
    return sorted(options, key=lambda o: (o.rank is None, o.rank or 0))


def possible_swaps(proposal: PlacementProposal) -> list[Swap]:
    """The students of the run with whom an exchange breaks no hard rule, best for both wishes first."""
    run = proposal.run
    mine = queries.market(run.campaign, Parameters(), only={proposal.student_id})
    open_to_me = {int(place.id) for place in gateway.feasible_places(mine, str(proposal.student_id))}
    others = queries.swappable(run.id, open_to_me, proposal.slot_id)
    theirs = queries.market(run.campaign, Parameters(), only={other.student_id for other in others})
    welcome = gateway.who_may_take(theirs, str(proposal.slot_id))
    my_ranks = _ranks(proposal.student_id)
    wishes = wish_queries.ranked_offers([other.student_id for other in others])
    swaps = []
    for other in others:
        if str(other.student_id) in welcome:
            ranks = {offer: rank for rank, offer in enumerate(wishes.get(other.student_id, []), 1)}
            swaps.append(Swap(other, my_ranks.get(other.slot.offer_id), ranks.get(proposal.slot.offer_id)))
    swaps.sort(key=lambda s: ((s.mine or 9) + (s.theirs or 9), s.other.student.last_name, s.other.id))
    return swaps[:MOST_SWAPS]


def move(proposal_id: int, slot_id: int, reason: str, *, by: Actor) -> PlacementProposal:
    """Give the student another place and approve it. Raises `Conflict` when it is not feasible, `SlotFull`."""
    proposal = _found(proposal_id)
    by.demand(Permission.PROPOSAL_DECIDE, proposal)
    run_id, student_id = proposal.run_id, proposal.student_id
    assessed = _assess(proposal.run, student_id, slot_id)
    with transaction():
        _lock_in_order(slot_id, proposal.slot_id)
        proposal = take(proposal_id, by)
        if proposal.state is ProposalState.MOVED:
            current = queries.approval_of(student_id)
            if current is not None and current.slot_id == slot_id:
                return current.proposal
        if slot_id == proposal.slot_id:
            raise Conflict(_("C’est déjà la place de cet élève."))
        _leave(proposal, by=by, reason=reason)
        return _settle(run_id, student_id, slot_id, assessed, by=by, reason=reason)


def swap(proposal_id: int, other_id: int, reason: str, *, by: Actor) -> None:
    """Exchange the places of two students and approve both. Raises `Conflict` when one may not take the other's."""
    first, second = _found(proposal_id), _found(other_id)
    by.demand(Permission.PROPOSAL_DECIDE, first)
    by.demand(Permission.PROPOSAL_DECIDE, second)
    if first.run_id != second.run_id or first.student_id == second.student_id:
        raise Conflict(_("Ces deux propositions ne peuvent pas être échangées."))
    run_id, a, b, slot_a, slot_b = (
        first.run_id,
        first.student_id,
        second.student_id,
        first.slot_id,
        second.slot_id,
    )
    run = first.run
    for_a = _assess(run, a, slot_b)
    for_b = _assess(run, b, slot_a)
    with transaction():
        _lock_in_order(slot_a, slot_b)
        first, second = take(proposal_id, by), take(other_id, by)
        held = [queries.approval_of(student) for student in (a, b)]
        if [approval and approval.slot_id for approval in held] == [slot_b, slot_a]:
            return  # the same exchange, sent twice
        for proposal in (first, second):
            _leave(proposal, by=by, reason=reason)
        _settle(run_id, a, slot_b, for_a, by=by, reason=reason)
        _settle(run_id, b, slot_a, for_b, by=by, reason=reason)


def place_by_hand(run: MatchingRun, student_id: int, slot_id: int, reason: str, *, by: Actor) -> PlacementProposal:
    """Give a place to a student whom the run left out, and approve it."""
    student = db.session.get(Student, student_id)
    if student is None:
        raise Hidden(_("Cet élève n’existe pas."))
    by.demand(Permission.PROPOSAL_DECIDE, student)
    by.demand(Permission.PROPOSAL_DECIDE, run)
    run_id = run.id
    assessed = _assess(run, student_id, slot_id)
    with transaction():
        _lock_in_order(slot_id)
        held = queries.approval_of(student_id)
        if held is not None and held.slot_id == slot_id:
            return held.proposal
        return _settle(run_id, student_id, slot_id, assessed, by=by, reason=reason)


def _found(proposal_id: int) -> PlacementProposal:
    proposal = db.session.get(PlacementProposal, proposal_id)
    if proposal is None:
        raise Hidden(_("Cette proposition n’existe pas."))
    return proposal


def _ranks(student_id: int) -> dict[int, int]:
    wishes = wish_queries.ranked_offers([student_id]).get(student_id, [])
    return {offer: rank for rank, offer in enumerate(wishes, 1)}


def _assess(run: MatchingRun, student_id: int, slot_id: int) -> gateway.Placement:
    """What the matcher says of this pair, computed before the transaction. Raises `Conflict` when not feasible."""
    with reading():
        release()
        if run.campaign.phase not in DECISIONS_ALLOWED:
            raise PhaseClosed(_("Les décisions se prennent une fois les vœux clos, et jusqu’au début des stages."))
        problem = queries.market(run.campaign, Parameters(), only={student_id}, weights=queries.weights_of(run))
        release()
    if str(slot_id) not in {place.id for place in gateway.feasible_places(problem, str(student_id))}:
        raise Conflict(_("Cette place ne convient pas à cet élève : semaine, niveau, distance ou refus précédent."))
    return gateway.assess(problem, str(student_id), str(slot_id))


def _lock_in_order(*slot_ids: int) -> None:
    for slot_id in sorted(set(slot_ids)):
        locked(Slot, slot_id)


def _leave(proposal: PlacementProposal, *, by: Actor, reason: str) -> None:
    was_approved = proposal.state is ProposalState.APPROVED
    step(proposal, "move", by=by, reason=reason)
    if was_approved:
        unseat(proposal)
    db.session.flush()


def _settle(
    run_id: int, student_id: int, slot_id: int, assessed: gateway.Placement, *, by: Actor, reason: str
) -> PlacementProposal:
    """The proposal of this pair in this run, made if need be, and approved."""
    proposal = queries.proposal_for(run_id, student_id, slot_id)
    if proposal is None:
        proposal = PlacementProposal(run_id=run_id, student_id=student_id, slot_id=slot_id, score=assessed.score)
        db.session.add(proposal)
    proposal.score = min(max(float(assessed.score), 0.0), 1.0)
    proposal.wish_rank, proposal.distance_km = assessed.rank, assessed.distance_km
    proposal.reasons = stored_reasons(assessed)
    db.session.flush()
    if proposal.state in PROPOSALS["propose_again"].sources:
        step(proposal, "propose_again", by=by, reason=reason)
    seat(take(proposal.id, by), by=by, reason=reason)
    return proposal
