"""HTTP of the room `hosts`: parse, call one verb or one query, render."""

from app.hosts.views import joining, registration, review, structure, team
from app.hosts.views.blueprint import bp

__all__ = ["bp", "joining", "registration", "review", "structure", "team"]
