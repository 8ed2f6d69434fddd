"""Reading territories and campaigns."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.campaigns.models import Campaign, Commune, Territory
from app.campaigns.states import Phase
from app.kernel.database import db

COLUMNS = ScopeColumns(territory=Campaign.territory_id)


def visible_to(actor: Actor) -> Select[tuple[Campaign]]:
    return select(Campaign).where(visible(actor, Permission.CAMPAIGN_VIEW, COLUMNS))


def current(actor: Actor) -> Campaign | None:
    """The territory's campaign of the moment: the latest that is not closed, else the latest."""
    statement = (
        visible_to(actor)
        .order_by((Campaign.phase == Phase.CLOSED).asc(), Campaign.wishes_open_on.desc(), Campaign.id.desc())
        .options(selectinload(Campaign.weeks))
        .limit(1)
    )
    return db.session.scalar(statement)


def territories() -> list[Territory]:
    """Every territory, with its communes: for the administrator and for the public registration form."""
    return list(
        db.session.scalars(
            select(Territory).options(selectinload(Territory.communes)).order_by(Territory.name)
        )
    )


def communes(territory_id: int) -> list[Commune]:
    return list(
        db.session.scalars(select(Commune).where(Commune.territory_id == territory_id).order_by(Commune.name))
    )
