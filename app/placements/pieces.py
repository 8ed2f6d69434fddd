"""What this room hangs in the pages of rooms below it."""

from __future__ import annotations

from flask import g, render_template, url_for

from app.access.actor import Actor
from app.access.policy import Role
from app.kernel import clock
from app.placements import links, queries
from app.placements.states import TOLD, Answer, PlacementState, Side
from app.schools.models import FamilyCode


def family(code: FamilyCode, holder: Actor, **_context: object) -> str:
    """On the page of a family's slip: the stage once it is told, and the way to the page on which it is answered.

    A guardian whom the school knows goes to their own page; a family without a name answers as with a letter's code.
    """
    if holder.role is not Role.GUARDIAN:
        return ""
    told = [placement for placement in queries.of_student(holder, code.student_id) if placement.state in TOLD]
    if not told:
        url = ""
    elif code.guardian is not None:
        url = url_for("placements.family", token=links.token_for(code.guardian))
    else:
        url = url_for("placements.code_page", token=links.code_token(told[0].id, Side.FAMILY))
    return render_template("placements/_family_piece.html", told=told, student=code.student, url=url)


def host_home(**_context: object) -> str:
    """On a structure's home, before its offers: who waits for its yes or its no."""
    actor: Actor | None = g.get("actor")
    if actor is None or actor.role is not Role.HOST:
        return ""
    today = clock.today()
    waiting = [
        placement
        for placement in queries.arrivals(actor)
        if placement.host_answer is Answer.NONE
        and placement.state is PlacementState.AWAITING
        and placement.slot.monday > today
    ]
    return render_template("placements/_host_home.html", waiting=waiting) if waiting else ""
