"""Reading what the stage itself needs: sheets, calendars, who is called, visits, absences, accidents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.access.visibility import visible
from app.accounts.models import User
from app.audit.models import JournalEntry
from app.campaigns.models import Commune, Territory
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from app.placements.queries.reading import COLUMNS, joined, visible_to
from app.placements.stage_models import Absence, Accident, FollowUp
from app.placements.stage_states import FollowUpState
from app.placements.states import LIVE, TOLD, PlacementState
from app.schools.models import ClassTeacher, SchoolClass, SchoolStaff, StaffRole, Student

_S = PlacementState
# A calendar also says that a stage was called off; a find not yet verified is nobody's appointment.
ANNOUNCED = TOLD | {_S.DECLINED, _S.REFUSED, _S.CANCELLED, _S.INTERRUPTED}
HAPPENING = frozenset({_S.CONFIRMED, _S.UNDER_WAY})


def told(actor: Actor, placement_id: int) -> Placement:
    """A placement which stands and which the actor sees, or `Hidden`."""
    placement = db.session.scalar(
        visible_to(actor)
        .where(Placement.id == placement_id, Placement.state.in_(TOLD))
        .options(joinedload(Placement.campaign))
    )
    actor.reveal(Permission.PLACEMENT_VIEW, placement)
    assert placement is not None
    return placement


def of_student_told(actor: Actor, student_id: int) -> list[Placement]:
    """The student's placements which stand, in the order of the calendar."""
    statement = visible_to(actor).where(Placement.student_id == student_id, Placement.state.in_(TOLD))
    return list(db.session.scalars(statement.order_by(Slot.monday, Placement.id)))


def announced(
    actor: Actor, *, student_id: int | None = None, class_id: int | None = None, campaign_id: int | None = None
) -> list[Placement]:
    """What a calendar shows the actor: what stands, and what was told and called off."""
    statement = visible_to(actor).where(Placement.state.in_(ANNOUNCED))
    if student_id is not None:
        statement = statement.where(Placement.student_id == student_id)
    if class_id is not None:
        statement = statement.where(Student.class_id == class_id)
    if campaign_id is not None:
        statement = statement.where(Placement.campaign_id == campaign_id)
    return list(db.session.scalars(statement.order_by(Slot.monday, Placement.id)))


def last_changes(placement_ids: Collection[int]) -> dict[int, datetime]:
    """Placement id → when the journal last spoke of it."""
    rows = db.session.execute(
        select(JournalEntry.object_id, func.max(JournalEntry.at))
        .where(JournalEntry.object_type == "Placement", JournalEntry.object_id.in_(sorted(placement_ids)))
        .group_by(JournalEntry.object_id)
    )
    return dict(rows.tuples().all())


def towns(territory_id: int) -> list[Commune]:
    return list(db.session.scalars(select(Commune).where(Commune.territory_id == territory_id).order_by(Commune.name)))


def territory(territory_id: int) -> Territory:
    return db.session.get_one(Territory, territory_id)


def heads(school_id: int) -> list[User]:
    return _staff(
        select(User)
        .join(SchoolStaff, SchoolStaff.user_id == User.id)
        .where(SchoolStaff.school_id == school_id, SchoolStaff.role == StaffRole.HEAD)
    )


def class_teachers(class_id: int) -> list[User]:
    return _staff(
        select(User).join(ClassTeacher, ClassTeacher.user_id == User.id).where(ClassTeacher.class_id == class_id)
    )


def school_staff(school_id: int) -> list[User]:
    """Who may visit or call: everybody of the school who has an account."""
    return _staff(
        select(User).join(SchoolStaff, SchoolStaff.user_id == User.id).where(SchoolStaff.school_id == school_id)
    )


def _staff(statement: Select[tuple[User]]) -> list[User]:
    return list(db.session.scalars(statement.where(User.is_active).order_by(User.display_name, User.id).distinct()))


def followed(actor: Actor, campaign_id: int) -> list[Placement]:
    """The placements which stand and that the actor follows, by class and name."""
    statement = joined().where(
        visible(actor, Permission.PLACEMENT_FOLLOW, COLUMNS),
        Placement.campaign_id == campaign_id,
        Placement.state.in_(LIVE),
    )
    return list(
        db.session.scalars(
            statement.order_by(SchoolClass.school_id, SchoolClass.name, Student.last_name, Student.first_name)
        )
    )


