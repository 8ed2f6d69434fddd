"""Writing an offer: its form, and what the form asks for while it is being filled."""

from __future__ import annotations

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission
from app.hosts import queries as host_queries
from app.hosts.models import HostOrganization, HostSite
from app.kernel.errors import Conflict, Invalid
from app.occupations import queries as occupation_queries
from app.occupations import reference
from app.offers import queries, safety, services
from app.offers.forms import OfferForm, identifier
from app.offers.models import PlacementOffer
from app.offers.states import EDITABLE
from app.offers.views.blueprint import bp, current_campaign, sent


@bp.get("/offres/nouvelle")
@requires(Permission.OFFER_EDIT)
def new() -> ResponseReturnValue:
    actor, campaign = current_actor(), current_campaign()
    organization = _chosen_organization(actor)
    if organization is None:
        return render_template("offers/choose.html", organizations=host_queries.choices(actor))
    form = OfferForm.over(campaign, _own(actor, organization.sites))
    return form_page(form, organization)


@bp.post("/offres/nouvelle")
@requires(Permission.OFFER_EDIT)
def create() -> ResponseReturnValue:
    actor, campaign = current_actor(), current_campaign()
    organization = _chosen_organization(actor)
    if organization is None:
        return render_template("offers/choose.html", organizations=host_queries.choices(actor)), 422
    form = OfferForm.over(campaign, _own(actor, organization.sites))
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
            flash(sent() if send else _("Le brouillon est gardé."), "success")
            return redirect(url_for("offers.show", offer_id=offer.id), 303)
    except Invalid as error:
        form.take(error)
    return form_page(form, organization), 422


def _chosen_organization(actor: Actor) -> HostOrganization | None:
    """The structure of the address, else the only one the actor belongs to."""
    number = identifier(request.args.get("structure"))
    if number is None and len(actor.member_ids) == 1:
        (number,) = actor.member_ids
    return host_queries.visible_organization(actor, number) if number is not None else None


def _own(actor: Actor, sites: list[HostSite]) -> list[HostSite]:
    """The places at which the actor writes offers: a tutor's own."""
    return [site for site in sites if actor.can(Permission.OFFER_EDIT, site)]


@bp.get("/offres/<int:offer_id>/modifier")
@requires(Permission.OFFER_EDIT)
def edit(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    offer = queries.visible_offer(actor, offer_id)
    if offer.state not in EDITABLE:
        raise Conflict(_("Cette offre ne se modifie plus. Demandez à la coordination de vous la renvoyer."))
    return form_page(form_of(offer), offer.organization, offer)


@bp.post("/offres/<int:offer_id>/modifier")
@requires(Permission.OFFER_EDIT)
def save(offer_id: int) -> ResponseReturnValue:
    actor = current_actor()
    offer = queries.visible_offer(actor, offer_id)
    form = form_of(offer)
    send = request.form.get("intent") == "send"
    readable = form.validate()
    try:
        if not readable:
            services.check(form.to_draft(), offer.campaign, offer.organization_id, complete=send)
        else:
            services.rewrite(offer, form.to_draft(), send=send, by=actor)
            flash(sent() if send else _("Vos changements sont gardés."), "success")
            return redirect(url_for("offers.show", offer_id=offer.id), 303)
    except Invalid as error:
        form.take(error)
    return form_page(form, offer.organization, offer), 422


def form_of(offer: PlacementOffer) -> OfferForm:
    sites = _own(current_actor(), host_queries.sites_of(offer.organization_id))
    return OfferForm.over(offer.campaign, sites, services.draft_of(offer))


def form_page(form: OfferForm, organization: HostOrganization, offer: PlacementOffer | None = None) -> str:
    """The form as it stands, with what its hours break."""
    sector = form.sector.data if form.sector.data in reference.sectors() else None
    return render_template(
        "offers/form.html",
        form=form,
        organization=organization,
        team=host_queries.names_of(organization.id),
        offer=offer,
        condition_pictos={c.code: c.pictogram for c in reference.conditions().values()},
        works=safety.relevant(sector),
        sector=sector,
        hours_lines=services.hours_lines(form.to_draft(), offer.campaign if offer else current_campaign()),
    )


@bp.post("/offres/horaires")
@requires(Permission.OFFER_EDIT)
def check_hours() -> ResponseReturnValue:
    """What the rules say of the hours of the form, while it is being filled."""
    campaign = current_campaign()
    form = OfferForm.over(campaign, [])
    form.hours.validate(form)
    return render_template("offers/_hours.html", form=form, hours_lines=services.hours_lines(form.to_draft(), campaign))


@bp.get("/offres/travaux-interdits")
@requires(Permission.OFFER_EDIT)
def forbidden_works() -> ResponseReturnValue:
    """The list of one sector, asked for while the form is being filled."""
    sector = request.args.get("sector", "")
    sector = sector if sector in reference.sectors() else ""
    return render_template("offers/_forbidden.html", works=safety.relevant(sector), sector=sector)


def incomplete(offer: PlacementOffer, error: Invalid) -> str:
    """A draft that cannot be sent yet: its form, with what is missing beside each field."""
    sites = _own(current_actor(), host_queries.sites_of(offer.organization_id))
    form = OfferForm.over(offer.campaign, sites, services.draft_of(offer), fresh=True)
    form.take(error)
    return form_page(form, offer.organization, offer)


@bp.get("/metiers/suggestions")
@public("names of occupations of the national register: no personal data")
def suggest_occupations() -> ResponseReturnValue:
    typed = request.args.get("q", "")
    found = occupation_queries.suggest(typed, sector=request.args.get("domaine"))
    known = [{"value": o.rome_code, "label": o.label, "hint": _sector_label(o.sector)} for o in found]
    others = occupation_queries.suggest_titles(typed, limit=occupation_queries.MAX_SUGGESTIONS - len(known))
    return jsonify([*known, *({"value": title, "label": title, "hint": _("Autre métier")} for title in others)])


def _sector_label(code: str) -> str:
    return reference.sectors()[code].label
