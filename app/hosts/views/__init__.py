"""HTTP of the room `hosts`: parse, call one verb or one query, render."""

from app.hosts.views import registration, review, structure
from app.hosts.views.blueprint import bp

__all__ = ["bp", "registration", "review", "structure"]
