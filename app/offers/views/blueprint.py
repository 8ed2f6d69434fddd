"""The blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, g
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.campaigns.models import Campaign
from app.kernel.errors import Conflict
from app.kernel.states import Transition
from app.offers import words
from app.offers.models import PlacementOffer
from app.offers.states import TABLE, OfferState

bp = Blueprint("offers", __name__)
words.install(bp)


def current_campaign() -> Campaign:
    """The campaign of the moment; without one there is nothing to offer into."""
    campaign: Campaign | None = g.get("campaign")
    if campaign is None:
        raise Conflict(_("Aucune campagne n’est encore ouverte sur ce territoire. Revenez bientôt."))
    return campaign


def actions(actor: Actor, offer: PlacementOffer) -> list[Transition[OfferState]]:
    """What this actor may do to the offer now."""
    return [t for t in TABLE.open_from(offer.state) if actor.can(Permission(t.permission), offer)]


def sent() -> str:
    return _("L’offre est envoyée. La coordination la relit, puis les élèves la verront.")
