"""Helping back in somebody who lost both telephone and recovery codes."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.accounts import queries, second_factor
from app.accounts.forms import ROLE_LABELS
from app.accounts.views.blueprint import bp
from app.accounts.views.proving import demand_proof


@bp.get("/comptes/second-facteur")
@requires(Permission.ACCOUNT_INVITE)
def protected() -> ResponseReturnValue:
    actor = current_actor()
    users = [(user, second_factor.may_reset(user, actor)) for user in queries.protected(actor)]
    return render_template("accounts/protected.html", users=users, labels=ROLE_LABELS)


@bp.get("/comptes/<int:user_id>/second-facteur")
@requires(Permission.ACCOUNT_INVITE)
def confirm_reset(user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    user = queries.visible_user(actor, user_id)
    has_one = queries.second_factor(user.id) is not None
    return render_template(
        "accounts/reset.html", user=user, has_one=has_one, allowed=second_factor.may_reset(user, actor)
    )


@bp.post("/comptes/<int:user_id>/second-facteur")
@requires(Permission.ACCOUNT_INVITE)
def reset(user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    user = queries.visible_user(actor, user_id)
    demand_proof(url_for("accounts.confirm_reset", user_id=user_id))
    second_factor.reset(user, by=actor)
    flash(
        _("Le second facteur de %(name)s est remis à zéro. Un e-mail l’en prévient.", name=user.display_name), "success"
    )
    return redirect(url_for("accounts.protected"), 303)
