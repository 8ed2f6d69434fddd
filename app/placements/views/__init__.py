"""HTTP of the room `placements`: parse, call one verb or one query, render."""

from app.placements.views import answering, codes, finding, following, incidents, pages, repair, stage, visits, week
from app.placements.views.blueprint import bp

__all__ = [
    "answering",
    "bp",
    "codes",
    "finding",
    "following",
    "incidents",
    "pages",
    "repair",
    "stage",
    "visits",
    "week",
]
