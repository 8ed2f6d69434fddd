"""Who is left and who has a first wish, by school, priority education and class, from the report of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.allocation import queries
from app.allocation.models import MatchingRun
from app.web.wording import number

Cell = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """One way to cut the students: rows are (group, [first wish, other wish, not asked for, without a place])."""

    title: str
    head: str
    rows: list[tuple[str, list[int]]]
    folded: bool = False


def parts(run: MatchingRun) -> list[Part]:
    """By school, by priority education, by class; what the run did not count is absent."""
    counted = run.report.get("equity", {})
    schools = _named(counted.get("school", {}), queries.school_names(run.territory_id))
    classes = _named(_by_class(counted.get("class", {})), dict(queries.class_names(run.campaign_id)))
    priority = [(_of_priority(value), cell) for value, cell in sorted(counted.get("rep", {}).items(), reverse=True)]
    found = [
        Part(_("Ce que chaque élève obtient, par collège"), _("Collège"), _rows(schools)),
        Part(_("En éducation prioritaire et ailleurs"), _("Collèges"), _rows(priority)),
        Part(_("Classe par classe"), _("Classe"), _rows(classes), folded=True),
    ]
    return [part for part in found if part.rows and "first" in next(iter(counted["school"].values()), {})]


def _by_class(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """The library names a class « school class »; the number of the class is enough here."""
    return {name.rpartition(" ")[2]: cell for name, cell in cells.items()}


def _named(cells: Mapping[str, Cell], names: Mapping[int, str]) -> list[tuple[str, Cell]]:
    found = [(names.get(int(number_), ""), cell) for number_, cell in cells.items() if number_.isdigit()]
    return [(name, cell) for name, cell in found if name and cell["pupils"]]


def _rows(groups: list[tuple[str, Cell]]) -> list[tuple[str, list[int]]]:
    """The groups with the greatest share without a place first."""
    ordered = sorted(groups, key=lambda g: (g[1]["placed"] / max(g[1]["pupils"], 1), g[0]))
    return [(name, _split(cell)) for name, cell in ordered]


def _split(cell: Cell) -> list[int]:
    first, wished, placed = cell.get("first", 0), cell.get("wished", 0), cell["placed"]
    return [first, wished - first, placed - wished, cell["pupils"] - placed]


def _of_priority(value: str) -> str:
    return _("Éducation prioritaire") if value == "1" else _("Autres collèges")


def gap(run: MatchingRun) -> str:
    """The shares placed in priority education and elsewhere, in one sentence; "" when only one of the two exists."""
    cells = run.report.get("equity", {}).get("rep", {})
    if not all(cells.get(value, {}).get("pupils") for value in ("0", "1")):
        return ""
    rep, others = (cells[value]["placed"] / cells[value]["pupils"] for value in ("1", "0"))
    return _(
        "Placés : %(rep)s %% en éducation prioritaire, %(others)s %% ailleurs. L’écart est de %(gap)s points.",
        rep=number(100 * rep, 1),
        others=number(100 * others, 1),
        gap=number(100 * abs(rep - others), 1),
    )
