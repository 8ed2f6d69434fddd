"""HTTP of the room `offers`: parse, call one verb or one query, render."""

from app.offers.views import lists, pages, writing
from app.offers.views.blueprint import bp

__all__ = ["bp", "lists", "pages", "writing"]
