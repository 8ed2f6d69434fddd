"""The language in which a parent reads what they sign, kept for the messages to come."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import public
from app.access.policy import Role
from app.agreements.views.blueprint import bp
from app.agreements.views.signing import enter
from app.kernel.errors import Hidden
from app.schools import services as schools


@bp.post("/signer/<reference>/<token>/langue")
@public("a guardian's personal link to sign: chooses the language of its own pages and mails")
def signing_language(reference: str, token: str) -> ResponseReturnValue:
    party = enter(reference, token).party
    if party.guardian is None:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    by = Actor(Role.GUARDIAN, party.name, None, party.agreement.territory_id, student_id=party.guardian.student_id)
    schools.choose_language(party.guardian, request.form.get("language", ""), by=by)
    return redirect(url_for("agreements.signing", reference=reference, token=token), 303)
