"""What a coordinator decides about a proposal. Locks are taken in one order: slots by number, then proposals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation import queries
from app.allocation.models import Approval, Motive, PlacementProposal
from app.allocation.states import PROPOSALS, ProposalState
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.campaigns.states import DECISIONS_ALLOWED
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Hidden, Invalid, PhaseClosed, SlotFull
from app.offers.models import Slot

_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Bulk:
    """What became of many approvals: how many, and for those that could not be, the student and why."""

    approved: int
    refused: tuple[tuple[str, str], ...]


def approve(proposal_id: int, *, by: Actor) -> PlacementProposal:
    """Give the proposal's seat to its student, for good until withdrawn.

    Raises `SlotFull` naming who has the seat, `Conflict` when the student holds another place, `IllegalTransition`.
    """
    with transaction():
        proposal = take(proposal_id, by)
        if proposal.state is not ProposalState.APPROVED:
            seat(proposal, by=by)
        return proposal


def approve_many(proposal_ids: Iterable[int], *, by: Actor) -> Bulk:
    """Approve each in turn; one that is impossible stops no other. Few at a time, so that nobody waits for the rest."""
    approved, refused = 0, []
    ids = list(proposal_ids)
    for start in range(0, len(ids), _AT_ONCE):
        with transaction():
            for proposal_id in ids[start : start + _AT_ONCE]:
                try:
                    with db.session.begin_nested():
                        proposal = take(proposal_id, by)
                        if proposal.state is ProposalState.APPROVED:
                            continue
                        seat(proposal, by=by)
                    approved += 1
                except PhaseClosed:
                    raise
                except Conflict as error:
                    refused.append((_student_name(proposal_id), error.message))
    return Bulk(approved, tuple(refused))


def refuse(proposal_id: int, reason: str, *, by: Actor, motive: Motive | None = None) -> PlacementProposal:
    """Set the proposal aside: no later run proposes this pair again. Frees the seat when it was approved.

    `motive` is what learning may read of it: `reason` is a sentence for people.
    """
    with transaction():
        proposal = _set_aside(proposal_id, "refuse", reason, by)
        proposal.motive = motive
        return proposal


def withdraw(proposal_id: int, reason: str, *, by: Actor) -> PlacementProposal:
    """Come back on an approval: the seat is free again, the proposal stands to be decided."""
    return _set_aside(proposal_id, "withdraw", reason, by)


def reopen(proposal_id: int, reason: str, *, by: Actor) -> PlacementProposal:
    """Propose again what was refused or moved."""
    return _set_aside(proposal_id, "propose_again", reason, by)


def mark_published(campaign_id: int, student_ids: Iterable[int]) -> None:
    """Note that these students' approvals have been told to people (called inside the publication)."""
    with transaction() as session:
        session.execute(
            update(Approval)
            .where(
                Approval.campaign_id == campaign_id,
                Approval.student_id.in_(sorted(student_ids)),
                Approval.published_at.is_(None),
            )
            .values(published_at=clock.now())
        )


def _set_aside(proposal_id: int, action: str, reason: str, by: Actor) -> PlacementProposal:
    with transaction():
        proposal = take(proposal_id, by)
        if proposal.state is PROPOSALS[action].target:
            return proposal
        was_approved = proposal.state is ProposalState.APPROVED
        step(proposal, action, by=by, reason=reason)
        proposal.motive = None
        if was_approved:
            unseat(proposal)
        return proposal


def take(proposal_id: int, by: Actor) -> PlacementProposal:
    """The proposal, its slot and itself locked, once it is sure that it may be decided upon now."""
    slot_id = queries.slot_of(proposal_id)
    if slot_id is None:
        raise Hidden(_("Cette proposition n’existe pas."))
    locked(Slot, slot_id)
    proposal = locked(PlacementProposal, proposal_id)
    assert proposal is not None
    by.demand(Permission.PROPOSAL_DECIDE, proposal)
    campaign = _unchanging(proposal.run.campaign_id)
    if campaign.phase not in DECISIONS_ALLOWED:
        raise PhaseClosed(
            _("Les décisions se prennent une fois les vœux clos, et jusqu’au début des stages. Rien n’a changé.")
        )
    current = queries.latest_done(campaign.id)
    if current is None or current.id != proposal.run_id:
        raise Conflict(_("Un calcul plus récent a remplacé celui-ci. Décidez sur les propositions du dernier calcul."))
    return proposal


