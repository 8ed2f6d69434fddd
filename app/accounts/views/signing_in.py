"""Cards, passwords and mailed links."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user

from app.access.endpoints import public, requires
from app.access.policy import Permission
from app.accounts import federation, opening, services
from app.accounts.forms import CardForm, LinkForm, PasswordSignInForm
from app.accounts.views.blueprint import bp
from app.accounts.views.threshold import address, aim, came_by, enter, is_pending, remember_goal
from app.kernel.errors import Conflict, Hidden, Invalid


def _card_page(form: CardForm) -> str:
    schools = [provider for provider in federation.providers() if provider.audience == "school"]
    return render_template("accounts/sign_in.html", form=form, providers=schools)


def _adult_page(form: PasswordSignInForm) -> str:
    return render_template("accounts/sign_in_adult.html", form=form, providers=federation.providers())


@bp.get("/connexion")
@public("the sign-in page of students")
def sign_in() -> ResponseReturnValue:
    remember_goal()
    return _card_page(CardForm(class_code=request.args.get("classe")))


@bp.post("/connexion")
@public("the sign-in page of students")
def sign_in_with_card() -> ResponseReturnValue:
    form = CardForm()
    if form.validate():
        try:
            return enter(services.sign_in_with_card(form.class_code.data, form.personal_code.data, address=address()))
        except Invalid as error:
            form.take(error)
    return _card_page(form), 422


@bp.get("/connexion/adresse")
@public("the sign-in page of adults")
def sign_in_adult() -> ResponseReturnValue:
    remember_goal()
    return _adult_page(PasswordSignInForm())


@bp.post("/connexion/adresse")
@public("the sign-in page of adults")
def sign_in_with_password() -> ResponseReturnValue:
    form = PasswordSignInForm()
    if form.validate():
        try:
            return enter(services.sign_in_with_password(form.email.data, form.password.data, address=address()))
        except Invalid as error:
            form.take(error)
    return _adult_page(form), 422


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
    services.send_link(form.email.data, address=address())
    return render_template("accounts/link_sent.html", email=form.email.data)


@bp.get("/lien/<token>")
@public("holds a token; nothing is spent before the button is pressed, so mail scanners do no harm")
def link(token: str) -> ResponseReturnValue:
    return render_template("accounts/link.html", token=token)


@bp.post("/lien/<token>")
@public("holds a token, good once")
def use_link(token: str) -> ResponseReturnValue:
    try:
        user = services.use_link(token)
    except Conflict as spent:
        return render_template("accounts/link_spent.html", token=token, message=spent.message), spent.status
    if user.password_hash is not None:
        return enter(user)
    aim(url_for("accounts.own"))
    response = enter(user)
    if not is_pending():
        flash(_("Bienvenue. Choisissez un mot de passe pour revenir plus facilement."), "success")
    return response


@bp.post("/lien/<token>/renouveler")
@public("asks for another link to the same mailbox; the answer is the same whatever the link is worth")
def renew_link(token: str) -> ResponseReturnValue:
    opening.renew(token, address=address())
    return render_template("accounts/link_sent.html")


@bp.post("/deconnexion")
@requires(Permission.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    via = came_by()
    logout_user()
    session.clear()
    try:
        provider = federation.provider_called(via["provider"]) if via else None
    except Hidden:  # the operator has taken it away since
        provider = None
    if via is not None and provider is not None and provider.logout:
        session["leaving"] = via
        return redirect(url_for("accounts.leave", provider=provider.id), 303)
    flash(_("Vous êtes déconnecté. À bientôt."), "success")
    return redirect(url_for("pages.home"), 303)
