"""Reading offers. An offer is public once published, while its structure is verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.access.visibility import ScopeColumns, visible
from app.campaigns.models import Campaign
from app.campaigns.states import OFFERS_VISIBLE_TO_STUDENTS
from app.hosts.models import HostOrganization, HostSite
from app.hosts.states import HostState
from app.kernel.database import db
from app.occupations.queries import fold, label_of
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState

PER_PAGE = 20
LAST_PAGE = 10_000  # nobody turns so many pages; beyond, the engines run out of integers

_IS_PUBLIC = and_(
    PlacementOffer.state == OfferState.PUBLISHED,
    PlacementOffer.organization_id.in_(select(HostOrganization.id).where(HostOrganization.state == HostState.VERIFIED)),
)
COLUMNS = ScopeColumns(
    territory=PlacementOffer.territory_id,
    organization=PlacementOffer.organization_id,
    site=PlacementOffer.site_id,
    published=_IS_PUBLIC,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a person asked for; None or empty means: do not narrow."""

    words: str = ""
    state: OfferState | None = None
    sector: str | None = None
    commune_id: int | None = None
    monday: date | None = None
    level: str | None = None

    @property
    def is_active(self) -> bool:
        return self != Filter()


def _whole() -> tuple[ExecutableOption, ...]:
    """Everything a card or a page of an offer shows, in two statements."""
    return (
        joinedload(PlacementOffer.organization),
        joinedload(PlacementOffer.site).joinedload(HostSite.commune),
        selectinload(PlacementOffer.slots),
    )


def visible_to(actor: Actor) -> Select[tuple[PlacementOffer]]:
    return select(PlacementOffer).where(visible(actor, Permission.OFFER_VIEW, COLUMNS))


def visible_offer(actor: Actor, offer_id: int) -> PlacementOffer:
    """The offer with all that its page shows, or `Hidden`. Students see none before the wishes open."""
    offer = db.session.scalar(
        visible_to(actor)
        .where(PlacementOffer.id == offer_id)
        .options(*_whole(), joinedload(PlacementOffer.campaign).selectinload(Campaign.weeks))
    )
    too_early = (
        offer is not None and actor.role is Role.STUDENT and offer.campaign.phase not in OFFERS_VISIBLE_TO_STUDENTS
    )
    actor.reveal(Permission.OFFER_VIEW, None if too_early else offer)
    assert offer is not None
    return offer


def published(campaign_id: int, level: str | None = None) -> list[PlacementOffer]:
    """Every public offer of a campaign (for one level: "3e"), with site, commune, organisation and slots loaded."""
    statement = (
        select(PlacementOffer)
        .where(PlacementOffer.campaign_id == campaign_id, _IS_PUBLIC)
        .options(*_whole())
        .order_by(PlacementOffer.id)
    )
    if level is not None:
        statement = statement.where(_serves(level))
    return list(db.session.scalars(statement))


def _serves(level: str) -> ColumnElement[bool]:
    return ("," + PlacementOffer.levels + ",").contains(f",{level},", autoescape=True)


def public_page(actor: Actor, campaign_id: int, wanted: Filter, page: int) -> Pagination:
    """One page of what is public, for a teacher who looks around."""
    return _page(visible_to(actor).where(PlacementOffer.campaign_id == campaign_id, _IS_PUBLIC), wanted, page)


def page(actor: Actor, campaign_id: int | None, wanted: Filter, number: int) -> Pagination:
    """One page of the offers that the actor may see, those which wait for somebody first."""
    return _page(visible_to(actor).where(PlacementOffer.campaign_id == campaign_id), wanted, number)


