"""Counts of the territory, grouped. No name ever leaves this file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, func, select

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.allocation.models import Approval, PlacementProposal
from app.campaigns.models import Campaign, Commune
from app.feedback.queries import figures as feedback
from app.feedback.rules import TOLD_OF, Again
from app.feedback.summary import Answers
from app.hosts.models import HostOrganization, HostSite
from app.hosts.states import HostState
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.placements.models import Placement
from app.schools.models import School, SchoolClass, Student
from app.statistics.models import FiguresSnapshot
from app.wishes.models import WishList, WishListState

COLUMNS = ScopeColumns(territory=Campaign.territory_id)


@dataclass(frozen=True, slots=True)
class Figures:
    """`schools`: (name, students, with wishes, placed). `sectors`: (code, offers, places, placed).
    `kinds` and `communes`: (label, offers, places). `ranks`: wish rank (None: not asked for) → students placed."""

    students: int
    with_wishes: int
    placed: int
    offers: int
    places: int
    hosts: int
    schools: list[tuple[str, int, int, int]]
    sectors: list[tuple[str, int, int, int]]
    kinds: list[tuple[str, int, int]]
    communes: list[tuple[str, int, int]]
    ranks: dict[int | None, int]


def visible_campaign(actor: Actor, campaign_id: int) -> Campaign | None:
    return db.session.scalar(
        select(Campaign).where(Campaign.id == campaign_id, visible(actor, Permission.FIGURES_VIEW, COLUMNS))
    )


def figures(campaign: Campaign) -> Figures:
    """Everything the page of figures shows, in eight statements."""
    schools = _schools(campaign.id)
    offers = _offers(campaign.id)
    placed = _pairs(
        select(PlacementOffer.sector, func.count(Placement.id))
        .join(Slot, Slot.offer_id == PlacementOffer.id)
        .join(Placement, Placement.slot_id == Slot.id)
        .where(Placement.campaign_id == campaign.id)
        .group_by(PlacementOffer.sector)
    )
    sectors = _pivot(offers, 0)
    hosts = select(func.count(PlacementOffer.organization_id.distinct())).where(
        PlacementOffer.id.in_(_public(campaign.id))
    )
    return Figures(
        students=sum(row[1] for row in schools),
        with_wishes=sum(row[2] for row in schools),
        placed=sum(row[3] for row in schools),
        offers=sum(row[3] for row in offers),
        places=sum(row[4] for row in offers),
        hosts=db.session.scalar(hosts) or 0,
        schools=schools,
        sectors=[(code, n, places, placed.get(code, 0)) for code, n, places in sectors],
        kinds=_pivot(offers, 1),
        communes=_pivot(offers, 2),
        ranks=_ranks(campaign.id),
    )


def kept(campaign_id: int) -> FiguresSnapshot | None:
    """The figures taken before the people of that campaign were forgotten."""
    return db.session.scalar(select(FiguresSnapshot).where(FiguresSnapshot.campaign_id == campaign_id))


def after(campaign: Campaign) -> tuple[int, Answers, list[Again]]:
    """How many stages began, what their students said, and what their tutors said of hosting again."""
    began = select(func.count(Placement.id)).where(
        Placement.campaign_id == campaign.id, Placement.state.in_(sorted(TOLD_OF))
    )
    return (
        db.session.scalar(began) or 0,
        feedback.of_campaign(campaign.id),
        feedback.again_of_campaign(campaign.id),
    )


def _schools(campaign_id: int) -> list[tuple[str, int, int, int]]:
    def per_school(statement: Select[tuple[int, int]]) -> dict[int, int]:
        return _pairs(statement.where(SchoolClass.campaign_id == campaign_id).group_by(SchoolClass.school_id))

    in_class = select(SchoolClass.school_id, func.count(Student.id)).join(Student, Student.class_id == SchoolClass.id)
    students = per_school(in_class)
    wishes = per_school(
        in_class.join(WishList, WishList.student_id == Student.id).where(WishList.state == WishListState.SUBMITTED)
    )
    placed = per_school(in_class.join(Placement, Placement.student_id == Student.id))
    names = _pairs(select(School.id, School.name).where(School.id.in_(sorted(students))))
    return [
        (names[school_id], number, wishes.get(school_id, 0), placed.get(school_id, 0))
        for school_id, number in sorted(students.items(), key=lambda item: names[item[0]])
    ]


def _public(campaign_id: int) -> Select[tuple[int]]:
    return (
        select(PlacementOffer.id)
        .join(PlacementOffer.organization)
        .where(
            PlacementOffer.campaign_id == campaign_id,
            PlacementOffer.state == OfferState.PUBLISHED,
            HostOrganization.state == HostState.VERIFIED,
        )
    )


def _offers(campaign_id: int) -> list[tuple[str, str, str, int, int]]:
    """(sector, kind, commune, offers, places) of what is public."""
    seats = select(Slot.offer_id, func.sum(Slot.capacity).label("places")).group_by(Slot.offer_id).subquery()
    statement = (
        select(
            PlacementOffer.sector,
            HostOrganization.kind,
            Commune.name,
            func.count(PlacementOffer.id),
            func.coalesce(func.sum(seats.c.places), 0),
        )
        .join(HostOrganization, HostOrganization.id == PlacementOffer.organization_id)
        .join(HostSite, HostSite.id == PlacementOffer.site_id)
        .join(Commune, Commune.id == HostSite.commune_id)
        .outerjoin(seats, seats.c.offer_id == PlacementOffer.id)
        .where(PlacementOffer.id.in_(_public(campaign_id)))
        .group_by(PlacementOffer.sector, HostOrganization.kind, Commune.name)
    )
    return [
        (sector, kind.value, commune, offers, int(places))
        for sector, kind, commune, offers, places in db.session.execute(statement)
    ]


def _pivot(rows: list[tuple[str, str, str, int, int]], key: int) -> list[tuple[str, int, int]]:
    """(label, offers, places) summed over one of the three keys, the most places first."""
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        label = (row[0], row[1], row[2])[key]
        offers, places = sums.get(label, (0, 0))
        sums[label] = (offers + row[3], places + row[4])
    return sorted(((label, *pair) for label, pair in sums.items()), key=lambda r: (-r[2], r[0]))


def _ranks(campaign_id: int) -> dict[int | None, int]:
    """The wish that each published student obtained."""
    return _pairs(
        select(PlacementProposal.wish_rank, func.count(Placement.student_id.distinct()))
        .join(Approval, Approval.proposal_id == PlacementProposal.id)
        .join(Placement, Placement.student_id == Approval.student_id)
        .where(Placement.campaign_id == campaign_id)
        .group_by(PlacementProposal.wish_rank)
    )


K = TypeVar("K")
V = TypeVar("V")


def _pairs(statement: Select[tuple[K, V]]) -> dict[K, V]:
    return dict(db.session.execute(statement).tuples().all())