def _unchanging(campaign_id: int) -> Campaign:
    """The campaign, whose phase and latest run stay what they are until the end of this transaction."""
    campaign = db.session.get(Campaign, campaign_id, with_for_update={"read": True}, populate_existing=True)
    assert campaign is not None
    return campaign


def step(proposal: PlacementProposal, action: str, *, by: Actor, reason: str = "") -> None:
    """Move the proposal along its table, and journal it. Raises `IllegalTransition`, `Invalid` without a reason."""
    transition = PROPOSALS.step(proposal.state, action)
    if transition.needs_reason and not reason.strip():
        sentence = _("Dites pourquoi en une phrase : elle est gardée dans le journal.")
        raise Invalid(sentence, {"reason": sentence})
    before, proposal.state = proposal.state, transition.target
    proposal.decided_by_id, proposal.decided_at = by.user_id, clock.now()
    proposal.decision_reason = reason.strip()
    audit.record(
        f"proposal.{action}",
        proposal,
        by=by,
        from_state=before,
        to_state=proposal.state,
        reason=reason.strip(),
        student=proposal.student_id,
        slot=proposal.slot_id,
    )


def seat(proposal: PlacementProposal, *, by: Actor, reason: str = "") -> None:
    """Approve, taking a seat of the slot, which the caller has locked. The constraints refuse what slips through."""
    held = queries.approval_of(proposal.student_id)
    if held is not None:
        raise Conflict(_already_placed(held))
    slot = locked(Slot, proposal.slot_id)
    assert slot is not None
    if slot.taken >= slot.capacity:
        raise SlotFull(_who_has_it(slot.id))
    step(proposal, "approve", by=by, reason=reason)
    try:
        with db.session.begin_nested():
            slot.taken += 1
            db.session.add(
                Approval(
                    campaign_id=proposal.run.campaign_id,
                    student_id=proposal.student_id,
                    slot_id=slot.id,
                    proposal_id=proposal.id,
                    approved_by_id=by.user_id,
                )
            )
    except IntegrityError as error:
        other = queries.approval_of(proposal.student_id)
        if other is not None:
            raise Conflict(_already_placed(other)) from error
        raise SlotFull(_who_has_it(proposal.slot_id)) from error


def unseat(proposal: PlacementProposal) -> None:
    """Free the seat of an approved proposal, unless people have been told."""
    approval = queries.approval_of(proposal.student_id)
    if approval is None:
        return
    if approval.published_at is not None:
        raise Conflict(_("Cette affectation est publiée : l’élève, sa famille et la structure la connaissent."))
    slot = locked(Slot, approval.slot_id)
    assert slot is not None
    slot.taken -= 1
    db.session.delete(approval)
    db.session.flush()


def _who_has_it(slot_id: int) -> str:
    holder = queries.latest_holder(slot_id)
    if holder is None:
        return _("Cette place vient d’être prise.")
    who = holder.approved_by.display_name if holder.approved_by else _("la coordination")
    at = holder.approved_at.astimezone(clock.PARIS)
    return _(
        "Cette place vient d’être attribuée à %(student)s par %(who)s à %(hour)s. Choisissez une autre place.",
        student=holder.student.full_name,
        who=who,
        hour=f"{at.hour}\u00a0h\u00a0{at.minute:02d}",
    )


def _already_placed(approval: Approval) -> str:
    return _(
        "%(student)s a déjà une place approuvée : « %(offer)s », chez %(host)s.",
        student=approval.student.full_name,
        offer=approval.slot.offer.title,
        host=approval.slot.offer.organization.name,
    )


def _student_name(proposal_id: int) -> str:
    proposal = db.session.get(PlacementProposal, proposal_id)
    return proposal.student.full_name if proposal else ""
