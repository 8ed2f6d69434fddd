"""HTTP of the room `schools`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("schools", __name__)
