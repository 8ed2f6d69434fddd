"""HTTP of the room `audit`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("audit", __name__)
