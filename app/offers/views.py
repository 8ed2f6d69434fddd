"""HTTP of the room `offers`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("offers", __name__)
