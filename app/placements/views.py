"""HTTP of the room `placements`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("placements", __name__)
