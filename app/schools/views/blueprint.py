"""The blueprint, and the way back to the page of a class (which stands in a room above: it shows wishes too)."""

from __future__ import annotations

from flask import Blueprint, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.endpoints import optional_actor
from app.access.policy import Role
from app.campaigns.models import Campaign
from app.kernel.errors import Conflict
from app.schools.models import SchoolClass

bp = Blueprint("schools", __name__)


@bp.app_template_filter("classe")
def in_words(school_class: SchoolClass) -> str:
    """« 3A », with its school for who sees several: two schools have a 3A."""
    actor = optional_actor()
    one = actor is not None and actor.role in {Role.TEACHER, Role.HEAD} and len(actor.school_ids) < 2
    return school_class.name if one else f"{school_class.name}, {school_class.school.name}"


def to_class(class_id: int) -> Response:
    return redirect(url_for("wishes.school_class", class_id=class_id), 303)


def to_school(school_id: int) -> Response:
    return redirect(url_for("schools.show", school_id=school_id), 303)


def current_campaign() -> Campaign:
    """The campaign of the moment; `Conflict` with a sentence when the territory has none yet."""
    campaign: Campaign | None = g.get("campaign")
    if campaign is None:
        raise Conflict(_("Aucune campagne n’est ouverte sur votre territoire. La coordination doit en créer une."))
    return campaign
