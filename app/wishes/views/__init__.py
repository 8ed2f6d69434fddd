"""HTTP of the room `wishes`: parse, call one verb or one query, render."""

from app.wishes.views import classroom, home, interests, offers, wish_list
from app.wishes.views.blueprint import bp

__all__ = ["bp", "classroom", "home", "interests", "offers", "wish_list"]
