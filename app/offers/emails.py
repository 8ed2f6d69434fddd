"""Messages about offers."""

from __future__ import annotations

from app.accounts.models import User
from app.messaging import rendering
from app.messaging.rules import Message
from app.offers.models import PlacementOffer

TOLD = frozenset({"publish", "send_back", "suspend", "restore"})


def decision(action: str, offer: PlacementOffer, user: User, entry: int) -> Message:
    """To each person of the structure, for the actions of `TOLD`. `entry` numbers the decision."""
    return rendering.build(
        f"offer_{action}",
        to_email=user.email or "",
        to_name=user.display_name,
        dedupe_key=f"offer_{action}:{offer.id}:{user.id}:{entry}",
        territory_id=offer.territory_id,
        offer=offer,
        reason=offer.state_reason,
    )
