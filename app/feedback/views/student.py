"""After the stage, for the student: what is left to do, and the sixty seconds."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import requires
from app.access.policy import Permission
from app.feedback import rules, services
from app.feedback.forms import StudentForm
from app.feedback.queries import days, stages
from app.feedback.queries import talks as talk_queries
from app.feedback.views.blueprint import bp, chosen, own_student
from app.kernel import clock
from app.kernel.errors import Hidden, Invalid
from app.placements.models import Placement


@bp.get("/apres-mon-stage")
@requires(Permission.FEEDBACK_GIVE)
def after() -> ResponseReturnValue:
    _actor, found = own_student()
    stage = chosen(found)
    if stage is None:
        return render_template("feedback/after.html", stage=None)
    last_day = days.last_day(stage)
    said = stages.student_feedback(stage.id)
    return render_template(
        "feedback/after.html",
        stage=stage,
        others=[other for other in found if other.id != stage.id],
        last_day=last_day,
        is_open=rules.is_open(stage.state, last_day, clock.today()),
        said=said,
        is_editable=said is not None and rules.is_editable(said.given_at, clock.now()),
        tutor=stages.tutor_feedback(stage.id),
        certificate=stages.certificate(stage.id),
        talk=talk_queries.of_stage(stage.id),
        skills=rules.SKILLS,
    )


@bp.get("/mon-avis")
@requires(Permission.FEEDBACK_GIVE)
def student() -> ResponseReturnValue:
    _actor, found = own_student()
    stage = chosen(found)
    if stage is None:
        return render_template("feedback/after.html", stage=None)
    said = stages.student_feedback(stage.id)
    if not _may_write(stage):
        return redirect(url_for("feedback.after", stage=stage.id))
    return _page(StudentForm.over(said, stage.slot.offer.occupations), stage)


@bp.post("/mon-avis")
@requires(Permission.FEEDBACK_GIVE)
def answer() -> ResponseReturnValue:
    actor, found = own_student()
    stage = chosen(found)
    if stage is None:
        raise Hidden(_("Tu n’as pas encore de stage."))
    form = StudentForm.over(None, stage.slot.offer.occupations)
    if not form.validate_on_submit():
        return _page(form, stage), 422
    try:
        services.answer(stage, form.to_draft(), by=actor)
    except Invalid as error:
        form.take(error)
        return _page(form, stage, asked="words" in error.fields), 422
    flash(_("Ton avis est enregistré. Tu peux le changer pendant deux semaines."), "success")
    if form.wishes_to_be_heard:
        return redirect(url_for("feedback.talk", stage=stage.id), 303)
    return redirect(url_for("feedback.after", stage=stage.id), 303)


def _may_write(stage: Placement) -> bool:
    said = stages.student_feedback(stage.id)
    today = clock.today()
    return rules.is_open(stage.state, days.last_day(stage), today) and rules.is_editable(
        said.given_at if said else None, clock.now()
    )


def _page(form: StudentForm, stage: Placement, *, asked: bool = False) -> str:
    return render_template(
        "feedback/student.html",
        form=form,
        stage=stage,
        asked=asked or bool(request.form.get("reread")),
        most=rules.MOST_THINGS,
        max_words=rules.MAX_WORDS,
    )
