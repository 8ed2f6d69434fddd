"""HTTP of the room `accounts`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)
