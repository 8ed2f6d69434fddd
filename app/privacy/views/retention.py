"""What will be forgotten, what was, and which files are held back."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.kernel import clock
from app.kernel.errors import Hidden, Invalid
from app.privacy import retention_words as words
from app.privacy.queries import retention as queries
from app.privacy.retention_forms import HoldForm
from app.privacy.retention_rules import LONGEST_HOLD, in_force, rule_of
from app.privacy.services import keeping
from app.privacy.views.blueprint import bp
from app.schools.models import Student


@bp.get("/donnees/oubli")
@requires(Permission.RETENTION_VIEW)
def retention() -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    return render_template(
        "privacy/retention.html",
        rules=in_force(today),
        rule_of=lambda rule_id: rule_of(rule_id, today),
        notices=queries.notices(actor),
        runs=queries.runs(actor),
        holds=queries.holds(actor, today) if actor.may(Permission.RETENTION_HOLD) else [],
        tables=words.TABLES,
        delay_of=words.delay,
    )


@bp.get("/eleves/<int:student_id>/garder")
@requires(Permission.RETENTION_HOLD)
def hold_file(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = _student(actor, student_id)
    known = queries.hold_of(student.id, clock.today())
    return _hold_page(student, HoldForm(obj=known))


@bp.post("/eleves/<int:student_id>/garder")
@requires(Permission.RETENTION_HOLD)
def keep_file(student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    student = _student(actor, student_id)
    form = HoldForm()
    if form.validate():
        try:
            keeping.hold(student, form.reason.data, form.until.data, by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Ce dossier est gardé. Il sera oublié après ce jour."), "success")
            return redirect(url_for("privacy.retention"), 303)
    return _hold_page(student, form), 422


@bp.post("/donnees/gardes/<int:hold_id>/lever")
@requires(Permission.RETENTION_HOLD)
def lift_hold(hold_id: int) -> ResponseReturnValue:
    keeping.lift(hold_id, by=current_actor())
    flash(_("Ce dossier n’est plus gardé à part : il suit les durées communes."), "success")
    return redirect(url_for("privacy.retention"), 303)


def _student(actor: Actor, student_id: int) -> Student:
    found = queries.holdable_student(actor, student_id)
    if found is None:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    return found


def _hold_page(student: Student, form: HoldForm) -> str:
    return render_template(
        "privacy/hold.html",
        student=student,
        form=form,
        max_reason=keeping.MAX_REASON,
        latest=clock.today() + LONGEST_HOLD,
    )
