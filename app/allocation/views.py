"""HTTP of the room `allocation`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("allocation", __name__)
