"""HTTP of sign-in and accounts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission
from app.accounts import queries, services
from app.accounts.forms import (
    CardForm,
    LinkForm,
    NewPasswordForm,
    PasswordSignInForm,
)
from app.accounts.models import User
from app.kernel.errors import Invalid

bp = Blueprint("accounts", __name__)


def _enter(user: User) -> Response:
    """Open a fresh session and lead to where the person was going."""
    goal = session.pop("suite", None)
    session.clear()
    login_user(user)
    session.permanent = True
    return redirect(goal or url_for("pages.home"), 303)


def _remember_goal() -> None:
    goal = request.args.get("suite", "")
    if goal.startswith("/") and not goal.startswith(("//", "/\\")):
        session["suite"] = goal


def _address() -> str:
    return request.remote_addr or "unknown"


@bp.get("/connexion")
@public("the sign-in page of students")
def sign_in() -> ResponseReturnValue:
    _remember_goal()
    return render_template("accounts/sign_in.html", form=CardForm(class_code=request.args.get("classe")))


@bp.post("/connexion")
@public("the sign-in page of students")
def sign_in_with_card() -> ResponseReturnValue:
    form = CardForm()
    if form.validate():
        try:
            return _enter(services.sign_in_with_card(form.class_code.data, form.personal_code.data, address=_address()))
        except Invalid as error:
            form.take(error)
    return render_template("accounts/sign_in.html", form=form), 422


@bp.get("/connexion/adresse")
@public("the sign-in page of adults")
def sign_in_adult() -> ResponseReturnValue:
    _remember_goal()
    return render_template("accounts/sign_in_adult.html", form=PasswordSignInForm())


@bp.post("/connexion/adresse")
@public("the sign-in page of adults")
def sign_in_with_password() -> ResponseReturnValue:
    form = PasswordSignInForm()
    if form.validate():
        try:
            return _enter(services.sign_in_with_password(form.email.data, form.password.data, address=_address()))
        except Invalid as error:
            form.take(error)
    return render_template("accounts/sign_in_adult.html", form=form), 422


@bp.get("/connexion/lien")
@public("asking for a one-time link")
def ask_link() -> ResponseReturnValue:
    return render_template("accounts/ask_link.html", form=LinkForm())


@bp.post("/connexion/lien")
@public("asking for a one-time link; the answer is the same whether the account exists or not")
def send_link() -> ResponseReturnValue:
    form = LinkForm()
    if not form.validate():
        return render_template("accounts/ask_link.html", form=form), 422
    services.send_link(form.email.data, address=_address())
    return render_template("accounts/link_sent.html", email=form.email.data)


@bp.get("/lien/<token>")
@public("holds a token; nothing is spent before the button is pressed, so mail scanners do no harm")
def link(token: str) -> ResponseReturnValue:
    return render_template("accounts/link.html", token=token)


@bp.post("/lien/<token>")
@public("holds a token, good once")
def use_link(token: str) -> ResponseReturnValue:
    user = services.use_link(token)
    response = _enter(user)
    if user.password_hash is None:
        flash(_("Bienvenue. Choisissez un mot de passe pour revenir plus facilement."), "success")
        return redirect(url_for("accounts.own"), 303)
    return response


@bp.post("/deconnexion")
@requires(Permission.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    logout_user()
    session.clear()
    flash(_("Vous êtes déconnecté. À bientôt."), "success")
    return redirect(url_for("pages.home"), 303)


@bp.get("/mon-compte")
@requires(Permission.OWN_ACCOUNT)
def own() -> ResponseReturnValue:
    user = queries.own(current_actor())
    return render_template("accounts/own.html", user=user, form=NewPasswordForm())


@bp.post("/mon-compte/mot-de-passe")
@requires(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    user = queries.own(current_actor())
    form = NewPasswordForm()
    if form.validate():
        try:
            services.change_own_password(user, form.password.data)
        except Invalid as error:
            form.take(error)
        else:
            login_user(user)
            flash(_("Votre mot de passe est enregistré."), "success")
            return redirect(url_for("pages.home"), 303)
    return render_template("accounts/own.html", user=user, form=form), 422
