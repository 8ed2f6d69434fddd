"""HTTP of the room `wishes`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("wishes", __name__)
