"""The structure's own pages: what it says of itself, its places."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.campaigns import queries as campaign_queries
from app.hosts import queries, services
from app.hosts.forms import IdentityForm, SiteForm
from app.hosts.models import HostOrganization
from app.hosts.rules import EXAMPLES, FAMILIES
from app.hosts.views.blueprint import bp, page_of
from app.kernel.errors import Invalid


@bp.get("/ma-structure")
@requires(Permission.HOST_VIEW)
def mine() -> ResponseReturnValue:
    actor = current_actor()
    if not actor.member_ids:
        return redirect(url_for("hosts.index") if actor.may(Permission.HOST_REVIEW) else url_for("pages.home"))
    return page_of(actor, queries.visible_organization(actor, min(actor.organization_ids or actor.tutored_ids)))


@bp.get("/structures/<int:organization_id>")
@requires(Permission.HOST_VIEW)
def show(organization_id: int) -> ResponseReturnValue:
    actor = current_actor()
    return page_of(actor, queries.visible_organization(actor, organization_id))


def _edited(organization_id: int) -> HostOrganization:
    """The structure, for whoever may change it: a tutor reads it, and is refused here."""
    actor = current_actor()
    organization = queries.visible_organization(actor, organization_id)
    actor.demand(Permission.HOST_EDIT, organization)
    return organization


@bp.get("/structures/<int:organization_id>/modifier")
@requires(Permission.HOST_EDIT)
def edit(organization_id: int) -> ResponseReturnValue:
    organization = _edited(organization_id)
    return _identity_page(organization, IdentityForm.over(organization))


@bp.post("/structures/<int:organization_id>/modifier")
@requires(Permission.HOST_EDIT)
def save(organization_id: int) -> ResponseReturnValue:
    actor = current_actor()
    organization = queries.visible_organization(actor, organization_id)
    form = IdentityForm.over(organization)
    if form.validate():
        try:
            services.describe(organization, form.to_draft(), by=actor)
            flash(_("La fiche de la structure est à jour."), "success")
            return redirect(url_for("hosts.show", organization_id=organization_id), 303)
        except Invalid as error:
            form.take(error)
    return _identity_page(organization, form), 422


def _identity_page(organization: HostOrganization, form: IdentityForm) -> str:
    examples = [(FAMILIES[family], example) for family, example in EXAMPLES.items()]
    return render_template("hosts/edit.html", organization=organization, form=form, examples=examples)


@bp.get("/structures/<int:organization_id>/lieux/nouveau")
@requires(Permission.HOST_EDIT)
def new_site(organization_id: int) -> ResponseReturnValue:
    organization = _edited(organization_id)
    return _site_page(organization, SiteForm.over(campaign_queries.communes(organization.territory_id)))


@bp.post("/structures/<int:organization_id>/lieux/nouveau")
@requires(Permission.HOST_EDIT)
def add_site(organization_id: int) -> ResponseReturnValue:
    actor = current_actor()
    organization = queries.visible_organization(actor, organization_id)
    form = SiteForm.over(campaign_queries.communes(organization.territory_id))
    if form.validate():
        try:
            services.add_site(organization, form.to_draft(), by=actor)
            flash(_("Le lieu est ajouté."), "success")
            return redirect(url_for("hosts.show", organization_id=organization_id), 303)
        except Invalid as error:
            form.take(error)
    return _site_page(organization, form), 422


@bp.get("/lieux/<int:site_id>/modifier")
@requires(Permission.HOST_EDIT)
def edit_site(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = queries.visible_site(actor, site_id)
    actor.demand(Permission.HOST_EDIT, site)
    form = SiteForm.over(campaign_queries.communes(site.organization.territory_id), site)
    return _site_page(site.organization, form, site=site)


@bp.post("/lieux/<int:site_id>/modifier")
@requires(Permission.HOST_EDIT)
def save_site(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = queries.visible_site(actor, site_id)
    form = SiteForm.over(campaign_queries.communes(site.organization.territory_id), site)
    if form.validate():
        try:
            services.change_site(site, form.to_draft(), by=actor)
            flash(_("Le lieu est à jour."), "success")
            return redirect(url_for("hosts.show", organization_id=site.organization_id), 303)
        except Invalid as error:
            form.take(error)
    return _site_page(site.organization, form, site=site), 422


def _site_page(organization: HostOrganization, form: SiteForm, **more: Any) -> str:
    return render_template("hosts/site.html", organization=organization, form=form, **more)
