"""The figures of the coordinator's first page, and what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from app.access.actor import Actor
from app.allocation.models import Approval, MatchingRun, PlacementProposal, UnplacedStudent
from app.allocation.states import ProposalState
from app.campaigns.models import Campaign
from app.hosts.models import HostOrganization
from app.hosts.states import HostState
from app.kernel.database import db
from app.messaging import queries as message_queries
from app.messaging.states import DeliveryState
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.schools.models import SchoolClass, SchoolWeek, Student
from app.wishes import outcome
from app.wishes.models import WishList, WishListState


@dataclass(frozen=True, slots=True)
class Overview:
    students: int
    with_wishes: int
    places: int
    offers: int
    approved: int
    published: int
    to_decide: int
    left_out: int
    offers_to_read: int
    hosts_to_verify: int
    silent_classes: int
    schools_without_weeks: int
    mails_in_trouble: int

    @property
    def to_publish(self) -> int:
        return self.approved - self.published

    @property
    def waiting(self) -> int:
        return self.students - self.approved


def _number(statement: Select[tuple[int]]) -> int:
    return db.session.scalar(statement) or 0


def overview(actor: Actor, campaign: Campaign, run: MatchingRun | None) -> Overview:
    """Thirteen counts; `run` is the one being decided upon."""
    students = select(func.count(Student.id)).join(Student.school_class).where(SchoolClass.campaign_id == campaign.id)
    submitted = (
        select(Student.class_id)
        .join(WishList, WishList.student_id == Student.id)
        .where(WishList.state == WishListState.SUBMITTED)
    )
    with_wishes = students.join(WishList, WishList.student_id == Student.id).where(
        WishList.state == WishListState.SUBMITTED
    )
    public = (
        select(PlacementOffer.id)
        .join(PlacementOffer.organization)
        .where(
            PlacementOffer.campaign_id == campaign.id,
            PlacementOffer.state == OfferState.PUBLISHED,
            HostOrganization.state == HostState.VERIFIED,
        )
    )
    approvals = select(func.count(Approval.id)).where(Approval.campaign_id == campaign.id)
    in_run = select(func.count(PlacementProposal.id)).where(
        PlacementProposal.run_id == (run.id if run else None), PlacementProposal.state == ProposalState.PROPOSED
    )
    left = select(func.count(UnplacedStudent.id)).where(
        UnplacedStudent.run_id == (run.id if run else None),
        UnplacedStudent.student_id.not_in(select(Approval.student_id).where(Approval.campaign_id == campaign.id)),
        UnplacedStudent.student_id.not_in(outcome.found_by_themselves(campaign.id)),
    )
    mails = message_queries.counts(actor)
    own_classes = select(func.count(SchoolClass.id)).where(SchoolClass.campaign_id == campaign.id)
    schools = select(SchoolWeek.school_id).where(SchoolWeek.campaign_id == campaign.id)
    return Overview(
        students=_number(students),
        with_wishes=_number(with_wishes),
        places=_number(select(func.sum(Slot.capacity)).where(Slot.offer_id.in_(public))),
        offers=_number(select(func.count()).select_from(public.subquery())),
        approved=_number(approvals),
        published=_number(approvals.where(Approval.published_at.is_not(None))),
        to_decide=_number(in_run) if run else 0,
        left_out=_number(left) if run else 0,
        offers_to_read=_number(
            select(func.count(PlacementOffer.id)).where(
                PlacementOffer.campaign_id == campaign.id, PlacementOffer.state == OfferState.SUBMITTED
            )
        ),
        hosts_to_verify=_number(
            select(func.count(HostOrganization.id)).where(
                HostOrganization.territory_id == campaign.territory_id, HostOrganization.state == HostState.REGISTERED
            )
        ),
        silent_classes=_number(own_classes.where(SchoolClass.id.not_in(submitted))),
        schools_without_weeks=_number(
            select(func.count(SchoolClass.school_id.distinct())).where(
                SchoolClass.campaign_id == campaign.id, SchoolClass.school_id.not_in(schools)
            )
        ),
        mails_in_trouble=mails.get(DeliveryState.UNCERTAIN, 0) + mails.get(DeliveryState.FAILED, 0),
    )
