"""Reading what students said and wished."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import String, and_, case, cast, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import Actor
from app.accounts.models import User
from app.campaigns.models import Campaign
from app.campaigns.states import OFFERS_VISIBLE_TO_STUDENTS
from app.hosts.models import HostSite
from app.kernel.database import db
from app.kernel.errors import Conflict, Hidden
from app.offers import queries as offer_queries
from app.offers.models import PlacementOffer
from app.offers.states import OfferState
from app.schools import queries as school_queries
from app.schools.models import SchoolClass, Student
from app.wishes import outcome
from app.wishes.models import InterestProfile, Wish, WishList, WishListState
from app.wishes.rules import Progress

_ONCE_PUBLIC = frozenset({OfferState.SUSPENDED, OfferState.CLOSED, OfferState.SENT_BACK, OfferState.PUBLISHED})


def profile_of(student_id: int) -> InterestProfile | None:
    return db.session.scalar(
        select(InterestProfile)
        .where(InterestProfile.student_id == student_id)
        .options(joinedload(InterestProfile.commune))
    )


def wish_list_of(student_id: int) -> WishList | None:
    """The list with its wishes in order, and all that a card of each offer shows; always read afresh."""
    return db.session.scalar(
        select(WishList)
        .where(WishList.student_id == student_id)
        .options(
            selectinload(WishList.wishes)
            .joinedload(Wish.offer)
            .options(
                joinedload(PlacementOffer.organization),
                joinedload(PlacementOffer.site).joinedload(HostSite.commune),
                selectinload(PlacementOffer.slots),
            )
        )
        .execution_options(populate_existing=True)
    )


def profiles(student_ids: Collection[int]) -> dict[int, InterestProfile]:
    """Student id → profile, with its commune; who said nothing is absent."""
    rows = db.session.scalars(
        select(InterestProfile)
        .where(InterestProfile.student_id.in_(sorted(student_ids)))
        .options(joinedload(InterestProfile.commune))
    )
    return {profile.student_id: profile for profile in rows}


def ranked_offers(student_ids: Collection[int]) -> dict[int, list[int]]:
    """Student id → offer ids of the submitted list, best first."""
    rows = db.session.execute(
        select(WishList.student_id, Wish.offer_id)
        .join(Wish, Wish.wish_list_id == WishList.id)
        .where(WishList.student_id.in_(sorted(student_ids)), WishList.state == WishListState.SUBMITTED)
        .order_by(WishList.student_id, Wish.rank)
    )
    found: dict[int, list[int]] = {}
    for student_id, offer_id in rows:
        found.setdefault(student_id, []).append(offer_id)
    return found


def campaign_of(student: Student) -> Campaign:
    """The campaign of the student's class."""
    campaign = db.session.get(Campaign, student.school_class.campaign_id)
    assert campaign is not None
    return campaign


def weeks_of(student: Student) -> list[date]:
    """The Mondays on which the student's school sends its students out."""
    school_class = student.school_class
    return school_queries.weeks([school_class.school_id], school_class.campaign_id).get(school_class.school_id, [])


def open_offers(student: Student, campaign: Campaign, weeks: Collection[date]) -> list[PlacementOffer]:
    """The public offers of the student's level which have a slot in one of `weeks`, by identifier."""
    if campaign.phase not in OFFERS_VISIBLE_TO_STUDENTS:
        return []
    offers = offer_queries.published(campaign.id, student.school_class.level)
    return [offer for offer in offers if any(slot.monday in weeks for slot in offer.slots)]


def visible_offer(actor: Actor, campaign: Campaign, offer_id: int) -> PlacementOffer:
    """The public offer; `Conflict` with a sentence when it was public and no longer is; else `Hidden`."""
    try:
        offer = offer_queries.visible_offer(actor, offer_id)
    except Hidden:
        state = db.session.scalar(
            select(PlacementOffer.state).where(PlacementOffer.id == offer_id, PlacementOffer.campaign_id == campaign.id)
        )
        if state in _ONCE_PUBLIC and campaign.phase in OFFERS_VISIBLE_TO_STUDENTS:
            raise Conflict(closed_sentence()) from None
        raise
    if offer.campaign_id != campaign.id:
        raise Hidden(closed_sentence())
    return offer


def closed_sentence() -> str:
    return _("Cette offre n’est plus proposée : la structure ou la coordination vient de la retirer.")


def classes(actor: Actor, campaign: Campaign) -> list[SchoolClass]:
    """The classes which the actor follows in the campaign, by school then name."""
    statement = (
        school_queries.classes_visible_to(actor)
        .where(SchoolClass.campaign_id == campaign.id)
        .options(joinedload(SchoolClass.school))
        .order_by(SchoolClass.school_id, SchoolClass.level, SchoolClass.name)
    )
    return list(db.session.scalars(statement))


def progress(class_ids: Collection[int]) -> list[Progress]:
    """Every student of these classes with how far each has come, in the order of the register: one statement, and
    one more for published placements."""
    wish_count = (
        select(func.count(Wish.id)).where(Wish.wish_list_id == WishList.id).correlate(WishList).scalar_subquery()
    )
    said = or_(
        InterestProfile.text != "",
        InterestProfile.avoid_text != "",
        *(
            cast(column, String) != "[]"
            for column in (InterestProfile.interests, InterestProfile.likes, InterestProfile.avoids)
        ),
    )
    statement = (
        select(
            Student.id,
            Student.class_id,
            Student.first_name,
            Student.last_name,
            case((and_(InterestProfile.id.is_not(None), said), 1), else_=0),
            func.coalesce(wish_count, 0),
            WishList.state,
            User.last_seen_at,
        )
        .join(User, User.id == Student.user_id)
        .outerjoin(InterestProfile, InterestProfile.student_id == Student.id)
        .outerjoin(WishList, WishList.student_id == Student.id)
        .where(Student.class_id.in_(sorted(class_ids)))
        .order_by(Student.class_id, Student.last_name, Student.first_name, Student.id)
    )
    rows = db.session.execute(statement).all()
    placed = outcome.of([row[0] for row in rows])
    return [
        Progress(
            student_id=student_id,
            class_id=class_id,
            first_name=first_name,
            last_name=last_name,
            has_interests=bool(interests),
            wishes=wishes,
            is_submitted=state is WishListState.SUBMITTED,
            is_placed=student_id in placed,
            has_signed_in=last_seen_at is not None,
        )
        for student_id, class_id, first_name, last_name, interests, wishes, state, last_seen_at in rows
    ]


def wished_by(student: Student) -> Sequence[int]:
    """The offers on the student's list, best first."""
    return db.session.scalars(
        select(Wish.offer_id).join(Wish.wish_list).where(WishList.student_id == student.id).order_by(Wish.rank)
    ).all()


def demand(offer_ids: Collection[int]) -> dict[int, int]:
    """Offer → how many students have it in the list they sent."""
    rows = db.session.execute(
        select(Wish.offer_id, func.count(Wish.id))
        .join(WishList, WishList.id == Wish.wish_list_id)
        .where(Wish.offer_id.in_(sorted(offer_ids)), WishList.state == WishListState.SUBMITTED)
        .group_by(Wish.offer_id)
    )
    return dict(rows.tuples().all())
