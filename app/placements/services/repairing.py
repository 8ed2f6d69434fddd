"""A repair: what was lost, the ways to mend it, and the one that a coordinator accepts.

The plan shown and the plan accepted are the same by their digest: when anything they depend on has changed meanwhile,
nothing is done and a new plan is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from app.access.actor import Actor
from app.allocation import services as allocation
from app.allocation.services import mending
from app.allocation.services.mending import Way, Ways
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.kernel.database import db, locked, reading, release, transaction
from app.kernel.errors import Conflict, Hidden
from app.offers.models import Slot
from app.placements.models import Placement
from app.placements.queries import repair as queries
from app.placements.repair_rules import Cause, Choice, Figures, Loss
from app.placements.services import codes, repair_telling
from app.placements.services.moving import demanded_reason, release_seat, step
from app.placements.services.situation import Damage, Reading, open_campaign, read
from app.schools.models import Student
from app.schools.services import schools as school_services


@dataclass(frozen=True, slots=True)
class Plan:
    """What is lost and the ways to mend it, with everybody and every place they speak of."""

    loss: Loss
    damage: Damage
    ways: Ways
    students: Mapping[int, Student]
    slots: Mapping[int, Slot]
    held: Mapping[int, int]
    firmness: Mapping[int, int]
    placed: int

    def way(self, choice: Choice) -> Way:
        return _chosen(self.ways, self.damage, choice)

    def figures(self, choice: Choice) -> Figures:
        way = self.way(choice)
        return Figures(self.placed, len(self.damage.left_with_nothing), way.helped, way.moved, len(way.left))

    @property
    def choices(self) -> list[Choice]:
        """The ways that place somebody and differ from one another, the smallest chain first; then to place nobody."""
        found = [Choice.CHAIN] if self.ways.chain.moves else []
        if self.ways.still.moves and self.ways.still.moves != self.ways.chain.moves:
            found.append(Choice.STILL)
        if self.ways.wide.helped > self.ways.chain.helped:
            found.append(Choice.WIDE)
        return [*found, Choice.NONE] if self.damage.undone else found


def _chosen(ways: Ways, damage: Damage, choice: Choice) -> Way:
    return {
        Choice.CHAIN: ways.chain,
        Choice.STILL: ways.still,
        Choice.WIDE: ways.wide,
        Choice.NONE: Way({}, tuple(sorted(damage.hit))),
    }[choice]


def plan(campaign_id: int, loss: Loss, *, by: Actor) -> Plan:
    """The ways to mend this loss, computed at once. Raises `Hidden`, `PhaseClosed`, `Conflict`."""
    seen = read(campaign_id, loss, by)
    ways = mending.ways(seen.problem, seen.situation)
    concerned = {student for way in (ways.chain, ways.still, ways.wide) for student in way.moves}
    return Plan(
        loss=loss,
        damage=seen.damage,
        ways=ways,
        students=queries.students(concerned | seen.damage.hit | {row.student_id for row in seen.damage.undone}),
        slots=seen.slots,
        held={row.student_id: row.slot_id for row in reversed(seen.standing)} | _lost(seen.damage),
        firmness=seen.situation.firmness,
        placed=len({row.student_id for row in seen.standing}),
    )


def _lost(damage: Damage) -> dict[int, int]:
    return {row.student_id: row.slot_id for row in damage.undone}


def accept(campaign_id: int, loss: Loss, choice: Choice, digest: str, reason: str, *, by: Actor) -> int:
    """Carry out the plan with this digest, whole or not at all; how many students changed place or got one.

    Raises `Conflict` when the situation is no longer the one of the plan, `Invalid` without a reason. The same plan
    accepted twice is carried out once.
    """
    reason = demanded_reason(reason)
    with reading():
        release()
        open_campaign(campaign_id, by)
        seen = _read_again(campaign_id, loss, choice, digest, by)
        ways = mending.ways(seen.problem, seen.situation) if seen else None
        release()
    if seen is None or ways is None:
        return 0
    with transaction():
        locked(Campaign, campaign_id)  # nobody answers, publishes, decides or repairs meanwhile
        seen = _read_again(campaign_id, loss, choice, digest, by)
        if seen is None:
            return 0
        way = _chosen(ways, seen.damage, choice)
        if not way.moves and not seen.damage.undone:
            raise Conflict(_("Il n’y a rien à changer."))
        return _carry_out(seen, loss, choice, way, digest, reason, by)


def _read_again(campaign_id: int, loss: Loss, choice: Choice, digest: str, by: Actor) -> Reading | None:
    """The situation, while it is the one of the plan; None when this very plan has been carried out already."""
    try:
        seen = read(campaign_id, loss, by)
    except Hidden:  # what was lost is undone by now
        seen = None
    if seen is not None and mending.digest(seen.problem, seen.situation) == digest:
        return seen
    if digest and queries.accepted(campaign_id, digest, choice):
        return None
    raise Conflict(
        _("La situation a changé depuis que ce plan a été calculé. Rien n’a été fait : voici le nouveau plan.")
    )


def _carry_out(seen: Reading, loss: Loss, choice: Choice, way: Way, digest: str, reason: str, by: Actor) -> int:
    campaign, damage = seen.campaign, seen.damage
    moving = {student for student, (before, _after) in way.moves.items() if before is not None}
    moved = [row for row in seen.standing if row.student_id in moving]
    touched = {row.slot_id for row in (*damage.undone, *moved)} | {after for _b, after in way.moves.values()}
    for slot_id in sorted(touched | damage.slots):
        locked(Slot, slot_id)
    former = [*damage.undone, *moved]
    mending.note(campaign.id, seen.problem, {student: after for student, (_b, after) in way.moves.items()})
    for row in former:
        step(row, "cancel", by=by, reason=reason)
        release_seat(row, by=by, reason=reason, give_up=row.slot_id in damage.seats_lost)
    for slot_id in sorted(damage.slots):
        slot = db.session.get_one(Slot, slot_id)
        if slot.capacity > slot.taken:
            slot.capacity = slot.taken
            audit.record("slot.give_up", slot, by=by, reason=reason, capacity=slot.capacity)
    if loss.cause is Cause.SCHOOL_WEEK:
        school = queries.school(loss.object_id)
        assert school is not None
        school_services.close_week(school, campaign, date.fromisoformat(loss.monday), reason, by=by)
    made = [_place(campaign, student, after, reason, by) for student, (_b, after) in sorted(way.moves.items())]
    codes.issue(made)
    audit.record(
        queries.ACCEPTED,
        campaign,
        by=by,
        reason=reason,
        cause=loss.cause,
        object=loss.object_id,
        choice=choice,
        digest=digest,
        moved=len(moved),
        placed=len(made),
        undone=len(damage.undone),
    )
    repair_telling.tell(made, former)
    return len(made)


def _place(campaign: Campaign, student_id: int, slot_id: int, reason: str, by: Actor) -> Placement:
    allocation.give(student_id, slot_id, reason, by=by)
    placement = Placement(
        territory_id=campaign.territory_id,
        campaign_id=campaign.id,
        student_id=student_id,
        slot_id=slot_id,
        student=db.session.get_one(Student, student_id),
        slot=db.session.get_one(Slot, slot_id),
    )
    db.session.add(placement)
    db.session.flush()
    audit.record("placement.place", placement, by=by, to_state=placement.state, reason=reason, student=student_id)
    return placement
