"""HTTP of the room `placements`: parse, call one verb or one query, render."""

from app.placements.views import pages as pages
from app.placements.views.blueprint import bp as bp
