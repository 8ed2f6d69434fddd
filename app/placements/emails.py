"""Messages of a publication: one to each family, one a class to its teachers, one an offer to its structure."""

from __future__ import annotations

from collections.abc import Sequence

from app.accounts.models import User
from app.campaigns.models import Campaign, Territory
from app.messaging import rendering
from app.messaging.rules import Message
from app.offers.models import PlacementOffer
from app.placements import links
from app.placements.models import Placement
from app.schools.models import LegalGuardian, SchoolClass


def family(placement: Placement, guardian: LegalGuardian, territory: Territory) -> Message:
    """To a guardian: where, when, with whom, and the family's personal link."""
    return rendering.build(
        "placement_family",
        to_email=guardian.email or "",
        to_name=guardian.name,
        dedupe_key=f"placement_family:{placement.id}:{guardian.id}",
        territory_id=placement.territory_id,
        placement=placement,
        territory=territory,
        url=rendering.page_url("placements.family", token=links.token_for(guardian)),
    )


def school_class(school_class: SchoolClass, placements: Sequence[Placement], teacher: User) -> Message:
    """To a teacher: where each newly placed student of the class goes."""
    return rendering.build(
        "placement_class",
        to_email=teacher.email or "",
        to_name=teacher.display_name,
        dedupe_key=f"placement_class:{school_class.id}:{teacher.id}:{_batch(placements)}",
        territory_id=school_class.territory_id,
        school_class=school_class,
        placements=placements,
        url=rendering.page_url("placements.letters", class_id=school_class.id),
    )


def host(offer: PlacementOffer, placements: Sequence[Placement], member: User, campaign: Campaign) -> Message:
    """To a structure: first names only, week and level."""
    return rendering.build(
        "placement_host",
        to_email=member.email or "",
        to_name=member.display_name,
        dedupe_key=f"placement_host:{offer.id}:{member.id}:{_batch(placements)}",
        territory_id=campaign.territory_id,
        offer=offer,
        placements=placements,
        url=rendering.page_url("placements.host_arrivals"),
    )


def _batch(placements: Sequence[Placement]) -> int:
    """What tells one publication from the next: each placement is published once."""
    return min(placement.id for placement in placements)
