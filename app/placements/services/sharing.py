"""A week shared among structures: a second one is added, days go from one to the other, or back to the only one left.

What is added takes its seat itself: an approval is one student's one place. The room above follows: an agreement that
no longer says where the student goes is made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Hidden, Invalid, SlotFull
from app.offers.models import Slot
from app.placements import hours, queries, seals
from app.placements.models import Placement
from app.placements.services import codes, lawful, telling
from app.placements.services.moving import demanded_reason, take_seat
from app.placements.states import PlacementState
from app.placements.week_rules import Division, Place, problems
from app.regulations.schedules import WEEKDAYS, Schedule, ScheduleError

NEW = "nouvelle"  # the key of a structure that joins the week
_MAY_CHANGE = frozenset({PlacementState.AWAITING, PlacementState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Week:
    """A student's placements of one week, in the order of their stops."""

    placements: Sequence[Placement]

    @property
    def monday(self) -> date:
        return self.placements[0].slot.monday

    def division(self) -> Division:
        """Who has which day now."""
        return Division({day: str(row.id) for row in self.placements for day in row.weekdays})

    def places(self, joining: Slot | None = None) -> dict[str, Place]:
        """Key → structure, with the one which joins."""
        found = {str(row.id): _place(row.slot) for row in self.placements}
        return found | ({NEW: _place(joining)} if joining is not None else {})


def _place(slot: Slot) -> Place:
    return Place(slot.offer.organization.name, slot.offer.hours.weekdays)


def week_of(placement: Placement) -> Week:
    return Week(sorted([placement, *queries.weekmates(placement)], key=lambda row: row.stop))


def why_not(week: Week) -> str:
    """Why the days of this week can no longer change; empty when they can."""
    if week.monday <= clock.today():
        return _("Cette semaine a commencé : ses jours ne changent plus ici.")
    if any(row.state not in _MAY_CHANGE for row in week.placements):
        return _("Un stage de cette semaine n’est pas encore vérifié, ou n’a plus lieu.")
    if seals.among([row.id for row in week.placements]):
        return _("La convention est signée par tous. Le collège l’annule d’abord, puis vous changez les jours.")
    return ""


def arrange(placement_id: int, division: Division, slot_id: int | None, reason: str, *, by: Actor) -> Week:
    """Give each day of the week to a structure; with `slot_id`, one more joins the week under the key `NEW`.

    The structure that joins gets a seat, a placement and a question of its own, and so does the family; those whose
    days change are told. The same arrangement twice changes nothing.
    Raises `Invalid` by day, `SlotFull`, `Conflict` when the week has begun, is signed, or the law forbids it.
    """
    with transaction():
        week = _hold(placement_id, slot_id, by)
        reason = demanded_reason(reason)
        joining = _joining(week, slot_id)
        if slot_id is not None and joining is None:
            division = _named(division, next(row for row in week.placements if row.slot_id == slot_id))
        refusal = why_not(week)
        if refusal:
            raise Conflict(refusal)
        refused = problems(division, week.places(joining))
        if refused:
            raise Invalid(_("Cette semaine ne va pas encore."), refused)
        _demand_lawful(week, joining, division)
        changed = [row for row in week.placements if _set_days(row, division.of(str(row.id)), week, joining)]
        made = _join(week, joining, division.of(NEW), reason, by) if joining is not None else None
        for row in changed:
            audit.record("placement.arrange", row, by=by, reason=reason, days=row.days, student=row.student_id)
        if not changed and made is None:
            return week
        whole = Week([*week.placements, made]) if made is not None else week
        telling.tell_arranged(whole.placements, changed, made)
        return whole


def _hold(placement_id: int, slot_id: int | None, by: Actor) -> Week:
    """The week under lock: campaign (shared), slots by number, placements by number."""
    found = queries.seat_of(placement_id)
    if found is None:
        raise Hidden(_("Ce stage n’existe pas."))
    campaign_id, own_slot = found
    db.session.get(Campaign, campaign_id, with_for_update={"read": True}, populate_existing=True)
    for key in sorted({own_slot, slot_id or own_slot}):
        locked(Slot, key)
    placement = locked(Placement, placement_id)
    assert placement is not None
    by.demand(Permission.PLACEMENT_MANAGE, placement)
    week = week_of(placement)
    for row in sorted(week.placements, key=lambda row: row.id):
        locked(Placement, row.id)
    return week


