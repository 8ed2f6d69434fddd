"""HTTP of the room `offers`: parse, call one verb or one query, render."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission
from app.campaigns import queries as campaign_queries
from app.campaigns.models import Campaign
from app.campaigns.rules import phase_deadline, phase_sentence
from app.campaigns.states import OFFERS_EDITABLE
from app.hosts import queries as host_queries
from app.hosts.forms import ReasonForm
from app.hosts.models import HostOrganization
from app.kernel.errors import Conflict, Invalid
from app.occupations import queries as occupation_queries
from app.occupations import reference
from app.offers import queries, rules, safety, services, words
from app.offers.forms import OfferForm, filter_of, identifier, state_choices
from app.offers.models import PlacementOffer
from app.offers.states import EDITABLE, TABLE, OfferState

bp = Blueprint("offers", __name__)


words.install(bp)


def _campaign() -> Campaign:
    """The campaign of the moment; without one there is nothing to offer into."""
    campaign: Campaign | None = g.get("campaign")
    if campaign is None:
        raise Conflict(_("Aucune campagne n’est encore ouverte sur ce territoire. Revenez bientôt."))
    return campaign


# --- lists ------------------------------------------------------------------------------------------------------


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
        actions=lambda offer: _actions(actor, offer),
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


# --- writing ----------------------------------------------------------------------------------------------------


@bp.get("/offres/nouvelle")
@requires(Permission.OFFER_EDIT)
def new() -> ResponseReturnValue:
    actor, campaign = current_actor(), _campaign()
    organization = _chosen_organization(actor)
    if organization is None:
        return render_template("offers/choose.html", organizations=host_queries.choices(actor))
    form = OfferForm.over(campaign, organization.sites)
    return _form_page(form, organization)


@bp.post("/offres/nouvelle")
@requires(Permission.OFFER_EDIT)
def create() -> ResponseReturnValue:
    actor, campaign = current_actor(), _campaign()
    organization = _chosen_organization(actor)
    if organization is None:
        return render_template("offers/choose.html", organizations=host_queries.choices(actor)), 422
    form = OfferForm.over(campaign, organization.sites)
    send = request.form.get("intent") == "send"
    readable = form.validate()
    try:
        if not readable:
            services.check(form.to_draft(), campaign, organization.id, complete=send)
        else:
            offer = services.write(
                form.to_draft(),
                organization,
                campaign,
                request_key=form.request_key.data or "",
                send=send,
                by=actor,
            )
            flash(_sent() if send else _("Le brouillon est gardé."), "success")
            return redirect(url_for("offers.show", offer_id=offer.id), 303)
    except Invalid as error:
        form.take(error)
    return _form_page(form, organization), 422


def _chosen_organization(actor: Actor) -> HostOrganization | None:
    """The structure of the address, else the only one the actor belongs to."""
    number = identifier(request.args.get("structure"))
    if number is None and len(actor.organization_ids) == 1:
        (number,) = actor.organization_ids
    return host_queries.visible_organization(actor, number) if number is not None else None


@bp.get("/offres/<int:offer_id>/modifier")
@requires(Permission.OFFER_EDIT)
def edit(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    offer = queries.visible_offer(actor, offer_id)
    if offer.state not in EDITABLE:
        raise Conflict(_("Cette offre ne se modifie plus. Demandez à la coordination de vous la renvoyer."))
    return _form_page(_form_of(offer), offer.organization, offer)


@bp.post("/offres/<int:offer_id>/modifier")
@requires(Permission.OFFER_EDIT)
def save(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    offer = queries.visible_offer(actor, offer_id)
    form = _form_of(offer)
    send = request.form.get("intent") == "send"
    readable = form.validate()
    try:
        if not readable:
            services.check(form.to_draft(), offer.campaign, offer.organization_id, complete=send)
        else:
            services.rewrite(offer, form.to_draft(), send=send, by=actor)
            flash(_sent() if send else _("Vos changements sont gardés."), "success")
            return redirect(url_for("offers.show", offer_id=offer.id), 303)
    except Invalid as error:
        form.take(error)
    return _form_page(form, offer.organization, offer), 422


def _form_of(offer: PlacementOffer) -> OfferForm:
    return OfferForm.over(offer.campaign, host_queries.sites_of(offer.organization_id), services.draft_of(offer))


def _sent() -> str:
    return _("L’offre est envoyée. La coordination la relit, puis les élèves la verront.")


def _form_page(form: OfferForm, organization: HostOrganization, offer: PlacementOffer | None = None) -> str:
    sector = form.sector.data if form.sector.data in reference.sectors() else None
    return render_template(
        "offers/form.html",
        form=form,
        organization=organization,
        offer=offer,
        condition_pictos={c.code: c.pictogram for c in reference.conditions().values()},
        works=safety.relevant(sector),
        sector=sector,
    )


@bp.get("/offres/travaux-interdits")
@requires(Permission.OFFER_EDIT)
def forbidden_works() -> ResponseReturnValue:
    """The list of one sector, asked for while the form is being filled."""
    sector = request.args.get("sector", "")
    sector = sector if sector in reference.sectors() else ""
    return render_template("offers/_forbidden.html", works=safety.relevant(sector), sector=sector)


@bp.get("/metiers/suggestions")
@public("names of occupations of the national register: no personal data")
def suggest_occupations() -> ResponseReturnValue:
    found = occupation_queries.suggest(request.args.get("q", ""), sector=request.args.get("domaine"))
    return jsonify([{"value": o.rome_code, "label": o.label, "hint": _sector_label(o.sector)} for o in found])


def _sector_label(code: str) -> str:
    return reference.sectors()[code].label


# --- one offer --------------------------------------------------------------------------------------------------


@bp.get("/offres/<int:offer_id>")
@requires(Permission.OFFER_VIEW)
def show(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    return _offer_page(actor, queries.visible_offer(actor, offer_id))


def _offer_page(actor: Actor, offer: PlacementOffer, form: ReasonForm | None = None) -> str:
    return render_template(
        "offers/show.html",
        offer=offer,
        managing=actor.can(Permission.OFFER_EDIT, offer),
        reviewing=actor.can(Permission.OFFER_REVIEW, offer),
        actions=_actions(actor, offer),
        editable=offer.state in EDITABLE and actor.can(Permission.OFFER_EDIT, offer),
        labels={t.action: t.label for t in TABLE},
        advice=rules.hours_advice(services.draft_of(offer).hours),
        form=form or ReasonForm(formdata=None),
        journal=host_queries.journal(actor, "PlacementOffer", offer.id),
    )


def _actions(actor: Actor, offer: PlacementOffer) -> list[Any]:
    return [t for t in TABLE.open_from(offer.state) if actor.can(Permission(t.permission), offer)]


@bp.post("/offres/<int:offer_id>/action")
@requires(Permission.OFFER_EDIT)
def act(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    offer = queries.visible_offer(actor, offer_id)
    form = ReasonForm()
    action = form.action.data or ""
    try:
        services.act(offer, action, by=actor, reason=form.reason.data or "")
    except Invalid as error:
        if action == "submit":
            return _incomplete(offer, error), 422
        return _offer_page(actor, offer, ReasonForm.refused(error)), 422
    flash(_done(action), "success")
    if request.form.get("suite") == "liste":
        return redirect(url_for("offers.index", etat=OfferState.SUBMITTED), 303)
    return redirect(url_for("offers.show", offer_id=offer_id), 303)


def _incomplete(offer: PlacementOffer, error: Invalid) -> str:
    """A draft that cannot be sent yet: its form, with what is missing beside each field."""
    form = OfferForm.over(
        offer.campaign, host_queries.sites_of(offer.organization_id), services.draft_of(offer), fresh=True
    )
    form.take(error)
    return _form_page(form, offer.organization, offer)


def _done(action: str) -> str:
    sentences = {
        "submit": _sent(),
        "publish": _("L’offre est publiée. La structure est prévenue."),
        "send_back": _("L’offre est renvoyée à la structure, avec votre demande."),
        "suspend": _("L’offre est suspendue : les élèves ne la voient plus."),
        "restore": _("L’offre est de nouveau en ligne."),
        "close": _("L’offre est fermée."),
    }
    return sentences.get(action, _("C’est fait."))


@bp.post("/offres/<int:offer_id>/reprendre")
@requires(Permission.OFFER_EDIT)
def reuse(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    offer = queries.visible_offer(actor, offer_id)
    copy = services.reuse(offer, _campaign(), by=actor)
    if copy.state not in EDITABLE:
        return redirect(url_for("offers.show", offer_id=copy.id), 303)
    flash(_("Votre offre est reprise. Relisez-la, choisissez les semaines, puis envoyez-la."), "success")
    return redirect(url_for("offers.edit", offer_id=copy.id), 303)