def follow_ups(placement_ids: Collection[int]) -> dict[int, list[FollowUp]]:
    """Placement id → its visits and calls, the latest first; the dropped ones left out."""
    rows = db.session.scalars(
        select(FollowUp)
        .where(FollowUp.placement_id.in_(sorted(placement_ids)), FollowUp.state != FollowUpState.DROPPED)
        .options(joinedload(FollowUp.user))
        .order_by(FollowUp.planned_on.desc(), FollowUp.id.desc())
    )
    found: dict[int, list[FollowUp]] = {}
    for row in rows:
        found.setdefault(row.placement_id, []).append(row)
    return found


def planned(placement_id: int) -> FollowUp | None:
    return db.session.scalar(
        select(FollowUp).where(FollowUp.placement_id == placement_id, FollowUp.state == FollowUpState.PLANNED)
    )


def follow_up(actor: Actor, follow_up_id: int) -> FollowUp:
    row = db.session.get(FollowUp, follow_up_id)
    actor.reveal(Permission.PLACEMENT_FOLLOW, row)
    assert row is not None
    return row


def absence_of(placement_id: int, day: date) -> Absence | None:
    return db.session.scalar(
        select(Absence)
        .where(Absence.placement_id == placement_id, Absence.day == day)
        .options(joinedload(Absence.seen_by))
    )


def absence(actor: Actor, absence_id: int) -> Absence:
    row = db.session.get(Absence, absence_id)
    actor.reveal(Permission.PLACEMENT_FOLLOW, row)
    assert row is not None
    return row


def accidents_of(placement_id: int) -> list[Accident]:
    return list(
        db.session.scalars(select(Accident).where(Accident.placement_id == placement_id).order_by(Accident.id.desc()))
    )


def accident_by_key(request_key: str) -> Accident | None:
    return db.session.scalar(select(Accident).where(Accident.request_key == request_key))


def accident(actor: Actor, accident_id: int) -> Accident:
    """An accident, for the structure that reported it and for the school; `Hidden` for everybody else."""
    row = db.session.get(Accident, accident_id)
    wanted = Permission.PLACEMENT_REPORT if actor.role is Role.HOST else Permission.PLACEMENT_FOLLOW
    actor.reveal(wanted, row)
    assert row is not None
    return row


def alerts(actor: Actor, campaign_id: int, today: date) -> tuple[list[Absence], list[Accident]]:
    """Absences of today or not yet looked at, accidents not yet declared, among what the actor follows."""
    mine = (
        select(Placement.id)
        .join(Placement.student)
        .join(Student.school_class)
        .join(Placement.slot)
        .join(Slot.offer)
        .where(visible(actor, Permission.PLACEMENT_FOLLOW, COLUMNS), Placement.campaign_id == campaign_id)
    )
    where = (
        joinedload(Placement.student).joinedload(Student.school_class).joinedload(SchoolClass.school),
        joinedload(Placement.slot).joinedload(Slot.offer).joinedload(PlacementOffer.organization),
    )
    absences = db.session.scalars(
        select(Absence)
        .where(
            Absence.placement_id.in_(mine),
            (Absence.day == today) | (Absence.seen_at.is_(None) & Absence.arrived_at.is_(None)),
        )
        .options(joinedload(Absence.placement).options(*where), joinedload(Absence.seen_by))
        .order_by(Absence.day.desc(), Absence.id)
    )
    accidents = db.session.scalars(
        select(Accident)
        .where(Accident.placement_id.in_(mine), Accident.declared_at.is_(None))
        .options(joinedload(Accident.placement).options(*where), joinedload(Accident.seen_by))
        .order_by(Accident.reported_at)
    )
    return list(absences), list(accidents)


def happening(actor: Actor, today: date, since: date) -> Sequence[Placement]:
    """The stages of the actor's structures in the week of `today`: those for which one may have to call the school."""
    return list(
        db.session.scalars(
            visible_to(actor)
            .where(Placement.state.in_(HAPPENING), Slot.monday >= since, Slot.monday <= today)
            .order_by(Student.first_name, Placement.id)
        )
    )


def beginning(since: date, until: date) -> list[Placement]:
    """Confirmed placements of the weeks that begin between these days, by school, class and name."""
    statement = joined().where(Placement.state == _S.CONFIRMED, Slot.monday >= since, Slot.monday <= until)
    return list(
        db.session.scalars(
            statement.order_by(SchoolClass.school_id, SchoolClass.name, Student.last_name, Student.first_name)
        )
    )


def due(today: date) -> list[Placement]:
    """Placements whose first day has come or whose last day may have passed."""
    return list(
        db.session.scalars(
            select(Placement)
            .join(Placement.slot)
            .where(Placement.state.in_(HAPPENING), Slot.monday <= today)
            .options(joinedload(Placement.slot).joinedload(Slot.offer))
            .order_by(Placement.id)
        )
    )
