"""HTTP of the room `messaging`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("messaging", __name__)
