"""The school's follow-up: the list of its classes, and the page of one stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.kernel import clock
from app.kernel.errors import Invalid
from app.placements import hours
from app.placements.models import Placement
from app.placements.queries import stage
from app.placements.services import staging, unsigned, visiting
from app.placements.stage_forms import FollowUpForm, NoteForm
from app.placements.stage_models import FollowUp
from app.placements.stage_states import KINDS, LABELS, FollowUpKind, FollowUpState
from app.placements.views.blueprint import bp
from app.schools.models import SchoolClass

CLASSES_A_PAGE = 10


@bp.app_template_filter("suivi")
def _kind(kind: FollowUpKind) -> str:
    return str(KINDS[kind])


@bp.app_template_filter("etat_suivi")
def _state(state: FollowUpState) -> tuple[str, str]:
    return LABELS[state]


@bp.get("/suivi")
@requires(Permission.PLACEMENT_FOLLOW)
def visits() -> ResponseReturnValue:
    """Every class one follows: alerts first, then who is visited or called, and when."""
    actor = current_actor()
    campaign_id = g.campaign.id if g.campaign else 0
    placements = stage.followed(actor, campaign_id)
    absences, accidents = stage.alerts(actor, campaign_id, clock.today())
    follow_ups = stage.follow_ups([placement.id for placement in placements])
    classes = [
        (school_class, list(rows))
        for school_class, rows in groupby(placements, key=lambda placement: placement.student.school_class)
    ]
    pages = max(1, -(-len(classes) // CLASSES_A_PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "placements/stage_visits.html",
        classes=classes[(number - 1) * CLASSES_A_PAGE : number * CLASSES_A_PAGE],
        number=number,
        pages=pages,
        shares=[(_label(school_class, classes), _progress(found, follow_ups)) for school_class, found in classes],
        follow_ups=follow_ups,
        unsigned=unsigned.among(placements),
        absences=absences,
        accidents=accidents,
    )


def _label(school_class: SchoolClass, classes: Sequence[tuple[SchoolClass, object]]) -> str:
    """The name of a class, with its school's when there are several schools."""
    is_alone = len({other.school_id for other, _rows in classes}) == 1
    return school_class.name if is_alone else f"{school_class.name}, {school_class.school.name}"


def _progress(placements: list[Placement], follow_ups: dict[int, list[FollowUp]]) -> list[int]:
    """How many are followed up, how many planned, how many without anything."""
    states = [[row.state for row in follow_ups.get(placement.id, [])] for placement in placements]
    done = sum(FollowUpState.DONE in row for row in states)
    planned = sum(FollowUpState.DONE not in row and FollowUpState.PLANNED in row for row in states)
    return [done, planned, len(placements) - done - planned]


@bp.get("/stages/<int:placement_id>/suivi")
@requires(Permission.PLACEMENT_FOLLOW)
def visit(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    placement = stage.told(actor, placement_id)
    planned = stage.planned(placement.id)
    form = FollowUpForm(obj=planned) if planned else FollowUpForm(planned_on=_thursday(placement))
    if not planned and actor.user_id is not None:
        form.user_id.data = actor.user_id
    return _visit_page(actor, placement, form, NoteForm())


@bp.post("/stages/<int:placement_id>/suivi")
@requires(Permission.PLACEMENT_FOLLOW)
def plan_visit(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    placement = stage.told(actor, placement_id)
    form = FollowUpForm()
    form.offer_people(stage.school_staff(placement.student.school_class.school_id))
    if form.validate():
        try:
            visiting.plan(placement, form.to_draft(), by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Le suivi est prévu."), "success")
            return redirect(url_for("placements.visit", placement_id=placement_id), 303)
    return _visit_page(actor, placement, form, NoteForm()), 422


@bp.post("/suivis/<int:follow_up_id>/fait")
@requires(Permission.PLACEMENT_FOLLOW)
def do_visit(follow_up_id: int) -> ResponseReturnValue:
    actor = current_actor()
    row = stage.follow_up(actor, follow_up_id)
    form = NoteForm()
    if form.validate():
        try:
            visiting.do(row.id, form.note.data or "", by=actor, reread=True)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("C’est noté."), "success")
            return redirect(url_for("placements.visits"), 303)
    placement = stage.told(actor, row.placement_id)
    return _visit_page(actor, placement, FollowUpForm(obj=row), form), 422


@bp.post("/suivis/<int:follow_up_id>/abandon")
@requires(Permission.PLACEMENT_FOLLOW)
def drop_visit(follow_up_id: int) -> ResponseReturnValue:
    actor = current_actor()
    row = visiting.drop(stage.follow_up(actor, follow_up_id).id, by=actor)
    flash(_("Ce suivi n’est plus prévu."), "info")
    return redirect(url_for("placements.visit", placement_id=row.placement_id), 303)


@bp.post("/stages/<int:placement_id>/interruption")
@requires(Permission.PLACEMENT_MANAGE)
def interrupt(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    placement = stage.told(actor, placement_id)
    form = NoteForm()
    reason = form.note.data or ""
    try:
        staging.interrupt(placement.id, reason, by=actor)
    except Invalid as error:
        flash(error.message, "error")
        return redirect(url_for("placements.visit", placement_id=placement_id), 303)
    flash(_("Le stage est arrêté. Chacun est prévenu."), "success")
    return redirect(url_for("placements.visits"), 303)


def _visit_page(actor: Actor, placement: Placement, form: FollowUpForm, note: NoteForm) -> str:
    form.offer_people(stage.school_staff(placement.student.school_class.school_id))
    return render_template(
        "placements/stage_visit.html",
        placement=placement,
        schedule=hours.of(placement),
        follow_ups=stage.follow_ups([placement.id]).get(placement.id, []),
        planned=stage.planned(placement.id),
        unsigned=unsigned.among([placement]),
        may_interrupt=actor.can(Permission.PLACEMENT_MANAGE, placement) and placement.state.value == "under_way",
        form=form,
        note=note,
    )


def _thursday(placement: Placement) -> date:
    """Late enough to see something, early enough to change it."""
    return placement.slot.monday + timedelta(days=3)
