"""HTTP of territories and campaigns."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission, Role
from app.accounts import opening
from app.accounts import queries as account_queries
from app.accounts import services as account_services
from app.accounts.forms import ROLE_LABELS, InviteForm
from app.accounts.views.access import access_page, give_access
from app.campaigns import queries, rules, services
from app.campaigns.forms import CampaignForm, PhaseForm, TerritoryForm
from app.campaigns.models import Campaign
from app.campaigns.states import TABLE
from app.kernel import clock
from app.kernel.errors import Invalid
from app.web.wording import week

bp = Blueprint("campaigns", __name__)

CHOSEN = "campaign"  # in the session: the campaign that this browser works in


@bp.get("/territoires")
@requires(Permission.TERRITORY_MANAGE)
def territories() -> ResponseReturnValue:
    return render_template("campaigns/territories.html", territories=queries.territories())


@bp.get("/territoires/nouveau")
@requires(Permission.TERRITORY_MANAGE)
def new_territory() -> ResponseReturnValue:
    return render_template("campaigns/territory_form.html", form=TerritoryForm())


@bp.post("/territoires/nouveau")
@requires(Permission.TERRITORY_MANAGE)
def create_territory() -> ResponseReturnValue:
    form = TerritoryForm()
    if form.validate():
        draft, communes = form.to_draft()
        try:
            territory = services.create_territory(draft, communes, by=current_actor())
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Le territoire est créé. Invitez maintenant la personne qui le coordonne."), "success")
            return redirect(url_for("campaigns.invite", territory_id=territory.id), 303)
    return render_template("campaigns/territory_form.html", form=form), 422


@bp.get("/territoires/<int:territory_id>/equipe")
@requires(Permission.ACCOUNT_INVITE)
def team(territory_id: int) -> ResponseReturnValue:
    actor = current_actor()
    territory = queries.visible_territory(actor, territory_id)
    users = account_queries.team(actor, territory_id)
    return render_template("campaigns/team.html", territory=territory, users=users, labels=ROLE_LABELS)


def _invite_form() -> InviteForm:
    form = InviteForm()
    form.role.choices = [(role.value, ROLE_LABELS[role]) for role in (Role.COORDINATOR, Role.OBSERVER)]
    return form


@bp.get("/territoires/<int:territory_id>/inviter")
@requires(Permission.ACCOUNT_INVITE)
def invite(territory_id: int) -> ResponseReturnValue:
    territory = queries.visible_territory(current_actor(), territory_id)
    return render_template("campaigns/invite.html", territory=territory, form=_invite_form())


@bp.post("/territoires/<int:territory_id>/inviter")
@requires(Permission.ACCOUNT_INVITE)
def send_invitation(territory_id: int) -> ResponseReturnValue:
    actor = current_actor()
    territory = queries.visible_territory(actor, territory_id)
    form = _invite_form()
    if form.validate():
        try:
            user = account_services.invite(
                form.email.data, form.name.data, Role(form.role.data), territory_id, by=actor
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(_("L’invitation part à %(email)s.", email=user.email), "success")
            return redirect(url_for("campaigns.team", territory_id=territory_id), 303)
    return render_template("campaigns/invite.html", territory=territory, form=form), 422


@bp.post("/territoires/<int:territory_id>/equipe/<int:user_id>/relancer")
@requires(Permission.ACCOUNT_INVITE)
def renew_invitation(territory_id: int, user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    queries.visible_territory(actor, territory_id)
    user = account_queries.visible_user(actor, user_id)
    account_services.renew_invitation(user, by=actor)
    flash(_("Un nouveau lien part à %(email)s.", email=user.email), "success")
    return redirect(url_for("campaigns.team", territory_id=territory_id), 303)


@bp.route("/territoires/<int:territory_id>/equipe/<int:user_id>/acces", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_INVITE)
def account_access(territory_id: int, user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    queries.visible_territory(actor, territory_id)
    user = account_queries.visible_user(actor, user_id)
    back = url_for("campaigns.team", territory_id=territory_id)
    may_hand = opening.may_hand_over(user, by=actor)
    given = give_access(user, may_hand=may_hand, back=back)
    return given or access_page(user, may_hand=may_hand, back=back)


@bp.get("/campagne")
@requires(Permission.CAMPAIGN_VIEW)
def current() -> ResponseReturnValue:
    return _current_page(current_actor(), PhaseForm(formdata=None))


def _current_page(actor: Actor, form: PhaseForm) -> str:
    campaign: Campaign | None = g.campaign
    actions = TABLE.open_from(campaign.phase) if campaign else []
    return render_template(
        "campaigns/current.html",
        actions=[t for t in actions if campaign and actor.can(Permission(t.permission), campaign)],
        sentence=rules.phase_sentence(actor.role, campaign.phase) if campaign else "",
        deadline=rules.phase_deadline(campaign) if campaign else None,
        others=queries.others(actor, campaign) if campaign and actor.role is not Role.STUDENT else [],
        form=form,
    )


@bp.post("/campagne/<int:campaign_id>/choisir")
@requires(Permission.CAMPAIGN_VIEW)
def choose(campaign_id: int) -> ResponseReturnValue:
    """Work in this campaign from now on, in this browser: lists and figures are those of one campaign."""
    campaign = queries.visible_campaign(current_actor(), campaign_id)
    session[CHOSEN] = campaign.id
    flash(_("Vous travaillez dans la campagne « %(name)s ».", name=campaign.name), "success")
    return redirect(url_for("pages.home"), 303)


def _campaign_form(campaign: Campaign | None) -> CampaignForm:
    """The form, for the campaign's own school year or the one named by `?annee=` (this one and the next)."""
    fresh = campaign is not None and request.method == "GET"
    form = CampaignForm(obj=campaign) if fresh else CampaignForm()
    years = [campaign.school_year] if campaign else rules.school_years(clock.today())
    asked = form.school_year.data or request.args.get("annee")
    year = asked if asked in years else years[0]
    form.school_year.choices = [(y, y) for y in years]
    form.school_year.data = year
    chosen = {w.monday for w in campaign.weeks} if campaign else set()
    mondays = [m for m in queries.open_mondays(year) if m > clock.today() or m in chosen]
    form.mondays.choices = [(monday, week(monday)) for monday in mondays]
    if fresh and campaign is not None:
        form.levels.data = campaign.level_list
        form.mondays.data = [w.monday for w in campaign.weeks]
    return form


