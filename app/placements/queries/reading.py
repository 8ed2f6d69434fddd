"""Reading placements: to publish, published, of a student, of a class, of a structure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.allocation.models import Approval
from app.campaigns.models import Territory
from app.hosts.models import HostMember, HostOrganization, HostSite
from app.hosts.states import HostState
from app.kernel.database import db
from app.occupations.queries import fold
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.placements.models import Origin, Placement
from app.placements.states import LIVE, TOLD, PlacementState
from app.schools.models import ClassTeacher, LegalGuardian, SchoolClass, Student

COLUMNS = ScopeColumns(
    territory=Placement.territory_id,
    school=SchoolClass.school_id,
    school_class=Student.class_id,
    organization=PlacementOffer.organization_id,
    site=PlacementOffer.site_id,
    student=Placement.student_id,
)


def _where() -> tuple[ExecutableOption, ...]:
    """Where the student goes, and with whom."""
    return (
        contains_eager(Placement.slot)
        .contains_eager(Slot.offer)
        .options(joinedload(PlacementOffer.organization), joinedload(PlacementOffer.site).joinedload(HostSite.commune)),
        contains_eager(Placement.student).contains_eager(Student.school_class).joinedload(SchoolClass.school),
    )


def joined() -> Select[tuple[Placement]]:
    return (
        select(Placement)
        .join(Placement.student)
        .join(Student.school_class)
        .join(Placement.slot)
        .join(Slot.offer)
        .options(*_where())
    )


def visible_to(actor: Actor) -> Select[tuple[Placement]]:
    return joined().where(visible(actor, Permission.PLACEMENT_VIEW, COLUMNS))


def live_students(campaign_id: int) -> Select[tuple[int]]:
    """The students who have a live placement in the campaign."""
    return select(Placement.student_id).where(Placement.campaign_id == campaign_id, Placement.state.in_(LIVE))


def seat_of(placement_id: int) -> tuple[int, int] | None:
    """(campaign, slot) of a placement: what is locked before it."""
    row = db.session.execute(select(Placement.campaign_id, Placement.slot_id).where(Placement.id == placement_id))
    return row.tuples().one_or_none()


def live_of_student(student_id: int) -> list[Placement]:
    """The student's live placements: one, or one a structure when the week is shared."""
    statement = joined().where(Placement.student_id == student_id, Placement.state.in_(LIVE))
    return list(db.session.scalars(statement.order_by(Placement.stop)))


def unpublished(campaign_id: int) -> list[Approval]:
    """Approvals that nobody has been told of, with all that their mails say, in a fixed number of statements."""
    return list(
        db.session.scalars(
            select(Approval)
            .join(Approval.student)
            .join(Student.school_class)
            .where(
                Approval.campaign_id == campaign_id,
                Approval.student_id.not_in(live_students(campaign_id)),
            )
            .options(
                contains_eager(Approval.student).options(
                    selectinload(Student.guardians),
                    contains_eager(Student.school_class).options(
                        joinedload(SchoolClass.school),
                        selectinload(SchoolClass.teachers).joinedload(ClassTeacher.user),
                    ),
                ),
                joinedload(Approval.slot)
                .joinedload(Slot.offer)
                .options(
                    joinedload(PlacementOffer.organization)
                    .selectinload(HostOrganization.members)
                    .joinedload(HostMember.user),
                    joinedload(PlacementOffer.site).joinedload(HostSite.commune),
                ),
            )
            .order_by(SchoolClass.school_id, SchoolClass.name, Student.last_name, Student.first_name, Approval.id)
        )
    )


def students_waiting(campaign_id: int) -> int:
    """Students of the campaign without an approved place, and without a stage of their own."""
    return (
        db.session.scalar(
            select(func.count(Student.id))
            .join(Student.school_class)
            .where(
                SchoolClass.campaign_id == campaign_id,
                Student.id.not_in(select(Approval.student_id).where(Approval.campaign_id == campaign_id)),
                Student.id.not_in(live_students(campaign_id)),
            )
        )
        or 0
    )


def matching(actor: Actor, campaign_id: int, words: str) -> list[int]:
    wanted = fold(words[:120]).split()
    rows = db.session.execute(
        select(
            Placement.id,
            Student.first_name,
            Student.last_name,
            SchoolClass.name,
            PlacementOffer.title,
            HostOrganization.name,
        )
        .join(Placement.student)
        .join(Student.school_class)
        .join(Placement.slot)
        .join(Slot.offer)
        .join(PlacementOffer.organization)
        .where(Placement.campaign_id == campaign_id, visible(actor, Permission.PLACEMENT_VIEW, COLUMNS))
    )
    return [
        placement_id
        for placement_id, *texts in rows
        if (text := fold(" ".join(texts))) and all(word in text for word in wanted)
    ]


