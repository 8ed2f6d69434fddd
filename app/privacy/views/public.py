"""What everybody may read of what we know: for adults, and for somebody of thirteen."""

from __future__ import annotations

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from app.access.endpoints import public
from app.privacy import register
from app.privacy.views.blueprint import bp


@bp.get("/vos-donnees")
@public("what we know of people and why: the same for everybody, no person in it")
def adults() -> ResponseReturnValue:
    return render_template(
        "privacy/adults.html",
        treatments=register.treatments(),
        categories=register.CATEGORIES,
        security=register.SECURITY,
        officer=current_app.config["SETTINGS"].data_officer,
    )


@bp.get("/tes-donnees")
@public("the same for a thirteen-year-old")
def students() -> ResponseReturnValue:
    return render_template("privacy/students.html")
