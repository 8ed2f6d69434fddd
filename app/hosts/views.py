"""HTTP of the room `hosts`: parse, call one verb or one query, render."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission
from app.campaigns import queries as campaign_queries
from app.hosts import queries, services
from app.hosts.forms import IdentityForm, ReasonForm, RegistrationForm, SiteForm, filter_of, state_choices
from app.hosts.models import HostOrganization
from app.hosts.rules import EXAMPLES, FAMILIES, KINDS, LEGAL_FORMS
from app.hosts.states import LABELS, TABLE, HostState
from app.kernel.errors import Invalid

bp = Blueprint("hosts", __name__)


@bp.app_template_filter("genre")
def _kind(organization: HostOrganization) -> str:
    return str(KINDS[organization.kind])


@bp.app_template_filter("famille")
def _family(organization: HostOrganization) -> str:
    return str(FAMILIES[organization.family])


@bp.app_template_filter("phrase_ess")
def _ess_sentence(organization: HostOrganization) -> str:
    """What makes the structure part of the ESS: its own words, else those of its family. Never empty."""
    return organization.ess_sentence or str(EXAMPLES[organization.family])


@bp.app_template_filter("etat_structure")
def _state(state: HostState) -> tuple[str, str]:
    return LABELS[state]


# --- registration -----------------------------------------------------------------------------------------------


@bp.get("/structures/inscription")
@public("a structure registers itself; nothing is public before a coordinator has verified it")
def register() -> ResponseReturnValue:
    return _registration_page(RegistrationForm.over(campaign_queries.territories()))


@bp.post("/structures/inscription")
@public("a structure registers itself; nothing is public before a coordinator has verified it")
def send_registration() -> ResponseReturnValue:
    form = RegistrationForm.over(campaign_queries.territories())
    if form.validate():
        try:
            services.register(form.to_draft(), address=request.remote_addr or "unknown")
            return redirect(url_for("hosts.registered"), 303)
        except Invalid as error:
            form.take(error)
    return _registration_page(form), 422


def _registration_page(form: RegistrationForm) -> str:
    examples = [(FAMILIES[family], example) for family, example in EXAMPLES.items()]
    return render_template("hosts/register.html", form=form, examples=examples)


@bp.get("/structures/inscription/merci")
@public("says only what happens next, the same to everybody")
def registered() -> ResponseReturnValue:
    return render_template("hosts/registered.html")


# --- the structure's own pages ----------------------------------------------------------------------------------


@bp.get("/ma-structure")
@requires(Permission.HOST_VIEW)
def mine() -> ResponseReturnValue:
    actor = current_actor()
    if not actor.organization_ids:
        return redirect(url_for("hosts.index") if actor.may(Permission.HOST_REVIEW) else url_for("pages.home"))
    return _page(actor, queries.visible_organization(actor, min(actor.organization_ids)))


@bp.get("/structures/<int:organization_id>")
@requires(Permission.HOST_VIEW)
def show(organization_id: int) -> ResponseReturnValue:
    actor = current_actor()
    return _page(actor, queries.visible_organization(actor, organization_id))


def _page(actor: Actor, organization: HostOrganization, form: ReasonForm | None = None) -> str:
    return render_template(
        "hosts/show.html",
        organization=organization,
        legal_form=LEGAL_FORMS.get(organization.legal_form, (organization.legal_form,))[0],
        actions=[t for t in TABLE.open_from(organization.state) if actor.can(Permission(t.permission), organization)],
        labels={t.action: t.label for t in TABLE},
        form=form or ReasonForm(formdata=None),
        journal=queries.journal(actor, "HostOrganization", organization.id),
        others=_others(actor, organization),
        reviewing=actor.may(Permission.HOST_REVIEW),
    )


def _others(actor: Actor, organization: HostOrganization) -> list[tuple[int, str]]:
    if len(actor.organization_ids) < 2:
        return []
    return [(number, name) for number, name in queries.choices(actor) if number != organization.id]


@bp.get("/structures/<int:organization_id>/modifier")
@requires(Permission.HOST_EDIT)
def edit(organization_id: int) -> ResponseReturnValue:
    organization = queries.visible_organization(current_actor(), organization_id)
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
    organization = queries.visible_organization(current_actor(), organization_id)
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
    site = queries.visible_site(current_actor(), site_id)
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


# --- coordination -----------------------------------------------------------------------------------------------


@bp.get("/structures")
@requires(Permission.HOST_REVIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    wanted = filter_of(request.args)
    counts = queries.counts_by_state(actor)
    return render_template(
        "hosts/index.html",
        pagination=queries.page(actor, wanted, request.args.get("page", 1, type=int)),
        wanted=wanted,
        kept={name: request.args[name] for name in ("q", "etat", "genre", "commune") if request.args.get(name)},
        waiting=counts.get(HostState.REGISTERED, 0),
        total=sum(counts.values()),
        states=state_choices(),
        kinds=[(kind.value, label) for kind, label in KINDS.items()],
        communes=campaign_queries.communes(actor.territory_id or 0),
    )


@bp.post("/structures/<int:organization_id>/decision")
@requires(Permission.HOST_REVIEW)
def decide(organization_id: int) -> ResponseReturnValue:
    actor = current_actor()
    organization = queries.visible_organization(actor, organization_id)
    form = ReasonForm()
    action = form.action.data or ""
    try:
        services.decide(organization, action, by=actor, reason=form.reason.data or "")
    except Invalid as error:
        return _page(actor, organization, ReasonForm.refused(error)), 422
    flash(_done(action), "success")
    return redirect(url_for("hosts.show", organization_id=organization_id), 303)


def _done(action: str) -> str:
    sentences = {
        "verify": _("La structure est vérifiée. Elle est prévenue par e-mail."),
        "refuse": _("L’inscription est refusée. La structure est prévenue par e-mail."),
        "suspend": _("La structure est suspendue : les élèves ne voient plus ses offres."),
        "restore": _("La suspension est levée : les offres publiées sont de nouveau visibles."),
    }
    return sentences.get(action, _("C’est fait."))
