"""One's own account: password, second factor, linked portals."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.accounts import federation, queries, services
from app.accounts.forms import NewPasswordForm
from app.accounts.models import User
from app.accounts.views.blueprint import bp
from app.accounts.views.proving import demand_proof
from app.kernel.errors import Invalid


def _page(user: User, form: NewPasswordForm) -> str:
    linked = {external.issuer: external for external in queries.external_accounts(user.id)}
    return render_template(
        "accounts/own.html",
        user=user,
        form=form,
        portals=[(provider, linked.get(provider.issuer)) for provider in federation.providers_for(user.role)],
        factor=queries.second_factor(user.id),
        may_help=current_actor().may(Permission.ACCOUNT_INVITE),
    )


@bp.get("/mon-compte")
@requires(Permission.OWN_ACCOUNT)
def own() -> ResponseReturnValue:
    return _page(queries.own(current_actor()), NewPasswordForm())


@bp.post("/mon-compte/mot-de-passe")
@requires(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    demand_proof(url_for("accounts.own"))
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
    return _page(user, form), 422
