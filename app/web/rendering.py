"""What every template may use: filters for dates and distances, the actor, the campaign, the navigation."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, url_for
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Role
from app.kernel import clock
from app.regulations import words
from app.web import languages, statics, wording
from app.web.navigation import navigation_for
from app.web.typography import FrenchTypography, spaced


def install(app: Flask) -> None:
    app.jinja_env.add_extension(FrenchTypography)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        typo=spaced,
        jour=wording.day,
        semaine=wording.week,
        heure=wording.hour,
        moment=wording.moment,
        duree=words.span,
        nombre=wording.number,
        distance=wording.distance,
    )
    languages.install(app)
    statics.install(app)
    app.context_processor(_context)


def _footer(actor: Actor | None) -> list[tuple[str, str]]:
    """What everybody may read of their data, and their own when they are signed in."""
    if actor is None:
        return [(_("Vos données"), url_for("privacy.adults")), (_("Tes données"), url_for("privacy.students"))]
    if actor.role is Role.STUDENT:
        return [(_("Tes données"), url_for("privacy.students")), (_("Mes données"), url_for("privacy.mine"))]
    return [(_("Vos données"), url_for("privacy.adults")), (_("Mes données"), url_for("privacy.mine"))]


def _context() -> dict[str, Any]:
    actor = g.get("actor")
    return {
        "actor": actor,
        "campaign": g.get("campaign"),
        "navigation": navigation_for(actor),
        "home_url": url_for("pages.home"),
        "sign_in_url": url_for("accounts.sign_in"),
        "sign_out_url": url_for("accounts.sign_out"),
        "footer_links": _footer(actor),
        "demo": current_app.config["SETTINGS"].demo,
        "settings": current_app.config["SETTINGS"],
        "today": clock.today(),
        "lang": languages.tag(),
        "direction": languages.direction(),
        "language": languages.current(),
        "language_switch": g.get("language_switch"),
    }
