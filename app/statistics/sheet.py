"""The page of figures as plain values: what is shown, how long its bars are, and no number that points at somebody.

The same sheet is drawn from today's rows, or from what was kept of a year whose people are forgotten.
"""

from __future__ import annotations

from typing import Any

from app.statistics.after import After
from app.statistics.queries import Figures
from app.statistics.rules import masked, part, parts

Sheet = dict[str, Any]


def of(figures: Figures, after: After | None) -> Sheet:
    """Rows are (label or code, length of the bar, words); rows of places are (label, offers, places[, words])."""
    schools = [name for name, *_numbers in figures.schools]
    placed = parts([(placed, students) for _name, students, _wishes, placed in figures.schools])
    wishes = parts([(wishes, students) for _name, students, wishes, _placed in figures.schools])
    ranks = sorted(figures.ranks.items(), key=lambda item: (item[0] is None, item[0] or 0))
    by_rank = masked([number for _rank, number in ranks])
    by_sector = masked([row[3] for row in figures.sectors])
    return {
        "hosts": figures.hosts,
        "offers": figures.offers,
        "places": figures.places,
        "with_wishes": part(figures.with_wishes, figures.students),
        "placed": part(figures.placed, figures.students),
        "anybody_placed": bool(figures.placed),
        "placed_by_school": [[name, bar, said] for name, (said, bar) in zip(schools, placed, strict=True)],
        "wishes_by_school": [[name, bar, said] for name, (said, bar) in zip(schools, wishes, strict=True)],
        "ranks": [[rank, count.drawn, count.shown] for (rank, _n), count in zip(ranks, by_rank, strict=True)],
        "sectors": [
            [code, offers, places, count.shown]
            for (code, offers, places, _placed), count in zip(figures.sectors, by_sector, strict=True)
        ],
        "kinds": [list(row) for row in figures.kinds],
        "communes": [list(row) for row in figures.communes],
        "after": None if after is None else _after(after),
    }


def _after(after: After) -> Sheet:
    return {
        "answered": after.answered,
        "recommended": after.recommended,
        "again": after.again,
        "fits": [[fit, count.drawn, count.shown] for fit, count in after.fits],
        "discovered": [[thing, count.drawn, count.shown] for thing, count in after.discovered],
    }
