"""HTTP of the room `statistics`: parse, call one verb or one query, render."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.hosts.kinds import HostKind
from app.hosts.rules import KINDS
from app.kernel import clock
from app.occupations import reference
from app.statistics import after, queries, sheet

bp = Blueprint("statistics", __name__)


@bp.get("/chiffres")
@requires(Permission.FIGURES_VIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    campaign = queries.visible_campaign(actor, g.campaign.id) if g.campaign else None
    if campaign is None:
        return render_template("statistics/index.html", figures=None)
    kept = queries.kept(campaign.id)
    return render_template(
        "statistics/index.html",
        figures=kept.sheet if kept else sheet.of(queries.figures(campaign), after.figures(*queries.after(campaign))),
        kept_on=kept.taken_at.astimezone(clock.PARIS).date() if kept else None,
        sector_label=lambda code: reference.sectors()[code].label if code in reference.sectors() else code,
        kind_label=lambda kind: str(KINDS[HostKind(kind)]) if kind in set(HostKind) else kind,
    )
