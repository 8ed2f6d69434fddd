"""Whom to call where places are missing: verified structures of a sector and a commune without an offer that week."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from app.campaigns.models import Campaign, Commune
from app.hosts.models import HostMember, HostOrganization, HostSite, MemberRole
from app.hosts.states import HostState
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState


@dataclass(frozen=True, slots=True)
class Call:
    """A structure to call. `knows_sector`: it has already written an offer in that sector."""

    organization_id: int
    name: str
    phone: str
    contact: str
    email: str
    knows_sector: bool


def commune_names(territory_id: int) -> dict[int, str]:
    rows = db.session.execute(select(Commune.id, Commune.name).where(Commune.territory_id == territory_id))
    return dict(rows.tuples().all())


def calls(campaign: Campaign, cells: Collection[tuple[str, int, date]]) -> dict[tuple[str, int, date], list[Call]]:
    """For each (sector, commune, Monday): the verified structures of that commune without a public place there that
    week, those which know the sector first. In a fixed number of statements."""
    organizations = list(
        db.session.scalars(
            select(HostOrganization)
            .where(HostOrganization.territory_id == campaign.territory_id, HostOrganization.state == HostState.VERIFIED)
            .options(
                selectinload(HostOrganization.sites),
                selectinload(HostOrganization.members).options(joinedload(HostMember.user), lazyload(HostMember.sites)),
            )
            .order_by(HostOrganization.name, HostOrganization.id)
        )
    )
    sectors = _sectors(campaign.territory_id)
    busy = _busy(campaign.id)
    found = {}
    for cell in cells:
        sector, commune, monday = cell
        listed = [
            _call(organization, knows_sector=(organization.id, sector) in sectors)
            for organization in organizations
            if any(site.commune_id == commune for site in organization.sites)
            and (organization.id, commune, monday) not in busy
        ]
        found[cell] = sorted(listed, key=lambda call: not call.knows_sector)
    return found


def _sectors(territory_id: int) -> set[tuple[int, str]]:
    """(structure, sector) of every offer ever written."""
    rows = db.session.execute(
        select(PlacementOffer.organization_id, PlacementOffer.sector)
        .where(PlacementOffer.territory_id == territory_id)
        .distinct()
    )
    return set(rows.tuples().all())


def _busy(campaign_id: int) -> set[tuple[int, int | None, date]]:
    """(structure, commune, Monday) where a public place is already offered."""
    rows = db.session.execute(
        select(PlacementOffer.organization_id, HostSite.commune_id, Slot.monday)
        .join(Slot, Slot.offer_id == PlacementOffer.id)
        .join(HostSite, HostSite.id == PlacementOffer.site_id)
        .where(PlacementOffer.campaign_id == campaign_id, PlacementOffer.state == OfferState.PUBLISHED)
        .distinct()
    )
    return set(rows.tuples().all())


def _call(organization: HostOrganization, *, knows_sector: bool) -> Call:
    user = next((m.user for m in organization.members if m.user.is_active and m.role is MemberRole.OWNER), None)
    return Call(
        organization.id,
        organization.name,
        organization.phone,
        user.display_name if user else "",
        (user.email or "") if user else "",
        knows_sector,
    )
