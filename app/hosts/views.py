"""HTTP of the room `hosts`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("hosts", __name__)
