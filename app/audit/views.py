"""HTTP of the room `audit`: the journal, read by coordinators."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.audit import queries
from app.audit.words import ROOMS, VERBS

bp = Blueprint("audit", __name__)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@bp.get("/journal")
@requires(Permission.JOURNAL_VIEW)
def journal() -> ResponseReturnValue:
    actor = current_actor()
    room = request.args.get("quoi", "")
    wanted = queries.Filter(
        room=room if room in ROOMS else "",
        user_id=request.args.get("qui", type=int),
        first=_day("du"),
        last=_day("au"),
    )
    pagination, lines = queries.page(actor, wanted, request.args.get("page", 1, type=int))
    return render_template(
        "audit/journal.html",
        pagination=pagination,
        lines=lines,
        wanted=wanted,
        rooms=ROOMS,
        verbs=VERBS,
        people=queries.people(actor),
        kept={name: request.args[name] for name in ("quoi", "qui", "du", "au") if request.args.get(name)},
    )
