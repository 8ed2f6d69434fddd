"""HTTP of the room `statistics`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.hosts.kinds import HostKind
from app.hosts.rules import KINDS
from app.occupations import reference
from app.statistics import after, queries, rules

bp = Blueprint("statistics", __name__)


@bp.get("/chiffres")
@requires(Permission.FIGURES_VIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    campaign = queries.visible_campaign(actor, g.campaign.id) if g.campaign else None
    if campaign is None:
        return render_template("statistics/index.html", figures=None)
    figures = queries.figures(campaign)
    ranks = sorted(figures.ranks.items(), key=lambda item: (item[0] is None, item[0] or 0))
    return render_template(
        "statistics/index.html",
        figures=figures,
        part=rules.part,
        placed_by_school=rules.parts([(placed, students) for _name, students, _wishes, placed in figures.schools]),
        wishes_by_school=rules.parts([(wishes, students) for _name, students, wishes, _placed in figures.schools]),
        ranks=list(zip([rank for rank, _ in ranks], rules.masked([n for _, n in ranks]), strict=True)),
        placed_by_sector=rules.masked([row[3] for row in figures.sectors]),
        sector_label=lambda code: reference.sectors()[code].label if code in reference.sectors() else code,
        after=after.figures(*queries.after(campaign)),
        kind_label=lambda kind: str(KINDS[HostKind(kind)]),
    )