def _page(statement: Select[tuple[PlacementOffer]], wanted: Filter, page: int) -> Pagination:
    if wanted.state is not None:
        statement = statement.where(PlacementOffer.state == wanted.state)
    if wanted.sector:
        statement = statement.where(PlacementOffer.sector == wanted.sector)
    if wanted.commune_id is not None:
        statement = statement.join(HostSite, HostSite.id == PlacementOffer.site_id).where(
            HostSite.commune_id == wanted.commune_id
        )
    if wanted.monday is not None:
        statement = statement.where(
            exists().where(Slot.offer_id == PlacementOffer.id, Slot.monday == wanted.monday, Slot.taken < Slot.capacity)
        )
    if wanted.level:
        statement = statement.where(_serves(wanted.level))
    if wanted.words:
        statement = statement.where(PlacementOffer.id.in_(_matching(statement, wanted.words)))
    statement = statement.options(*_whole()).order_by(
        (PlacementOffer.state == OfferState.SUBMITTED).desc(), PlacementOffer.updated_at.desc(), PlacementOffer.id
    )
    return db.paginate(statement, page=max(1, min(page, LAST_PAGE)), per_page=PER_PAGE, error_out=False)


def _matching(statement: Select[tuple[PlacementOffer]], words: str) -> list[int]:
    """The offers that hold every word, accents or not (neither engine folds accents by itself)."""
    wanted = fold(words).split()
    rows = db.session.execute(
        statement.join(HostOrganization, HostOrganization.id == PlacementOffer.organization_id).with_only_columns(
            PlacementOffer.id,
            PlacementOffer.title,
            PlacementOffer.description,
            HostOrganization.name,
            PlacementOffer.occupations,
        )
    )
    return [
        offer_id
        for offer_id, *texts, occupations in rows
        if _holds(fold(" ".join([*texts, *map(label_of, occupations)])), wanted)
    ]


def _holds(text: str, words: list[str]) -> bool:
    return all(word in text for word in words)


def counts_by_state(actor: Actor, campaign_id: int | None) -> dict[OfferState, int]:
    statement = (
        visible_to(actor)
        .where(PlacementOffer.campaign_id == campaign_id)
        .with_only_columns(PlacementOffer.state, func.count())
        .group_by(PlacementOffer.state)
    )
    return dict(db.session.execute(statement).tuples().all())


def reusable(actor: Actor, campaign: Campaign) -> list[PlacementOffer]:
    """The structure's own past offers that have no copy in this campaign yet: earlier campaigns', or closed ones."""
    copies = select(PlacementOffer.copied_from_id).where(
        PlacementOffer.campaign_id == campaign.id, PlacementOffer.copied_from_id.is_not(None)
    )
    statement = (
        select(PlacementOffer)
        .join(Campaign, Campaign.id == PlacementOffer.campaign_id)
        .where(
            visible(actor, Permission.OFFER_EDIT, COLUMNS),
            PlacementOffer.id.not_in(copies),
            (Campaign.school_year < campaign.school_year)
            | and_(Campaign.id == campaign.id, PlacementOffer.state == OfferState.CLOSED),
        )
        .options(joinedload(PlacementOffer.organization), joinedload(PlacementOffer.campaign))
        .order_by(Campaign.school_year.desc(), PlacementOffer.title)
        .limit(30)
    )
    return list(db.session.scalars(statement))


def organizations_of(actor: Actor) -> list[HostOrganization]:
    """The structures in whose name the actor writes offers, to say where their verification stands."""
    if not actor.member_ids:
        return []
    return list(
        db.session.scalars(
            select(HostOrganization)
            .where(HostOrganization.id.in_(sorted(actor.member_ids)))
            .order_by(HostOrganization.name)
        )
    )


def by_request_key(request_key: str) -> PlacementOffer | None:
    return db.session.scalar(select(PlacementOffer).where(PlacementOffer.request_key == request_key))


def copy_of(offer_id: int, campaign_id: int) -> PlacementOffer | None:
    return db.session.scalar(
        select(PlacementOffer).where(
            PlacementOffer.copied_from_id == offer_id, PlacementOffer.campaign_id == campaign_id
        )
    )
