"""How offers are said in templates: what a stored code, a list of days or a slot reads like."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import ngettext

from app.hosts.models import HostSite
from app.kernel.geography import Point, road_km
from app.occupations import queries as occupation_queries
from app.occupations import reference
from app.offers.models import Slot
from app.offers.states import LABELS, OfferState


def install(bp: Blueprint) -> None:
    """Give the filters to every template of the site."""
    bp.add_app_template_filter(_occupation, "metier")
    bp.add_app_template_filter(_sector, "secteur")
    bp.add_app_template_filter(_condition, "condition")
    bp.add_app_template_filter(_places, "places")
    bp.add_app_template_filter(_distance_to, "jusqua")
    bp.add_app_template_filter(_state, "etat_offre")


def _occupation(code: str) -> str:
    return occupation_queries.label_of(code)


def _sector(code: str) -> reference.Sector | None:
    return reference.sectors().get(code)


def _condition(code: str) -> reference.Condition | None:
    return reference.conditions().get(code)


def _places(slot: Slot) -> str:
    """« 2 places », « complet »."""
    if slot.free == 0:
        return _("complet")
    return ngettext("%(num)s place", "%(num)s places", slot.free)


def _distance_to(home: Point, site: HostSite) -> float:
    """Kilometres by road from a point to a site."""
    return road_km(home, site.point)


def _state(state: OfferState) -> tuple[str, str]:
    return LABELS[state]
