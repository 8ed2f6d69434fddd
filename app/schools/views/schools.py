"""Schools, their weeks and their staff."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.accounts.views.access import access_page, give_access
from app.campaigns import queries as campaign_queries
from app.kernel.errors import Hidden, Invalid
from app.schools import queries, services
from app.schools.forms import STAFF_ROLES, SchoolForm, StaffForm, WeeksForm
from app.schools.views.blueprint import bp, current_campaign, to_school
from app.web.wording import week


@bp.get("/colleges")
@requires(Permission.SCHOOL_MANAGE)
def index() -> ResponseReturnValue:
    actor = current_actor()
    schools = queries.schools(actor)
    campaign = g.get("campaign")
    return render_template(
        "schools/index.html",
        schools=schools,
        counts=queries.counts(actor, campaign) if campaign else {},
        weeks=queries.weeks([s.id for s in schools], campaign.id) if campaign else {},
    )


@bp.route("/colleges/nouveau", methods=["GET", "POST"])
@requires(Permission.SCHOOL_MANAGE)
def new() -> ResponseReturnValue:
    actor = current_actor()
    form = SchoolForm.over(campaign_queries.communes(actor.territory_id or 0))
    if form.validate_on_submit():
        try:
            school = services.create_school(form.to_draft(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("%(name)s est enregistré. Choisissez maintenant ses semaines.", name=school.name), "success")
            return to_school(school.id)
    return render_template("schools/form.html", form=form, school=None), 422 if form.errors else 200


@bp.route("/colleges/<int:school_id>/modifier", methods=["GET", "POST"])
@requires(Permission.SCHOOL_MANAGE)
def edit(school_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    form = SchoolForm.over(campaign_queries.communes(school.territory_id), school)
    if form.validate_on_submit():
        try:
            services.update_school(school, form.to_draft(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Les modifications sont enregistrées."), "success")
            return to_school(school.id)
    return render_template("schools/form.html", form=form, school=school), 422 if form.errors else 200


@bp.get("/colleges/<int:school_id>")
@requires(Permission.SCHOOL_VIEW)
def show(school_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    campaign = g.get("campaign")
    staff = queries.staff(school)
    return render_template(
        "schools/show.html",
        school=school,
        staff=staff,
        helped={member.user_id for member in staff if services.may_help(member, by=actor)},
        staff_roles=STAFF_ROLES,
        classes=queries.classes_of(actor, school, campaign) if campaign else [],
        weeks=queries.weeks([school.id], campaign.id).get(school.id, []) if campaign else [],
        may_manage=actor.can(Permission.SCHOOL_MANAGE, school),
        may_choose_weeks=actor.can(Permission.SCHOOL_WEEKS, school),
        may_create_class=actor.can(Permission.CLASS_CREATE, school),
    )


@bp.route("/colleges/<int:school_id>/semaines", methods=["GET", "POST"])
@requires(Permission.SCHOOL_WEEKS)
def weeks(school_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    campaign = current_campaign()
    chosen = queries.weeks([school.id], campaign.id).get(school.id, [])
    form = WeeksForm.over(campaign, chosen, week)
    if form.validate_on_submit():
        try:
            services.set_weeks(school, campaign, form.to_draft(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Les semaines du collège sont enregistrées."), "success")
            return to_school(school.id)
    return render_template("schools/weeks.html", form=form, school=school), 422 if form.errors else 200


@bp.route("/colleges/<int:school_id>/inviter", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_INVITE)
def invite(school_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    form = StaffForm()
    if form.validate_on_submit():
        try:
            member = services.invite_staff(school, form.email.data, form.name.data, form.to_role(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            name = member.user.display_name
            flash(_("%(name)s fait partie du collège et reçoit un message pour se connecter.", name=name), "success")
            return to_school(school.id)
    return render_template("schools/invite.html", form=form, school=school), 422 if form.errors else 200


@bp.post("/colleges/<int:school_id>/equipe/retirer")
@requires(Permission.SCHOOL_MANAGE)
def remove_staff(school_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    services.remove_staff(school, request.form.get("user_id", 0, type=int), by=actor)
    flash(_("Cette personne ne voit plus les élèves de ce collège."), "success")
    return redirect(url_for("schools.show", school_id=school.id), 303)


@bp.route("/colleges/<int:school_id>/equipe/<int:user_id>/acces", methods=["GET", "POST"])
@requires(Permission.STAFF_HELP)
def staff_access(school_id: int, user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school = queries.visible_school(actor, school_id)
    member = queries.membership(school.id, user_id)
    if member is None:
        raise Hidden(_("Cette personne ne travaille pas dans ce collège."))
    services.demand_help(member, by=actor)
    back = url_for("schools.show", school_id=school.id)
    may_hand = services.may_hand_over(member, by=actor)
    given = give_access(member.user, may_hand=may_hand, back=back)
    return given or access_page(member.user, may_hand=may_hand, back=back)
