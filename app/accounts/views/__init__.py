"""HTTP of the room `accounts`: parse, call one verb or one query, render."""

from app.accounts.views import federation, helping, own, proving, second_factor, signing_in
from app.accounts.views.blueprint import bp

__all__ = ["bp", "federation", "helping", "own", "proving", "second_factor", "signing_in"]
