"""HTTP of the room `allocation`: parse, call one verb or one query, render."""

from app.allocation.views import cockpit, proposals, runs
from app.allocation.views.blueprint import bp

__all__ = ["bp", "cockpit", "proposals", "runs"]