def of_student(actor: Actor, student_id: int) -> list[Placement]:
    """The student's live placements as far as the actor sees them, else the last one that came to nothing."""
    statement = visible_to(actor).where(Placement.student_id == student_id)
    live = db.session.scalars(statement.where(Placement.state.in_(LIVE)).order_by(Placement.stop)).all()
    return list(live) or list(db.session.scalars(statement.order_by(Placement.id.desc()).limit(1)))


def weekmates(placement: Placement) -> list[Placement]:
    """The other live placements of the student in the same campaign."""
    statement = joined().where(
        Placement.student_id == placement.student_id,
        Placement.campaign_id == placement.campaign_id,
        Placement.id != placement.id,
        Placement.state.in_(LIVE),
    )
    return list(db.session.scalars(statement.order_by(Placement.stop)))


def open_slots(campaign_id: int, monday: date, level: str) -> list[Slot]:
    """The free places of a week in public offers for this level, by commune, structure and title."""
    statement = (
        select(Slot)
        .join(Slot.offer)
        .join(PlacementOffer.organization)
        .where(
            PlacementOffer.campaign_id == campaign_id,
            PlacementOffer.state == OfferState.PUBLISHED,
            HostOrganization.state == HostState.VERIFIED,
            Slot.monday == monday,
            Slot.taken < Slot.capacity,
        )
        .options(
            contains_eager(Slot.offer).options(
                contains_eager(PlacementOffer.organization),
                joinedload(PlacementOffer.site).joinedload(HostSite.commune),
            )
        )
        .order_by(HostOrganization.name, PlacementOffer.title, Slot.id)
    )
    return [slot for slot in db.session.scalars(statement) if level in slot.offer.level_list]


def of_class(actor: Actor, class_id: int) -> list[Placement]:
    """The placements of the class which stand, in the order of the register, with their families."""
    statement = visible_to(actor).where(Student.class_id == class_id, Placement.state.in_(TOLD))
    statement = statement.options(selectinload(Placement.student, Student.guardians))
    return list(db.session.scalars(statement.order_by(Student.last_name, Student.first_name, Placement.id)))


def live_of(actor: Actor, campaign_id: int) -> list[Placement]:
    """Every live placement of the campaign that the actor sees, by week, structure and name."""
    statement = visible_to(actor).where(Placement.campaign_id == campaign_id, Placement.state.in_(LIVE))
    return list(
        db.session.scalars(
            statement.order_by(Slot.monday, PlacementOffer.title, Student.last_name, Student.first_name, Placement.id)
        )
    )


def arrivals(actor: Actor) -> list[Placement]:
    """Who comes to the actor's structures, or was to come, by week then offer; nobody before the publication."""
    return list(
        db.session.scalars(
            visible_to(actor)
            .where(Placement.state.not_in([PlacementState.TO_VERIFY, PlacementState.REJECTED]))
            .order_by(Slot.monday, PlacementOffer.title, Student.first_name, Placement.id)
        )
    )


def slots_of(student_ids: Collection[int]) -> dict[int, Slot]:
    """Student → the slot where each was placed and told so (the first stop's); what `wishes` shows on its pages."""
    statement = joined().where(Placement.student_id.in_(sorted(student_ids)), Placement.state.in_(TOLD))
    rows = db.session.scalars(statement.order_by(Placement.stop.desc()))
    return {placement.student_id: placement.slot for placement in rows}


def found_by_students(campaign_id: int) -> set[int]:
    """The students whose own find, or whose structure added to a week, stands: no run places them."""
    holds_itself = or_(Placement.origin == Origin.FOUND, Placement.stop > 0)
    return set(db.session.scalars(live_students(campaign_id).where(holds_itself)))


def guardian(guardian_id: int) -> LegalGuardian | None:
    """The guardian of a personal link, with the student's class; the caller compares the link's epoch."""
    return db.session.scalar(
        select(LegalGuardian)
        .where(LegalGuardian.id == guardian_id)
        .options(
            joinedload(LegalGuardian.student).joinedload(Student.school_class).joinedload(SchoolClass.school),
        )
    )


def territory(territory_id: int | None) -> Territory | None:
    return db.session.get(Territory, territory_id) if territory_id is not None else None


def students_reached_by_mail(class_id: int) -> set[int]:
    """The students of the class of whom a guardian has an address."""
    return set(
        db.session.scalars(
            select(LegalGuardian.student_id)
            .join(LegalGuardian.student)
            .where(Student.class_id == class_id, LegalGuardian.email.is_not(None))
        )
    )