@bp.get("/campagne/nouvelle")
@requires(Permission.CAMPAIGN_MANAGE)
def new_campaign() -> ResponseReturnValue:
    return render_template("campaigns/form.html", form=_campaign_form(None), edited=None)


@bp.post("/campagne/nouvelle")
@requires(Permission.CAMPAIGN_MANAGE)
def create_campaign() -> ResponseReturnValue:
    return _save(None)


@bp.get("/campagne/<int:campaign_id>/modifier")
@requires(Permission.CAMPAIGN_MANAGE)
def edit_campaign(campaign_id: int) -> ResponseReturnValue:
    campaign = queries.visible_campaign(current_actor(), campaign_id)
    return render_template("campaigns/form.html", form=_campaign_form(campaign), edited=campaign)


@bp.post("/campagne/<int:campaign_id>/modifier")
@requires(Permission.CAMPAIGN_MANAGE)
def change_campaign(campaign_id: int) -> ResponseReturnValue:
    return _save(queries.visible_campaign(current_actor(), campaign_id))


def _save(campaign: Campaign | None) -> ResponseReturnValue:
    form = _campaign_form(campaign)
    if form.validate():
        try:
            services.save_campaign(form.to_draft(), by=current_actor(), campaign=campaign)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("La campagne est enregistrée."), "success")
            return redirect(url_for("campaigns.current"), 303)
    return render_template("campaigns/form.html", form=form, edited=campaign), 422


@bp.post("/campagne/<int:campaign_id>/phase")
@requires(Permission.CAMPAIGN_MANAGE)
def phase(campaign_id: int) -> ResponseReturnValue:
    actor = current_actor()
    campaign = queries.visible_campaign(actor, campaign_id)
    form = PhaseForm()
    if not form.validate():
        return _current_page(actor, form), 422
    if form.action.data != "publish":
        services.change_phase(campaign.id, form.action.data, by=actor, reason=form.reason.data or "")
        flash(rules.phase_sentence(actor.role, campaign.phase), "success")
    return redirect(url_for("campaigns.current"), 303)
