"""A colleague enters the team: the mailed link, the page of an expired one, the code of a paper."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import public
from app.accounts import opening
from app.hosts import services
from app.hosts.team_forms import ROLE_HINTS, PaperForm
from app.hosts.views.blueprint import bp


@bp.get("/equipe/<token>")
@public("a colleague's invitation: signed, tied to one mailbox, says only which structure awaits whom")
def join(token: str) -> ResponseReturnValue:
    invitation = services.look(token)
    return render_template(
        "hosts/team_join.html",
        invitation=invitation,
        organization=invitation.organization,
        good=services.is_good(invitation, token),
        token=token,
        hint=ROLE_HINTS[invitation.role],
    )


@bp.post("/equipe/<token>")
@public("a colleague's invitation: signed, tied to one mailbox, good once")
def accept_invitation(token: str) -> ResponseReturnValue:
    user = services.accept(token)
    return redirect(url_for("accounts.link", token=opening.first_link(user)), 303)


@bp.post("/equipe/<token>/renouveler")
@public("asks for another link to the same mailbox; the answer is the same whatever the link is worth")
def renew_invitation(token: str) -> ResponseReturnValue:
    services.renew(token, address=request.remote_addr or "unknown")
    return render_template("hosts/team_sent.html")


@bp.route("/rejoindre", methods=["GET", "POST"])
@public("reads the code of a printed invitation; throttled by address")
def join_by_code() -> ResponseReturnValue:
    form = PaperForm(code=request.args.get("code"))
    if form.validate_on_submit():
        address = request.remote_addr or "unknown"
        if services.ask_by_code(form.code.data or "", form.email.data or "", address=address):
            return render_template("hosts/team_sent.html", email=form.email.data)
        form.code.errors = [_("Ce code n’est pas le bon, ou il n’est plus valable. Demandez un nouveau papier.")]
    return render_template("hosts/team_code.html", form=form), 422 if form.errors else 200
