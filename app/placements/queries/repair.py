"""Reading what a repair looks at: who stands where, who has nothing, how many seats are open."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.allocation.models import Approval
from app.audit.models import JournalEntry
from app.campaigns.models import Campaign
from app.hosts.models import HostMember, HostOrganization, HostSite
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement
from app.placements.queries.reading import joined, live_students
from app.placements.states import LIVE, PlacementState
from app.schools.models import ClassTeacher, School, SchoolClass, Student

_S = PlacementState
UNDONE = frozenset({_S.DECLINED, _S.REFUSED, _S.CANCELLED, _S.INTERRUPTED})
ACCEPTED = "repair.accept"


def standing(campaign_id: int) -> list[Placement]:
    """Every live placement of the campaign."""
    return list(
        db.session.scalars(
            joined().where(Placement.campaign_id == campaign_id, Placement.state.in_(LIVE)).order_by(Placement.id)
        )
    )


def approved(campaign_id: int) -> set[int]:
    """The students who hold an approval, told of it or not."""
    return set(db.session.scalars(select(Approval.student_id).where(Approval.campaign_id == campaign_id)))


def without_place(campaign_id: int) -> set[int]:
    """The students of the campaign with neither a live placement nor an approval."""
    return set(
        db.session.scalars(
            select(Student.id)
            .join(Student.school_class)
            .where(
                SchoolClass.campaign_id == campaign_id,
                Student.id.not_in(live_students(campaign_id)),
                Student.id.not_in(select(Approval.student_id).where(Approval.campaign_id == campaign_id)),
            )
        )
    )


def undone(campaign_id: int) -> set[int]:
    """The students to whom a placement was announced that came to nothing."""
    return set(
        db.session.scalars(
            select(Placement.student_id).where(Placement.campaign_id == campaign_id, Placement.state.in_(UNDONE))
        )
    )


def refused_pairs(campaign_id: int) -> set[tuple[int, int]]:
    """(student, slot) to which the structure or the family said no."""
    rows = db.session.execute(
        select(Placement.student_id, Placement.slot_id).where(
            Placement.campaign_id == campaign_id, Placement.state.in_([_S.DECLINED, _S.REFUSED])
        )
    )
    return set(rows.tuples().all())


def slots(campaign_id: int) -> list[Slot]:
    """Every slot of the campaign, with its offer, structure and commune."""
    return list(
        db.session.scalars(
            select(Slot)
            .join(Slot.offer)
            .where(PlacementOffer.campaign_id == campaign_id)
            .options(
                contains_eager(Slot.offer).options(
                    joinedload(PlacementOffer.organization),
                    joinedload(PlacementOffer.site).joinedload(HostSite.commune),
                )
            )
            .order_by(Slot.id)
        )
    )


def students(ids: Collection[int]) -> dict[int, Student]:
    """With class, school, class teachers and guardians: all whom a move concerns."""
    rows = db.session.scalars(
        select(Student)
        .where(Student.id.in_(sorted(ids)))
        .options(
            selectinload(Student.guardians),
            joinedload(Student.school_class).options(
                joinedload(SchoolClass.school), selectinload(SchoolClass.teachers).joinedload(ClassTeacher.user)
            ),
        )
    )
    return {student.id: student for student in rows}


def load_members(organization_ids: Collection[int]) -> None:
    """Bring the people of these structures into the session in two statements."""
    db.session.scalars(
        select(HostOrganization)
        .where(HostOrganization.id.in_(sorted(organization_ids)))
        .options(selectinload(HostOrganization.members).joinedload(HostMember.user))
    ).all()


def school(school_id: int) -> School | None:
    return db.session.get(School, school_id)


def campaign(campaign_id: int) -> Campaign | None:
    return db.session.get(Campaign, campaign_id)


def accepted(campaign_id: int, digest: str, choice: str) -> bool:
    """Whether this very plan has been accepted: the same click, twice."""
    rows = db.session.scalars(
        select(JournalEntry.details)
        .where(
            JournalEntry.object_type == "Campaign",
            JournalEntry.object_id == campaign_id,
            JournalEntry.action == ACCEPTED,
        )
        .order_by(JournalEntry.id.desc())
        .limit(50)
    )
    return any(details.get("digest") == digest and details.get("choice") == choice for details in rows)
