"""HTTP of the room `campaigns`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("campaigns", __name__)
