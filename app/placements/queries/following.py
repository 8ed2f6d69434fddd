"""Following placements: who has answered, who is silent, who is to be placed again, and the story of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.allocation.models import Approval
from app.hosts.models import HostMember, HostOrganization, HostSite
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements.models import AnswerCode, Placement, PlacementAnswer, Reminder
from app.placements.queries.reading import COLUMNS, joined, live_students, matching, visible_to
from app.placements.rules import Tally
from app.placements.states import LIVE, Answer, PlacementState, Side
from app.schools.models import SchoolClass, Student

PER_PAGE = 50
_S = PlacementState
_STUDENTS = ScopeColumns(
    territory=Student.territory_id,
    school=SchoolClass.school_id,
    school_class=Student.class_id,
    student=Student.id,
)


class Show(StrEnum):
    """What a reader of the list asks for; each is a word of the address."""

    SILENT = "silencieux"
    DISPUTED = "desaccord"
    TO_VERIFY = "a-verifier"
    HOST = "structure"
    FAMILY = "famille"
    CONFIRMED = "confirmes"
    UNDONE = "defaits"


def _condition(wanted: Show, silent_since: datetime) -> ColumnElement[bool]:
    awaiting = Placement.state == _S.AWAITING
    return {
        Show.SILENT: and_(awaiting, Placement.published_at <= silent_since),
        Show.DISPUTED: and_(Placement.family_disputed, Placement.state.in_([_S.AWAITING, _S.CONFIRMED])),
        Show.TO_VERIFY: Placement.state == _S.TO_VERIFY,
        Show.HOST: and_(awaiting, Placement.host_answer == Answer.NONE),
        Show.FAMILY: and_(awaiting, Placement.family_answer == Answer.NONE),
        Show.CONFIRMED: Placement.state.in_([_S.CONFIRMED, _S.UNDER_WAY, _S.COMPLETED]),
        Show.UNDONE: Placement.state.in_([_S.DECLINED, _S.REFUSED, _S.REJECTED, _S.CANCELLED, _S.INTERRUPTED]),
    }[wanted]


def page(
    actor: Actor, campaign_id: int, words: str, wanted: Show | None, silent_since: datetime, number: int
) -> Pagination:
    """One page of the placements that the actor sees, by school, class and name; the longest silence first."""
    statement = visible_to(actor).where(Placement.campaign_id == campaign_id)
    if words:
        statement = statement.where(Placement.id.in_(matching(actor, campaign_id, words)))
    if wanted is not None:
        statement = statement.where(_condition(wanted, silent_since))
    if wanted is Show.SILENT:
        statement = statement.order_by(Placement.published_at)
        statement = statement.options(
            contains_eager(Placement.student).selectinload(Student.guardians),
            contains_eager(Placement.slot)
            .contains_eager(Slot.offer)
            .joinedload(PlacementOffer.organization)
            .selectinload(HostOrganization.members)
            .joinedload(HostMember.user),
        )
    statement = statement.order_by(
        SchoolClass.school_id, SchoolClass.name, Student.last_name, Student.first_name, Placement.id
    )
    return db.paginate(statement, page=max(1, min(number, 10_000)), per_page=PER_PAGE, error_out=False)


def tally(actor: Actor, campaign_id: int, silent_since: datetime) -> Tally:
    """The counts of what the actor sees, in three statements."""

    def number(wanted: Show) -> ColumnElement[int]:
        return func.count(Placement.id).filter(_condition(wanted, silent_since))

    seen = (
        select(Placement.state, func.count(Placement.id))
        .join(Placement.student)
        .join(Student.school_class)
        .join(Placement.slot)
        .join(Slot.offer)
        .where(Placement.campaign_id == campaign_id, visible(actor, Permission.PLACEMENT_VIEW, COLUMNS))
    )
    states = dict(db.session.execute(seen.group_by(Placement.state)).tuples().all())
    waits = db.session.execute(
        seen.with_only_columns(number(Show.HOST), number(Show.FAMILY), number(Show.SILENT), number(Show.DISPUTED))
    ).one()
    again = db.session.scalar(_again(actor, campaign_id).with_only_columns(func.count(Student.id))) or 0
    host, family, silent, disputed = (int(n) for n in waits)
    return Tally(states, host, family, silent, disputed, again)


def _again(actor: Actor, campaign_id: int) -> Select[tuple[Student]]:
    undone = select(Placement.student_id).where(
        Placement.campaign_id == campaign_id,
        Placement.state.in_([_S.DECLINED, _S.REFUSED, _S.REJECTED, _S.CANCELLED]),
    )
    return (
        select(Student)
        .join(Student.school_class)
        .where(
            SchoolClass.campaign_id == campaign_id,
            Student.id.in_(undone),
            Student.id.not_in(live_students(campaign_id)),
            Student.id.not_in(select(Approval.student_id).where(Approval.campaign_id == campaign_id)),
            visible(actor, Permission.STUDENT_VIEW, _STUDENTS),
        )
    )


@dataclass(frozen=True, slots=True)
class ToPlaceAgain:
    student: Student
    last: Placement


def to_place_again(actor: Actor, campaign_id: int) -> list[ToPlaceAgain]:
    """Students whose placement came to nothing and for whom no other place is approved, with what happened."""
    students = list(
        db.session.scalars(
            _again(actor, campaign_id)
            .options(contains_eager(Student.school_class).joinedload(SchoolClass.school))
            .order_by(SchoolClass.school_id, SchoolClass.name, Student.last_name, Student.first_name)
        )
    )
    latest = select(func.max(Placement.id)).where(Placement.campaign_id == campaign_id).group_by(Placement.student_id)
    rows = db.session.scalars(
        joined().where(Placement.id.in_(latest), Placement.student_id.in_([student.id for student in students]))
    )
    last = {placement.student_id: placement for placement in rows}
    return [ToPlaceAgain(student, last[student.id]) for student in students if student.id in last]


def to_complete(actor: Actor, campaign_id: int) -> list[Placement]:
    """The placements that stand alone in a week which was shared: its other days have no structure any more."""
    other = aliased(Placement)
    beside = select(other.id).where(
        other.student_id == Placement.student_id,
        other.campaign_id == Placement.campaign_id,
        other.id != Placement.id,
        other.state.in_(LIVE),
    )
    statement = visible_to(actor).where(
        Placement.campaign_id == campaign_id,
        Placement.days != "",
        Placement.state.in_([_S.AWAITING, _S.CONFIRMED]),
        ~beside.exists(),
    )
    return list(
        db.session.scalars(
            statement.order_by(SchoolClass.school_id, SchoolClass.name, Student.last_name, Student.first_name)
        )
    )


def visible_placement(actor: Actor, placement_id: int) -> Placement:
    """The placement with its people and all that was answered, or `Hidden`."""
    placement = db.session.scalar(
        visible_to(actor)
        .where(Placement.id == placement_id)
        .options(
            selectinload(Placement.answers),
            contains_eager(Placement.student).selectinload(Student.guardians),
            contains_eager(Placement.slot)
            .contains_eager(Slot.offer)
            .joinedload(PlacementOffer.organization)
            .selectinload(HostOrganization.members)
            .joinedload(HostMember.user),
        )
    )
    actor.reveal(Permission.PLACEMENT_VIEW, placement)
    assert placement is not None
    return placement


def offer(offer_id: int) -> PlacementOffer | None:
    """The offer of a structure's link, with its structure and its people."""
    return db.session.scalar(
        select(PlacementOffer)
        .where(PlacementOffer.id == offer_id)
        .options(
            joinedload(PlacementOffer.organization).selectinload(HostOrganization.members).joinedload(HostMember.user),
            joinedload(PlacementOffer.site).joinedload(HostSite.commune),
        )
    )


