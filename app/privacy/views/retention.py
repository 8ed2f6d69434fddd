"""What will be forgotten, what was, and which files are held back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.accounts.models import User
from app.kernel import clock
from app.kernel.errors import Hidden, Invalid
from app.kernel.holdings import SubjectKind
from app.privacy import retention_words as words
from app.privacy.queries import people
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
    may_hold, words_asked = actor.may(Permission.RETENTION_HOLD), request.args.get("qui", "")[:120]
    return render_template(
        "privacy/retention.html",
        words_asked=words_asked,
        found=[one for one in people.named(actor, words_asked) if one.kind is SubjectKind.ACCOUNT] if may_hold else [],
        rules=in_force(today),
        rule_of=lambda rule_id: rule_of(rule_id, today),
        notices=queries.notices(actor),
        runs=queries.runs(actor),
        holds=queries.holds(actor, today) if may_hold else [],
        tables=words.TABLES,
        delay_of=words.delay,
    )


@bp.get("/eleves/<int:student_id>/garder")
@requires(Permission.RETENTION_HOLD)
def hold_file(student_id: int) -> ResponseReturnValue:
    return _form_of(_student(current_actor(), student_id))


@bp.post("/eleves/<int:student_id>/garder")
@requires(Permission.RETENTION_HOLD)
def keep_file(student_id: int) -> ResponseReturnValue:
    return _keep(_student(current_actor(), student_id))


@bp.get("/comptes/<int:user_id>/garder")
@requires(Permission.RETENTION_HOLD)
def hold_account(user_id: int) -> ResponseReturnValue:
    return _form_of(_account(current_actor(), user_id))


@bp.post("/comptes/<int:user_id>/garder")
@requires(Permission.RETENTION_HOLD)
def keep_account(user_id: int) -> ResponseReturnValue:
    return _keep(_account(current_actor(), user_id))


def _form_of(file: Student | User) -> str:
    return _hold_page(file, HoldForm(obj=queries.hold_of(file, clock.today())))


def _keep(file: Student | User) -> ResponseReturnValue:
    form = HoldForm()
    if form.validate():
        try:
            keeping.hold(file, form.reason.data, form.until.data, by=current_actor())
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Ce dossier est gardé. Il sera oublié après ce jour."), "success")
            return redirect(url_for("privacy.retention"), 303)
    return _hold_page(file, form), 422


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


def _account(actor: Actor, user_id: int) -> User:
    found = queries.holdable_account(actor, user_id)
    if found is None:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    return found


def _hold_page(file: Student | User, form: HoldForm) -> str:
    if isinstance(file, Student):
        name, back = file.full_name, url_for("wishes.student", student_id=file.id)
    else:
        name, back = file.display_name, url_for("privacy.retention")
    return render_template(
        "privacy/hold.html",
        student=isinstance(file, Student),
        name=name,
        action=request.path,
        back_url=back,
        form=form,
        max_reason=keeping.MAX_REASON,
        latest=clock.today() + LONGEST_HOLD,
    )
