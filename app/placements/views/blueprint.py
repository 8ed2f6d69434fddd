"""The room's blueprint, and the words its pages share."""

from __future__ import annotations

from flask import Blueprint

from app.placements.states import LABELS, MEDIA, Medium, PlacementState

bp = Blueprint("placements", __name__)


@bp.app_template_filter("etat_stage")
def _state(state: PlacementState) -> tuple[str, str]:
    return LABELS[state]


@bp.app_template_filter("voie")
def _medium(medium: Medium) -> str:
    return MEDIA[medium]