def of_offer(offer_id: int) -> list[Placement]:
    """The placements of an offer of which its structure has been told, by week and first name."""
    return list(
        db.session.scalars(
            joined()
            .where(Slot.offer_id == offer_id, Placement.state.not_in([_S.TO_VERIFY, _S.REJECTED]))
            .order_by(Slot.monday, Student.first_name, Placement.id)
        )
    )


def code_of(digest: str) -> AnswerCode | None:
    return db.session.scalar(select(AnswerCode).where(AnswerCode.digest == digest))


def codes_of(placement_ids: Collection[int], side: Side) -> dict[int, AnswerCode]:
    """Placement → the code of its letter."""
    rows = db.session.scalars(
        select(AnswerCode).where(AnswerCode.placement_id.in_(sorted(placement_ids)), AnswerCode.side == side)
    )
    return {code.placement_id: code for code in rows}


def with_people(placement_id: int) -> Placement | None:
    """The placement of a printed code, whoever reads it: the code is the permission."""
    return db.session.scalar(joined().where(Placement.id == placement_id))


def awaiting(asked_before: datetime) -> list[tuple[int, int, datetime, Answer, Answer]]:
    """(placement, offer, asked at, structure's answer, family's) of what waits for an answer since then or before."""
    rows = db.session.execute(
        select(Placement.id, Slot.offer_id, Placement.published_at, Placement.host_answer, Placement.family_answer)
        .join(Placement.slot)
        .where(
            Placement.state == _S.AWAITING,
            Placement.published_at <= asked_before,
            or_(Placement.host_answer == Answer.NONE, Placement.family_answer == Answer.NONE),
        )
        .order_by(Placement.id)
    )
    return [tuple(row) for row in rows]


