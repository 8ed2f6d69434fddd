"""Asking once more who sits here, before what a stolen or forgotten session must not do.

Another way into an account, everything known of somebody, an erasure: each asks for a proof younger than a quarter of
an hour. Signing in is one, unless a trusted browser spared the code.
"""

from __future__ import annotations

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission, Role
from app.accounts import queries, second_factor, services
from app.accounts.forms import CardForm, CodeForm, OwnPasswordForm
from app.accounts.models import User
from app.accounts.views.blueprint import bp
from app.accounts.views.threshold import address, has_proved, note_proof
from app.kernel.errors import Invalid

_BACK = "proof_back"
Form = CardForm | CodeForm | OwnPasswordForm


def demand_proof(back: str) -> None:
    """End the request on the way to the proof, which leads back to the page `back`, unless there was one lately."""
    if not has_proved():
        session[_BACK] = back
        abort(redirect(url_for("accounts.prove"), 303))


def _form(user: User) -> Form | None:
    """What this account can prove itself with; None when a link in its mailbox is all it has."""
    if user.role is Role.STUDENT:
        return CardForm()
    if queries.second_factor(user.id) is not None:
        return CodeForm()
    return OwnPasswordForm() if user.password_hash is not None else None


def _page(user: User, form: Form | None) -> str:
    return render_template(
        "accounts/prove.html", form=form, user=user, back_url=_back(), shown_code=second_factor.shown_code(user)
    )


def _back() -> str:
    return str(session.get(_BACK) or url_for("accounts.own"))


def _check(user: User, form: Form) -> None:
    if isinstance(form, CodeForm):
        second_factor.check(user, form.code.data, address=address())
    elif isinstance(form, OwnPasswordForm):
        services.check_password(user, form.password.data, address=address())
    elif services.sign_in_with_card(form.class_code.data, form.personal_code.data, address=address()).id != user.id:
        raise Invalid(_("Cette carte n’est pas la tienne."))


@bp.get("/mon-compte/preuve")
@requires(Permission.OWN_ACCOUNT)
def prove() -> ResponseReturnValue:
    user = queries.own(current_actor())
    return _page(user, _form(user))


@bp.post("/mon-compte/preuve")
@requires(Permission.OWN_ACCOUNT)
def check_proof() -> ResponseReturnValue:
    user = queries.own(current_actor())
    form = _form(user)
    if form is None:
        services.send_link(user.email or "", address=address())
        return render_template("accounts/link_sent.html", email=user.email)
    if form.validate():
        try:
            _check(user, form)
        except Invalid as error:
            form.take(error)
        else:
            note_proof()
            return redirect(session.pop(_BACK, None) or url_for("accounts.own"), 303)
    return _page(user, form), 422
