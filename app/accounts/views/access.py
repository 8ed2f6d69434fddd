"""A lost access given back by somebody nearby: one page for every room that decides who may help whom."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor
from app.accounts import opening
from app.accounts.forms import WayForm
from app.accounts.models import User
from app.accounts.rules import LINK_LIFETIME, LinkPurpose
from app.accounts.views.proving import demand_proof
from app.kernel import clock
from app.kernel.errors import Forbidden
from app.messaging import rendering
from app.web import qr


def access_page(user: User, *, may_hand: bool, back: str) -> ResponseReturnValue:
    """What may be done for this person; the room above has checked that the actor may help them."""
    return render_template("accounts/access.html", user=user, may_hand=may_hand, back_url=back)


def give_access(user: User, *, may_hand: bool, back: str) -> ResponseReturnValue | None:
    """The answer to the page's form: a mail, or a sheet shown once. None when nothing was asked for."""
    form = WayForm()
    if request.method != "POST" or not form.validate():
        return None
    actor = current_actor()
    if form.way.data == "send":
        opening.send(user, by=actor)
        flash(_("Un lien part à l’adresse de %(name)s.", name=user.display_name), "success")
        return redirect(back, 303)
    if form.way.data != "hand":
        return None
    if not may_hand:
        raise Forbidden(_("Ce compte ouvre plus que le vôtre : le lien ne peut partir qu’à son adresse."))
    demand_proof(request.path)
    url = rendering.page_url("accounts.link", token=opening.hand_over(user, by=actor))
    until = clock.now() + LINK_LIFETIME[LinkPurpose.INVITATION]
    return render_template(
        "accounts/access_sheet.html",
        user=user,
        url=url,
        picture=qr.data_uri(url),
        until=until.astimezone(clock.PARIS).date(),
        back_url=back,
    )
