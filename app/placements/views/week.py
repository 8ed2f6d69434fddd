"""The coordinator gives the days of a student's week to one structure or several."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.kernel.errors import Invalid
from app.placements import queries
from app.placements.models import Placement
from app.placements.services import sharing
from app.placements.views.blueprint import bp
from app.placements.week_forms import WeekForm


@bp.get("/stages/<int:placement_id>/semaine")
@requires(Permission.PLACEMENT_MANAGE)
def week(placement_id: int) -> ResponseReturnValue:
    placement = queries.visible_placement(current_actor(), placement_id)
    return _page(placement, _form(placement))


@bp.post("/stages/<int:placement_id>/semaine")
@requires(Permission.PLACEMENT_MANAGE)
def arrange_week(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    placement = queries.visible_placement(actor, placement_id)
    form = _form(placement)
    if form.validate():
        try:
            sharing.arrange(placement_id, form.to_division(), form.chosen_slot, form.reason.data or "", by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("La semaine est répartie. La famille, les professeurs et les structures sont prévenus."), "success")
            return redirect(url_for("placements.show", placement_id=placement_id), 303)
    return _page(placement, form), 422


def _form(placement: Placement) -> WeekForm:
    now = sharing.week_of(placement)
    taken = {row.slot.offer_id for row in now.placements}
    slots = queries.open_slots(placement.campaign_id, now.monday, placement.student.school_class.level)
    return WeekForm.over(now.places(), [slot for slot in slots if slot.offer_id not in taken], now.division())


def _page(placement: Placement, form: WeekForm) -> str:
    now = sharing.week_of(placement)
    return render_template(
        "placements/week.html", placement=placement, week=now.placements, form=form, why_not=sharing.why_not(now)
    )
