"""The team of a structure: who is in it, who is awaited, who is helped back in."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.accounts.views.access import access_page, give_access
from app.hosts import queries, services
from app.hosts.models import HostMember, HostOrganization
from app.hosts.rules import INVITATION_LIFETIME
from app.hosts.team_forms import ROLE_HINTS, ROLE_WORDS, InviteForm, LeaveForm, SeatForm
from app.hosts.views.blueprint import bp
from app.kernel import clock
from app.kernel.errors import Invalid
from app.messaging import rendering
from app.web import qr


@bp.get("/structures/<int:organization_id>/equipe")
@requires(Permission.HOST_VIEW)
def team(organization_id: int) -> ResponseReturnValue:
    actor = current_actor()
    organization = queries.visible_organization(actor, organization_id)
    managing = actor.can(Permission.TEAM_MANAGE, organization)
    return render_template(
        "hosts/team.html",
        organization=organization,
        members=sorted(organization.members, key=lambda m: (m.role.value, m.user.display_name, m.id)),
        awaited=queries.awaited(organization.id) if managing else [],
        managing=managing,
        me=actor.user_id,
        now=clock.now(),
        role_words=ROLE_WORDS,
    )


def _back(organization_id: int) -> ResponseReturnValue:
    return redirect(url_for("hosts.team", organization_id=organization_id), 303)


def _managed(organization_id: int) -> tuple[Actor, HostOrganization]:
    actor = current_actor()
    organization = queries.visible_organization(actor, organization_id)
    actor.demand(Permission.TEAM_MANAGE, organization)
    return actor, organization


@bp.route("/structures/<int:organization_id>/equipe/inviter", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE)
def invite(organization_id: int) -> ResponseReturnValue:
    actor, organization = _managed(organization_id)
    form = InviteForm.over(organization.sites)
    if form.validate_on_submit():
        try:
            invitation = services.invite(organization, form.to_draft(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            if invitation.email:
                flash(_("Une invitation part à %(email)s.", email=invitation.email), "success")
            else:
                flash(_("L’invitation est prête : imprimez-la et remettez-la en main propre."), "success")
            return _back(organization.id)
    page = render_template("hosts/team_invite.html", form=form, organization=organization, role_hints=ROLE_HINTS)
    return page, 422 if form.errors else 200


@bp.post("/structures/<int:organization_id>/equipe/invitations/<int:invitation_id>/envoyer")
@requires(Permission.TEAM_MANAGE)
def send_invitation_again(organization_id: int, invitation_id: int) -> ResponseReturnValue:
    actor, organization = _managed(organization_id)
    services.send_again(organization, invitation_id, by=actor)
    flash(_("Un nouveau lien part. L’ancien n’ouvre plus rien."), "success")
    return _back(organization.id)


@bp.post("/structures/<int:organization_id>/equipe/invitations/<int:invitation_id>/imprimer")
@requires(Permission.TEAM_MANAGE)
def print_invitation(organization_id: int, invitation_id: int) -> ResponseReturnValue:
    """The paper, shown once: its code is kept by nobody."""
    actor, organization = _managed(organization_id)
    code = services.print_code(organization, invitation_id, by=actor)
    url = rendering.page_url("hosts.join_by_code", code=code)
    return render_template(
        "hosts/team_paper.html",
        organization=organization,
        invitation=queries.invitation_in(organization.id, invitation_id),
        code=f"{code[:4]} {code[4:]}",
        address=rendering.page_url("hosts.join_by_code").split("://", 1)[-1],
        picture=qr.data_uri(url),
        until=(clock.now() + INVITATION_LIFETIME).astimezone(clock.PARIS).date(),
        back_url=url_for("hosts.team", organization_id=organization.id),
    )


@bp.post("/structures/<int:organization_id>/equipe/invitations/<int:invitation_id>/retirer")
@requires(Permission.TEAM_MANAGE)
def withdraw_invitation(organization_id: int, invitation_id: int) -> ResponseReturnValue:
    actor, organization = _managed(organization_id)
    services.withdraw(organization, invitation_id, by=actor)
    flash(_("L’invitation est retirée : son lien et son papier n’ouvrent plus rien."), "success")
    return _back(organization.id)


@bp.route("/structures/<int:organization_id>/equipe/<int:member_id>", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE)
def member(organization_id: int, member_id: int) -> ResponseReturnValue:
    actor, organization = _managed(organization_id)
    person = queries.member(organization.id, member_id)
    form = SeatForm.over(organization.sites, person)
    if form.validate_on_submit():
        try:
            services.change(organization, member_id, form.to_seat(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("C’est noté pour %(name)s.", name=person.user.display_name), "success")
            return _back(organization.id)
    return render_template(
        "hosts/team_member.html",
        form=form,
        organization=organization,
        person=person,
        role_hints=ROLE_HINTS,
        myself=person.user_id == actor.user_id,
    ), 422 if form.errors else 200


@bp.post("/structures/<int:organization_id>/equipe/<int:member_id>/retirer")
@requires(Permission.TEAM_MANAGE)
def remove_member(organization_id: int, member_id: int) -> ResponseReturnValue:
    actor, organization = _managed(organization_id)
    services.remove(organization, member_id, by=actor)
    flash(_("Cette personne ne voit plus rien de la structure. Les offres restent."), "success")
    return _back(organization.id)


@bp.route("/structures/<int:organization_id>/equipe/<int:member_id>/acces", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE)
def member_access(organization_id: int, member_id: int) -> ResponseReturnValue:
    actor, organization = _managed(organization_id)
    person: HostMember = queries.member(organization.id, member_id)
    back = url_for("hosts.team", organization_id=organization.id)
    may_hand = services.may_hand_over(person, by=actor)
    given = give_access(person.user, may_hand=may_hand, back=back)
    return given or access_page(person.user, may_hand=may_hand, back=back)


@bp.route("/structures/<int:organization_id>/equipe/quitter", methods=["GET", "POST"])
@requires(Permission.TEAM_LEAVE)
def leave_team(organization_id: int) -> ResponseReturnValue:
    actor = current_actor()
    organization = queries.visible_organization(actor, organization_id)
    actor.demand(Permission.TEAM_LEAVE, organization)
    form = LeaveForm()
    if form.validate_on_submit():
        services.leave(organization, by=actor)
        flash(_("Vous ne faites plus partie de l’équipe de %(name)s.", name=organization.name), "success")
        return redirect(url_for("pages.home"), 303)
    return render_template("hosts/team_leave.html", organization=organization)