def reminded(placement_ids: Collection[int]) -> dict[tuple[int, Side], int]:
    """(placement, side) → the number of the last reminder."""
    rows = db.session.execute(
        select(Reminder.placement_id, Reminder.side, func.max(Reminder.number))
        .where(Reminder.placement_id.in_(sorted(placement_ids)))
        .group_by(Reminder.placement_id, Reminder.side)
    )
    return {(placement_id, side): number for placement_id, side, number in rows}


def reminders_of(placement_id: int) -> list[Reminder]:
    return list(db.session.scalars(select(Reminder).where(Reminder.placement_id == placement_id).order_by(Reminder.at)))


def said_by(placement: Placement, guardian_id: int) -> PlacementAnswer | None:
    """The last word of one guardian."""
    said = [a for a in placement.answers if a.side is Side.FAMILY and a.guardian_id == guardian_id]
    return said[-1] if said else None


def of_request(key: str) -> Placement | None:
    """The find that this form made."""
    return db.session.scalar(
        select(Placement).join(Placement.slot).join(Slot.offer).where(PlacementOffer.request_key == key)
    )


def organization_of_siren(territory_id: int, siren: str) -> HostOrganization | None:
    return db.session.scalar(
        select(HostOrganization)
        .where(HostOrganization.territory_id == territory_id, HostOrganization.siren == siren)
        .options(selectinload(HostOrganization.sites))
    )


def organizations_of_territory(territory_id: int, but: int) -> list[HostOrganization]:
    """Every other structure of the territory, by name."""
    return list(
        db.session.scalars(
            select(HostOrganization)
            .where(HostOrganization.territory_id == territory_id, HostOrganization.id != but)
            .order_by(HostOrganization.name)
        )
    )


def stands_alone(organization_id: int) -> bool:
    """Whether nothing hangs on this structure any more."""
    offers = select(PlacementOffer.id).where(PlacementOffer.organization_id == organization_id).limit(1)
    members = select(HostMember.id).where(HostMember.organization_id == organization_id).limit(1)
    return db.session.scalar(offers) is None and db.session.scalar(members) is None
