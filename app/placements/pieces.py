"""What this room hangs in the pages of rooms below it."""

from __future__ import annotations

from flask import render_template, url_for

from app.access.actor import Actor
from app.access.policy import Role
from app.placements import links, queries
from app.placements.states import TOLD, Side
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
