"""Lists of offers: those one writes or reviews, those one may browse."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.campaigns import queries as campaign_queries
from app.campaigns.models import Campaign
from app.campaigns.rules import phase_deadline, phase_sentence
from app.campaigns.states import OFFERS_EDITABLE
from app.occupations import reference
from app.offers import queries
from app.offers.forms import filter_of, state_choices
from app.offers.views.blueprint import actions, bp


@bp.get("/offres")
@requires(Permission.OFFER_EDIT)
def index() -> ResponseReturnValue:
    actor = current_actor()
    campaign: Campaign | None = g.get("campaign")
    wanted = filter_of(request.args, campaign)
    counts = queries.counts_by_state(actor, campaign.id if campaign else None)
    reviewing = actor.may(Permission.OFFER_REVIEW)
    return render_template(
        "offers/review.html" if reviewing else "offers/index.html",
        pagination=queries.page(actor, campaign.id if campaign else None, wanted, _page_number()),
        counts=counts,
        total=sum(counts.values()),
        actions=lambda offer: actions(actor, offer),
        reusable=queries.reusable(actor, campaign) if campaign and not reviewing else [],
        organizations=[] if reviewing else queries.organizations_of(actor),
        may_write=campaign is not None and campaign.phase in OFFERS_EDITABLE,
        **_phase(actor, campaign),
        **_filters(actor, campaign, wanted),
    )


@bp.get("/offres/parcourir")
@requires(Permission.CLASS_VIEW)
def browse() -> ResponseReturnValue:
    actor = current_actor()
    campaign: Campaign | None = g.get("campaign")
    wanted = filter_of(request.args, campaign)
    return render_template(
        "offers/browse.html",
        pagination=queries.public_page(actor, campaign.id if campaign else 0, wanted, _page_number()),
        **_filters(actor, campaign, wanted),
    )


def _page_number() -> int:
    return request.args.get("page", 1, type=int)


def _phase(actor: Actor, campaign: Campaign | None) -> dict[str, Any]:
    if campaign is None:
        return {"sentence": None, "until": None}
    return {"sentence": phase_sentence(actor.role, campaign.phase), "until": phase_deadline(campaign)}


def _filters(actor: Actor, campaign: Campaign | None, wanted: queries.Filter) -> dict[str, Any]:
    names = ("q", "etat", "domaine", "commune", "semaine", "niveau")
    return {
        "wanted": wanted,
        "kept": {name: request.args[name] for name in names if request.args.get(name)},
        "states": state_choices(),
        "sectors": list(reference.sectors().values()),
        "communes": campaign_queries.communes(actor.territory_id or 0),
        "mondays": [week.monday for week in campaign.weeks] if campaign else [],
        "levels": campaign.level_list if campaign else [],
    }
