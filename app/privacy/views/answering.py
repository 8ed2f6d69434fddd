"""The coordination's side: what was asked, the days left, the answer; and the register."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, optional_actor, requires
from app.access.policy import Permission, Role
from app.accounts.views.proving import demand_proof
from app.kernel import clock
from app.kernel.errors import Conflict, Hidden, Invalid
from app.kernel.holdings import Kept, Subject, SubjectKind
from app.privacy import register as declared
from app.privacy import rules
from app.privacy.forms import AnswerForm, LetterForm
from app.privacy.models import PrivacyRequest
from app.privacy.queries import people
from app.privacy.queries import requests as queries
from app.privacy.services import answering, asking, correcting, erasing
from app.privacy.states import LABELS, RIGHTS, RequestState, Right
from app.privacy.views.blueprint import bp

KINDS = {
    SubjectKind.STUDENT: "élève",
    SubjectKind.GUARDIAN: "responsable légal",
    SubjectKind.ACCOUNT: "compte",
    SubjectKind.CONTACT: "contact d’une structure",
}


@bp.get("/demandes-donnees")
@requires(Permission.PRIVACY_MANAGE)
def requests() -> ResponseReturnValue:
    actor = current_actor()
    return render_template(
        "privacy/requests.html",
        waiting=queries.to_answer(actor),
        closed=queries.closed(actor),
        erasures=queries.erasures(actor),
        rights=RIGHTS,
        labels=LABELS,
        kinds=KINDS,
        days_left=lambda row: rules.days_left(row.due_on, clock.today()),
    )


@bp.get("/demandes-donnees/nouvelle")
@requires(Permission.PRIVACY_MANAGE)
def ask_letter() -> ResponseReturnValue:
    words = request.args.get("qui", "")[:120]
    found = people.named(current_actor(), words)
    return render_template("privacy/letter.html", words=words, found=found, form=_letter(found))


@bp.post("/demandes-donnees/nouvelle")
@requires(Permission.PRIVACY_MANAGE)
def keep_letter() -> ResponseReturnValue:
    actor, words = current_actor(), request.form.get("qui", "")[:120]
    found = people.named(actor, words)
    form = _letter(found)
    if form.validate():
        try:
            row = asking.ask(form.to_letter(found), by=actor)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(_("La demande est enregistrée."), "success")
            return redirect(url_for("privacy.show_request", request_id=row.id), 303)
    return render_template("privacy/letter.html", words=words, found=found, form=form), 422


def _letter(found: list[people.Person]) -> LetterForm:
    return LetterForm.about(found, [(right.value, str(label)) for right, label in RIGHTS.items()], KINDS)


@bp.get("/demandes-donnees/<int:request_id>")
@requires(Permission.PRIVACY_MANAGE)
def show_request(request_id: int) -> ResponseReturnValue:
    actor = current_actor()
    row = queries.visible_request(actor, request_id)
    _demand_proof(row)
    return _page(actor, row)


def _demand_proof(row: PrivacyRequest) -> None:
    """Before an erasure; as its page opens, so that no answer typed is lost on the way."""
    if row.right is Right.ERASURE and row.state is RequestState.ASKED:
        demand_proof(url_for("privacy.show_request", request_id=row.id))


def _page(
    actor: Actor,
    row: PrivacyRequest,
    form: AnswerForm | None = None,
    problem: str = "",
    refusing: AnswerForm | None = None,
) -> str:
    """`form` and `refusing`: what was typed to say yes, or to say no or later, when it is refused."""
    subject: Subject | None = None
    present: dict[str, str] = {}
    kept: tuple[Kept, ...] = ()
    try:
        subject = answering.subject_of(row)
    except Hidden:
        pass  # already erased: the request alone is left
    else:
        present = correcting.present(subject) if row.right is Right.RECTIFICATION else {}
        kept = erasing.kept_of(subject) if row.right is Right.ERASURE else ()
    return render_template(
        "privacy/request.html",
        request_=row,
        subject=subject,
        form=form or AnswerForm(formdata=None, data=present),
        refusing=refusing,
        fields=list(present),
        kept=kept,
        problem=problem,
        rights=RIGHTS,
        labels=LABELS,
        kinds=KINDS,
        left=rules.days_left(row.due_on, clock.today()),
        waiting=row.state is RequestState.ASKED,
        Right=Right,
    )


@bp.post("/demandes-donnees/<int:request_id>/repondre")
@requires(Permission.PRIVACY_MANAGE)
def answer(request_id: int) -> ResponseReturnValue:
    actor = current_actor()
    row = queries.visible_request(actor, request_id)
    _demand_proof(row)
    form = AnswerForm()
    if not form.validate():
        return _page(actor, row, form), 422
    try:
        done = answering.answer(row, form.words.data or "", by=actor, corrections=form.to_corrections(row.subject_kind))
    except Invalid as refusal:
        form.take(refusal)
        return _page(actor, row, form), 422
    except Conflict as refusal:
        return _page(actor, row, form, refusal.message), 409
    if done is not None:
        flash(_("La personne est effacée : %(n)s lignes.", n=sum(done.counts.values())), "success")
    else:
        flash(_("La réponse est enregistrée."), "success")
    return redirect(url_for("privacy.show_request", request_id=request_id), 303)


@bp.post("/demandes-donnees/<int:request_id>/refuser")
@requires(Permission.PRIVACY_MANAGE)
def refuse(request_id: int) -> ResponseReturnValue:
    return _with_reason(request_id, answering.refuse, _("Le refus est enregistré."))


@bp.post("/demandes-donnees/<int:request_id>/prolonger")
@requires(Permission.PRIVACY_MANAGE)
def extend(request_id: int) -> ResponseReturnValue:
    return _with_reason(request_id, answering.extend, _("Le délai est prolongé de deux mois."))


def _with_reason(request_id: int, verb, told: str) -> ResponseReturnValue:  # type: ignore[no-untyped-def]  # refuse or extend
    actor = current_actor()
    row = queries.visible_request(actor, request_id)
    form = AnswerForm()
    if not form.validate():
        return _page(actor, row, refusing=form), 422
    try:
        verb(row, form.words.data or "", by=actor)
    except Invalid as refusal:
        form.take(refusal)
        return _page(actor, row, refusing=form), 422
    flash(told, "success")
    return redirect(url_for("privacy.show_request", request_id=request_id), 303)


@bp.get("/registre")
@requires(Permission.PRIVACY_MANAGE)
def register() -> ResponseReturnValue:
    actor = current_actor()
    return render_template(
        "privacy/register.html",
        treatments=declared.treatments(),
        categories=declared.CATEGORIES,
        security=declared.SECURITY,
        responsible=declared.of_territory(actor.territory_id),
    )


@bp.get("/registre.csv")
@requires(Permission.PRIVACY_MANAGE)
def register_csv() -> ResponseReturnValue:
    responsible = declared.of_territory(current_actor().territory_id)
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="registre-des-traitements.csv"',
    }
    return "\ufeff" + declared.as_csv(responsible), 200, headers


@bp.get("/registre.pdf")
@requires(Permission.PRIVACY_MANAGE)
def register_pdf() -> ResponseReturnValue:
    responsible = declared.of_territory(current_actor().territory_id)
    headers = {
        "Content-Type": "application/pdf",
        "Content-Disposition": 'attachment; filename="registre-des-traitements.pdf"',
    }
    return declared.as_pdf(responsible), 200, headers


def cockpit() -> str:
    """On the coordination's home: the requests that wait, and the students whom no calculation will place."""
    actor = optional_actor()
    if actor is None or actor.role is not Role.COORDINATOR:
        return ""
    rows = queries.to_answer(actor)
    left = rules.days_left(rows[0].due_on, clock.today()) if rows else 0
    by_hand = queries.to_place_by_hand(g.campaign.id) if g.campaign is not None else []
    if not rows and not by_hand:
        return ""
    return render_template("privacy/_cockpit.html", number=len(rows), left=left, by_hand=by_hand)
