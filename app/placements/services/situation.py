"""What a loss takes, and what is left to mend it with: read afresh, in a fixed number of statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation.gateway import Problem
from app.allocation.services import mending
from app.allocation.services.mending import Situation
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.kernel.errors import Hidden, PhaseClosed
from app.offers.models import Slot
from app.placements import seals
from app.placements.models import Placement
from app.placements.queries import repair as queries
from app.placements.repair_rules import Cause, Loss
from app.placements.states import PlacementState

REPAIRS_ALLOWED = frozenset({Phase.PUBLISHED, Phase.UNDER_WAY})
_S = PlacementState
_MOVABLE = frozenset({_S.AWAITING, _S.CONFIRMED})  # told to people, and not begun
_SIGNED, _AGREED, _TOLD = 2, 1, 0  # how dear it is to move somebody


@dataclass(frozen=True, slots=True)
class Damage:
    """What a loss takes: placements to be undone, slots that close, students who need another place.

    `left_with_nothing`: students who keep no structure at all. Who keeps one of two is not `hit`: the matcher finds
    whole weeks, and people complete what is left of one.
    """

    undone: tuple[Placement, ...]
    slots: frozenset[int]
    hit: frozenset[int]
    seats_lost: Mapping[int, int]
    left_with_nothing: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    campaign: Campaign
    damage: Damage
    situation: Situation
    problem: Problem
    standing: tuple[Placement, ...]
    slots: Mapping[int, Slot]


def open_campaign(campaign_id: int, by: Actor) -> Campaign:
    campaign = queries.campaign(campaign_id)
    if campaign is None or not by.can(Permission.PLACEMENT_MANAGE, campaign):
        raise Hidden(_("Cette campagne n’existe pas."))
    if campaign.phase not in REPAIRS_ALLOWED:
        raise PhaseClosed(_("Une réparation vient après la publication, et avant la clôture de la campagne."))
    return campaign


def read(campaign_id: int, loss: Loss, by: Actor) -> Reading:
    """The situation as it is now, in a fixed number of statements."""
    campaign = open_campaign(campaign_id, by)
    standing = queries.standing(campaign_id)
    slots = {slot.id: slot for slot in queries.slots(campaign_id)}
    waiting = queries.without_place(campaign_id)
    damage = _damage(campaign_id, loss, standing, slots, waiting, by)
    situation = _situation(campaign_id, loss, damage, standing, slots, waiting)
    return Reading(campaign, damage, situation, mending.problem_of(campaign, situation), tuple(standing), slots)


def _damage(
    campaign_id: int,
    loss: Loss,
    standing: Collection[Placement],
    slots: Mapping[int, Slot],
    waiting: Collection[int],
    by: Actor,
) -> Damage:
    """What the loss takes. `Hidden` when its object is not of this campaign."""
    if loss.cause is Cause.UNDONE:
        return Damage((), frozenset(), frozenset(queries.undone(campaign_id) & set(waiting)), {})
    not_begun = [row for row in standing if row.state in _MOVABLE]
    closing: frozenset[int] = frozenset()
    if loss.cause in {Cause.PLACEMENT, Cause.STUDENT}:
        key = "id" if loss.cause is Cause.PLACEMENT else "student_id"
        taken = [row for row in not_begun if getattr(row, key) == loss.object_id]
        known = bool(taken)
    elif loss.cause is Cause.SCHOOL_WEEK:
        school = queries.school(loss.object_id)
        known = school is not None and by.can(Permission.PLACEMENT_MANAGE, school)
        taken = [
            row
            for row in not_begun
            if row.student.school_class.school_id == loss.object_id and row.slot.monday.isoformat() == loss.monday
        ]
    else:
        closing = frozenset(
            slot.id
            for slot in slots.values()
            if loss.object_id
            == {
                Cause.SLOT: slot.id,
                Cause.OFFER: slot.offer_id,
                Cause.ORGANIZATION: slot.offer.organization_id,
            }[loss.cause]
        )
        known = bool(closing)
        taken = [row for row in not_begun if row.slot_id in closing]
    if not known:
        raise Hidden(_("Ce que vous voulez réparer n’existe pas, ou a déjà commencé."))
    gone = {row.id for row in taken}
    kept = {row.student_id for row in standing if row.id not in gone}
    nothing = frozenset(row.student_id for row in taken) - kept
    hit = frozenset() if loss.cause is Cause.STUDENT else nothing
    lost = Counter(row.slot_id for row in taken) if loss.cause is Cause.PLACEMENT else Counter[int]()
    return Damage(tuple(taken), closing, hit, dict(lost), nothing)


def _situation(
    campaign_id: int,
    loss: Loss,
    damage: Damage,
    standing: Collection[Placement],
    slots: Mapping[int, Slot],
    waiting: Collection[int],
) -> Situation:
    """Who may move, and how many seats are open to them: those of people who stay put are no part of it."""
    gone = {row.id for row in damage.undone}
    stops = Counter(row.student_id for row in standing)
    approved = queries.approved(campaign_id)
    movable = [
        row
        for row in standing
        if row.id not in gone
        and row.state in _MOVABLE
        and row.holds_approval
        and stops[row.student_id] == 1
        and row.student_id in approved
        and slots[row.slot_id].offer.is_public
    ]
    vacated = Counter(row.slot_id for row in (*movable, *damage.undone))
    seats = {
        slot.id: slot.capacity - slot.taken + vacated[slot.id] - damage.seats_lost.get(slot.id, 0)
        for slot in slots.values()
        if slot.offer.is_public and slot.id not in damage.slots
    }
    sealed = seals.among([row.id for row in movable if row.state is _S.CONFIRMED])
    refused = queries.refused_pairs(campaign_id)
    if loss.cause is Cause.PLACEMENT:
        refused |= {(row.student_id, row.slot_id) for row in damage.undone}
    return Situation(
        holders={row.student_id: row.slot_id for row in movable},
        hit=damage.hit,
        waiting=frozenset(waiting) - damage.hit,
        seats=seats,
        refused=frozenset(refused),
        firmness={
            row.student_id: _SIGNED if row.id in sealed else _AGREED if row.state is _S.CONFIRMED else _TOLD
            for row in movable
        },
        closed_weeks={student: frozenset({loss.monday}) for student in damage.hit} if loss.monday else {},
    )
