"""HTTP of the room `schools`: parse, call one verb or one query, render."""

from app.schools.views import cards, classes, families, importing, schools, students
from app.schools.views.blueprint import bp

__all__ = ["bp", "cards", "classes", "families", "importing", "schools", "students"]
