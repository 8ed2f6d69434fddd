"""HTTP of the room `allocation`: parse, call one verb or one query, render."""

from app.allocation.views import cockpit, learning, proposals, reasons, runs
from app.allocation.views.blueprint import bp

__all__ = ["bp", "cockpit", "learning", "proposals", "reasons", "runs"]
