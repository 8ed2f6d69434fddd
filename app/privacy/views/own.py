"""One's own data: what is kept, take it along, ask for something. With an account, or by a family's link."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission, Role
from app.accounts.views.proving import demand_proof
from app.kernel.errors import Hidden, Invalid
from app.kernel.holdings import Subject, SubjectKind
from app.placements import links as placement_links
from app.privacy import plain
from app.privacy.forms import AskForm
from app.privacy.looks_rules import ROLES
from app.privacy.queries import looks, requests
from app.privacy.services import asking, showing
from app.privacy.services.asking import Family
from app.privacy.states import LABELS, RIGHTS, Right
from app.privacy.views.blueprint import bp
from app.schools import links as slip_links
from app.schools.models import FamilyCode
from app.schools.queries import paper
from app.web import languages

# With an account the file is there at once: there is nothing to ask for.
_ON_REQUEST = (Right.RECTIFICATION, Right.OBJECTION, Right.ERASURE)


def _to_student(right: Right) -> str:
    return {
        Right.RECTIFICATION: _("Corriger quelque chose de faux"),
        Right.OBJECTION: _("M’opposer au calcul : une personne cherchera mon stage"),
        Right.ERASURE: _("Effacer ce qui parle de moi"),
    }[right]


def _to_adult(right: Right) -> str:
    return {
        Right.ACCESS: _("Voir tout ce qui est gardé"),
        Right.PORTABILITY: _("Recevoir un fichier à emporter"),
        Right.RECTIFICATION: _("Corriger une donnée fausse"),
        Right.OBJECTION: _("M’opposer à un usage"),
        Right.ERASURE: _("Faire effacer"),
    }[right]


def _form(actor: Actor) -> AskForm:
    words = _to_student if actor.role is Role.STUDENT else _to_adult
    return AskForm.offering([(right.value, words(right)) for right in _ON_REQUEST])


@bp.get("/mes-donnees")
@requires(Permission.OWN_ACCOUNT)
def mine() -> ResponseReturnValue:
    actor = current_actor()
    return _mine(actor, _form(actor))


def _mine(actor: Actor, form: AskForm) -> str:
    subject = asking.own_subject(actor)
    return render_template(
        "privacy/mine.html",
        form=form,
        dossier=showing.gather(subject),
        said=plain.said,
        day_in=plain.day_in,
        requests=requests.of_user(actor.user_id) if actor.user_id is not None else [],
        rights=RIGHTS,
        labels=LABELS,
        looked=looks.by_role(subject.student_id) if subject.student_id is not None else [],
        roles=ROLES,
        student=actor.role is Role.STUDENT,
    )


@bp.post("/mes-donnees")
@requires(Permission.OWN_ACCOUNT)
def ask() -> ResponseReturnValue:
    actor = current_actor()
    form = _form(actor)
    if form.validate():
        subject = asking.own_subject(actor)
        try:
            asking.ask(form.to_draft(subject.kind, subject.id, actor.display_name, user_id=actor.user_id), by=actor)
        except Invalid as refusal:
            form.take(refusal)
        else:
            tell = _("Ta demande est partie.") if actor.role is Role.STUDENT else _("Votre demande est partie.")
            flash(tell, "success")
            return redirect(url_for("privacy.mine"), 303)
    return _mine(actor, form), 422


@bp.post("/mes-donnees/fichier")
@requires(Permission.OWN_ACCOUNT)
def file() -> ResponseReturnValue:
    if current_actor().role is not Role.STUDENT:
        demand_proof(url_for("privacy.mine"))
    return _file(asking.fetched(current_actor()))


@bp.post("/mes-donnees/<int:request_id>/retirer")
@requires(Permission.OWN_ACCOUNT)
def withdraw(request_id: int) -> ResponseReturnValue:
    actor = current_actor()
    row = next((row for row in requests.of_user(actor.user_id or 0) if row.id == request_id), None)
    if row is None:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    asking.withdraw(row, by=actor)
    flash(_("La demande est retirée."), "success")
    return redirect(url_for("privacy.mine"), 303)


def _file(subject: Subject) -> ResponseReturnValue:
    """JSON for a machine, PDF for a reader; never kept by anything between."""
    dossier = showing.gather(subject)
    if request.form.get("format") == "json":
        data, media, name = showing.as_json(dossier), "application/json", "mes-donnees.json"
    else:
        data, media, name = showing.as_pdf(dossier), "application/pdf", "mes-donnees.pdf"
    headers = {
        "Content-Type": media,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return data, 200, headers


# By a family's link


def _family(token: str) -> Family:
    """The holder of a link, mailed by placements or printed on a slip. Raises `Hidden`."""
    known = placement_links.read(token)
    if known is not None:
        guardian = requests.guardian(known[0])
        if guardian is not None and guardian.link_epoch == known[1]:
            languages.listen(guardian.language)
            return _holder(guardian.student_id, guardian.student.territory_id, guardian.id, guardian.name)
    number = slip_links.read(token)
    code = paper.family_code(number) if number else None
    if code is None or not slip_links.still_opens(token, code):
        languages.listen()
        raise Hidden(_("Ce lien n’est plus bon. Demandez un nouveau feuillet au collège."))
    spoken, student = code.guardian.language if code.guardian else code.language, code.student
    languages.listen(spoken)
    name = code.guardian.name if code.guardian else _("Famille de %(name)s", name=student.first_name)
    return _holder(student.id, student.territory_id, code.guardian_id, name)


def _holder(student_id: int, territory_id: int, guardian_id: int | None, name: str) -> Family:
    actor = Actor(Role.GUARDIAN, name, territory_id=territory_id, student_id=student_id)
    return Family(actor, student_id, guardian_id, name)


def _family_form() -> AskForm:
    return AskForm.offering([(right.value, _to_adult(right)) for right in Right])


@bp.get("/donnees/<token>")
@public("a family's personal link: what is kept of one child, and what may be asked")
def family(token: str) -> ResponseReturnValue:
    return _family_page(token, _family(token), None)


def _family_page(token: str, holder: Family, form: AskForm | None) -> str:
    student = requests.student(holder.student_id)
    if student is None:
        raise Hidden(_("Cette personne n’est pas connue ici."))
    rows = asking.of_family(holder)
    return render_template(
        "privacy/family.html",
        token=token,
        holder=holder,
        student=student,
        form=form or _family_form(),
        requests=rows,
        rights={right: _to_adult(right) for right in Right},
        labels=LABELS,
        is_open=requests.is_file_open(rows, SubjectKind.STUDENT, holder.student_id),
    )


@bp.post("/donnees/<token>")
@public("a request of the holder of a family's link")
def ask_as_family(token: str) -> ResponseReturnValue:
    holder, form = _family(token), _family_form()
    if form.validate():
        draft = form.to_draft(
            SubjectKind.STUDENT, holder.student_id, holder.name, guardian_id=holder.guardian_id, how="link"
        )
        try:
            asking.ask(draft, by=holder.actor)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(_("Votre demande est partie."), "success")
            return redirect(url_for("privacy.family", token=token), 303)
    return _family_page(token, holder, form), 422


@bp.post("/donnees/<token>/fichier")
@public("the child's file, by a family's link, once the coordination has answered yes")
def family_file(token: str) -> ResponseReturnValue:
    return _file(asking.fetched_by_family(_family(token)))


def family_rights(code: FamilyCode, holder: Actor, token: str) -> str:
    """The way there, on a family's page."""
    return render_template("privacy/_family_link.html", token=token)
