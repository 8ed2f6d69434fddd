"""HTTP of the room `schools`: parse, call one verb or one query, render."""

from app.schools.views import classes, importing, schools, students
from app.schools.views.blueprint import bp

__all__ = ["bp", "classes", "importing", "schools", "students"]