def _joining(week: Week, slot_id: int | None) -> Slot | None:
    """The place that joins the week; None when there is none, or when it has joined already."""
    if slot_id is None or any(row.slot_id == slot_id for row in week.placements):
        return None
    slot, first = db.session.get(Slot, slot_id), week.placements[0]
    if slot is None or slot.offer.campaign_id != first.campaign_id or not slot.offer.is_public:
        raise Hidden(_("Cette place n’existe pas."))
    if slot.monday != week.monday or first.student.school_class.level not in slot.offer.level_list:
        sentence = _("Cette place n’est pas de la même semaine, ou pas pour ce niveau.")
        raise Invalid(sentence, {"slot_id": sentence})
    if any(row.slot.offer_id == slot.offer_id for row in week.placements):
        sentence = _("Cette offre est déjà dans la semaine.")
        raise Invalid(sentence, {"slot_id": sentence})
    return slot


def _named(division: Division, row: Placement) -> Division:
    """The same division, said of the placement that the first click has made."""
    return Division({day: str(row.id) if key == NEW else key for day, key in division.days.items()})


def _demand_lawful(week: Week, joining: Slot | None, division: Division) -> None:
    plans = [hours.ordinary(row, division.of(str(row.id))) for row in week.placements]
    if joining is not None:
        plans.append(hours.of_week(joining, division.of(NEW)))
    try:
        stopping = lawful.forbidden(week.placements[0].student, Schedule.joined(plans), week.monday)
    except ScheduleError:  # two structures on one day: `problems` has refused it
        raise Conflict(_("Deux structures attendent l’élève aux mêmes heures.")) from None
    if stopping:
        sentence = " ".join(stopping)
        raise Invalid(sentence, {"days": sentence})


def _set_days(row: Placement, days: tuple[int, ...], week: Week, joining: Slot | None) -> bool:
    """Write the days of one placement; whether they changed. A structure alone with all its days has a whole week."""
    alone = joining is None and len(week.placements) == 1
    before = row.weekdays
    row.days = "" if alone and days == row.slot.offer.hours.weekdays else written(days)
    return days != before


def free_stop(placements: Sequence[Placement]) -> int:
    """The number of a structure that joins these: zero is kept for what the matcher approved."""
    taken = {row.stop for row in placements}
    return next(n for n in range(1, 9) if n not in taken)


def give_way(placement: Placement, *, by: Actor) -> tuple[list[Placement], list[Placement]]:
    """The other placements of the week leave the days of this one, a find that has been verified: (all of them, those
    whose days change). Raises `Conflict` when they cannot. Inside the caller's transaction.
    """
    others = [locked(Placement, row.id) or row for row in queries.weekmates(placement)]
    if not others:
        return [], []
    refusal = why_not(Week(others))
    if refusal:
        raise Conflict(refusal)
    changed = []
    for row in others:
        before, kept = row.weekdays, left_beside(row, placement.weekdays)
        if not kept:
            raise Conflict(_("%(name)s n’aurait plus de jour.", name=row.slot.offer.organization.name))
        row.days = written(kept)
        if kept != before:
            changed.append(row)
            audit.record("placement.arrange", row, by=by, days=row.days, student=row.student_id)
    return others, changed


def left_beside(row: Placement, days: Sequence[int]) -> tuple[int, ...]:
    """The weekdays that a placement keeps when another structure of the week takes these."""
    return tuple(day for day in row.weekdays if day not in days)


def written(days: tuple[int, ...]) -> str:
    return ",".join(WEEKDAYS[day] for day in days)


def _join(week: Week, slot: Slot, days: tuple[int, ...], reason: str, by: Actor) -> Placement:
    first = week.placements[0]
    take_seat(slot)
    placement = Placement(
        territory_id=first.territory_id,
        campaign_id=first.campaign_id,
        student_id=first.student_id,
        student=first.student,
        slot=slot,
        stop=free_stop(week.placements),
        days=written(days),
    )
    try:
        with db.session.begin_nested():
            db.session.add(placement)
    except IntegrityError:  # the CHECK of the slot, or the student's one placement a stop
        raise SlotFull(_("Cette place n’est plus libre.")) from None
    codes.issue([placement])
    audit.record("placement.join", placement, by=by, to_state=placement.state, reason=reason, student=first.student_id)
    return placement
