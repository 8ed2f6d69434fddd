"""HTTP of the room `statistics`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("statistics", __name__)
