"""Reading territories and campaigns."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import selectinload

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.campaigns.models import Campaign, Commune, Territory
from app.campaigns.rules import mondays_between, school_year_bounds, week_problem
from app.campaigns.states import Phase
from app.kernel.database import db
from app.regulations import gateway

COLUMNS = ScopeColumns(territory=Campaign.territory_id)


def visible_to(actor: Actor) -> Select[tuple[Campaign]]:
    return select(Campaign).where(visible(actor, Permission.CAMPAIGN_VIEW, COLUMNS))


def current(actor: Actor, *, chosen: int | None = None, own: Select[tuple[int]] | None = None) -> Campaign | None:
    """The campaign the actor works in: the `chosen` one if it is visible, else the territory's campaign of the moment.

    That is the latest which is not closed, else the latest; among those of the actor's `own` classes, if there are any.
    """
    order: list[ColumnElement[Any]] = []
    if chosen is not None:
        order.append((Campaign.id == chosen).desc())
    order.append((Campaign.phase == Phase.CLOSED).asc())
    if own is not None:
        order.append(Campaign.id.in_(own).desc())
    order += [Campaign.wishes_open_on.desc(), Campaign.id.desc()]
    statement = visible_to(actor).order_by(*order).options(selectinload(Campaign.weeks)).limit(1)
    return db.session.scalar(statement)


def others(actor: Actor, campaign: Campaign) -> list[Campaign]:
    """The other campaigns of the territory, the latest first."""
    statement = visible_to(actor).where(Campaign.id != campaign.id, Campaign.territory_id == campaign.territory_id)
    return list(db.session.scalars(statement.order_by(Campaign.wishes_open_on.desc(), Campaign.id.desc())))


def territories() -> list[Territory]:
    """Every territory, with its communes: for the administrator and for the public registration form."""
    return list(
        db.session.scalars(select(Territory).options(selectinload(Territory.communes)).order_by(Territory.name))
    )


def communes(territory_id: int) -> list[Commune]:
    return list(db.session.scalars(select(Commune).where(Commune.territory_id == territory_id).order_by(Commune.name)))


def territory_by_slug(slug: str) -> Territory | None:
    return db.session.scalar(select(Territory).where(Territory.slug == slug))


def visible_territory(actor: Actor, territory_id: int) -> Territory:
    """A territory in which the actor invites people, or `Hidden`."""
    territory = db.session.get(Territory, territory_id)
    actor.reveal(Permission.ACCOUNT_INVITE, territory)
    assert territory is not None
    return territory


def visible_campaign(actor: Actor, campaign_id: int) -> Campaign:
    """The campaign, or `Hidden`."""
    campaign = db.session.scalar(visible_to(actor).where(Campaign.id == campaign_id))
    actor.reveal(Permission.CAMPAIGN_VIEW, campaign)
    assert campaign is not None
    return campaign


def open_mondays(school_year: str) -> list[date]:
    """The Mondays of a school year whose five days are all school days."""
    first, last = school_year_bounds(school_year)
    return [
        monday
        for monday in mondays_between(first, last)
        if week_problem(monday, is_school_holiday=gateway.is_school_holiday, public_holiday=gateway.public_holiday)
        is None
    ]
