"""One part of an agreement, written by the party it belongs to: from an account or by a personal link."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission
from app.agreements import content, fields, filling, queries, reading, rules
from app.agreements.fields import Field, Part
from app.agreements.forms import HoursForm, PartForm, part_form
from app.agreements.models import Agreement
from app.agreements.services import amending, preparing
from app.agreements.states import AgreementState
from app.agreements.views.blueprint import bp
from app.agreements.views.papers import part_title
from app.kernel.errors import Hidden, Invalid
from app.regulations.schedules import Schedule
from app.web import languages, looked

_LINK = "a personal link to one part of one draft: whoever holds it writes that part and sees nothing else"


def _agreement(agreement_id: int, part: str, actor: Actor, permission: Permission) -> Agreement:
    agreement = queries.visible_agreement(actor, agreement_id, permission)
    if part not in content.parts(agreement):
        raise Hidden(_("Cette partie n’existe pas dans cette convention."))
    return agreement


@bp.get("/conventions/<int:agreement_id>/completer/<part>")
@requires(Permission.AGREEMENT_COMPLETE)
def part(agreement_id: int, part: str) -> ResponseReturnValue:
    actor = current_actor()
    agreement = _agreement(agreement_id, part, actor, Permission.AGREEMENT_COMPLETE)
    preparing.demand_part(agreement, part, actor)
    return _show(agreement, part, *_forms(agreement, part))


@bp.post("/conventions/<int:agreement_id>/completer/<part>")
@requires(Permission.AGREEMENT_COMPLETE)
def complete_part(agreement_id: int, part: str) -> ResponseReturnValue:
    actor = current_actor()
    agreement = _agreement(agreement_id, part, actor, Permission.AGREEMENT_COMPLETE)
    answer = _save(agreement, part, actor, None)
    return answer or redirect(url_for("agreements.show", agreement_id=agreement.id), 303)


@bp.get("/convention/a-completer/<token>")
@public(_LINK)
def part_by_link(token: str) -> ResponseReturnValue:
    agreement, key, _actor = _by_token(token)
    if agreement.state is not AgreementState.DRAFT:
        return render_template("agreements/part_done.html", agreement=agreement)
    return _show(agreement, key, *_forms(agreement, key), token=token)


@bp.post("/convention/a-completer/<token>")
@public(_LINK)
def complete_by_link(token: str) -> ResponseReturnValue:
    agreement, key, actor = _by_token(token)
    if agreement.state is not AgreementState.DRAFT:
        return render_template("agreements/part_done.html", agreement=agreement)
    answer = _save(agreement, key, actor, token)
    return answer or redirect(url_for("agreements.part_by_link", token=token), 303)


def _by_token(token: str) -> tuple[Agreement, str, Actor]:
    known = filling.read(token)
    if known is None:
        raise Hidden(_("Ce lien n’est plus bon. Demandez-en un nouveau au collège."))
    if known[1] == Part.FAMILY:
        languages.listen(family_language(known[0]))
    looked.at([known[0].student_id], known[0].territory_id, "agreement", by=known[2])
    return known


def family_language(agreement: Agreement) -> str:
    """The link of the family's part is one for both guardians: the language of the first, who is written to."""
    guardians = agreement.student.guardians
    return guardians[0].language if guardians else languages.FRENCH.code


def _forms(agreement: Agreement, key: str) -> tuple[PartForm, HoursForm | None]:
    kind, _number = fields.split(key)
    stop = content.stop(agreement, key)
    rows = content.asked(agreement, key)
    return part_form(kind, content.values(agreement, key), rows), HoursForm.of(stop) if stop else None


def _save(agreement: Agreement, key: str, actor: Actor, token: str | None) -> ResponseReturnValue | None:
    """The page again with what is wrong, or None when it is kept."""
    form, hours = _forms(agreement, key)
    stop = content.stop(agreement, key)
    readable = form.validate() & (hours.validate() if hours else True)
    if not readable:
        return _show(agreement, key, form, hours, token=token), 422
    values = form.to_values()
    if hours is not None and stop is not None:
        values["schedule"] = hours.schedule(stop)
    try:
        preparing.complete_part(agreement, key, values, by=actor)
    except Invalid as refusal:
        form.take(Invalid(refusal.message, {k: v for k, v in refusal.fields.items() if k != "schedule"}))
        if hours is not None and "schedule" in refusal.fields:
            hours.hours.errors = [refusal.fields["schedule"]]
        return _show(agreement, key, form, hours, token=token), 422
    flash(_("C’est noté dans la convention."), "success")
    return None


def _show(
    agreement: Agreement,
    key: str,
    form: PartForm,
    hours: HoursForm | None,
    *,
    token: str | None = None,
) -> str:
    kind, _number = fields.split(key)
    stop = content.stop(agreement, key)
    action = (
        url_for("agreements.complete_by_link", token=token)
        if token
        else url_for("agreements.complete_part", agreement_id=agreement.id, part=key)
    )
    return render_template(
        "agreements/part.html",
        agreement=agreement,
        part=key,
        title=part_title(agreement, key),
        form=form,
        hours=hours,
        monday=stop.placement.slot.monday if stop else None,
        hours_lines=reading.hours(agreement) if hours and not hours.hours.errors else (),
        read_only=_read_only(agreement, key, kind),
        action=action,
        check_url=_check_url(agreement, key, token),
        back_url=None if token else url_for("agreements.show", agreement_id=agreement.id),
        lacks=content.missing_of(agreement, key),
        reference=rules.spoken_reference(agreement.reference),
    )


def _check_url(agreement: Agreement, key: str, token: str | None) -> str:
    if token:
        return url_for("agreements.check_hours_by_link", token=token)
    return url_for("agreements.check_part_hours", agreement_id=agreement.id, part=key)


def _read_only(agreement: Agreement, key: str, kind: Part) -> list[tuple[str, str]]:
    values = content.values(agreement, key)
    return [(str(row.label), values[row.name]) for row in fields.FIELDS[kind] if row.name in fields.READ_ONLY[kind]]


@bp.post("/conventions/<int:agreement_id>/completer/<part>/horaires")
@requires(Permission.AGREEMENT_COMPLETE)
def check_part_hours(agreement_id: int, part: str) -> ResponseReturnValue:
    """What the rules say of the hours being typed, before they are kept."""
    agreement = _agreement(agreement_id, part, current_actor(), Permission.AGREEMENT_COMPLETE)
    return _findings(agreement, part)


@bp.post("/convention/a-completer/<token>/horaires")
@public(_LINK)
def check_hours_by_link(token: str) -> ResponseReturnValue:
    agreement, key, _actor = _by_token(token)
    return _findings(agreement, key)


def _findings(agreement: Agreement, key: str) -> str:
    stop, form = content.stop(agreement, key), HoursForm()
    readable = form.hours.validate(form) and stop is not None
    typed = form.schedule(stop) if readable and stop is not None else None
    lines = reading.hours(agreement, {stop.id: Schedule.from_json(typed)}) if typed and stop is not None else ()
    return render_template("agreements/_hours.html", form=form, lines=lines)


@bp.get("/conventions/<int:agreement_id>/modifier/<part>")
@requires(Permission.AGREEMENT_PREPARE)
def change(agreement_id: int, part: str) -> ResponseReturnValue:
    agreement = _agreement(agreement_id, part, current_actor(), Permission.AGREEMENT_PREPARE)
    form, hours = _forms(agreement, part)
    return _changing(agreement, part, form, hours)


@bp.post("/conventions/<int:agreement_id>/modifier/<part>")
@requires(Permission.AGREEMENT_PREPARE)
def change_part(agreement_id: int, part: str) -> ResponseReturnValue:
    actor = current_actor()
    agreement = _agreement(agreement_id, part, actor, Permission.AGREEMENT_PREPARE)
    form, hours = _forms(agreement, part)
    stop = content.stop(agreement, part)
    if not (form.validate() & (hours.validate() if hours else True)):
        return _changing(agreement, part, form, hours), 422
    values = form.to_values()
    if hours is not None and stop is not None:
        values["schedule"] = hours.schedule(stop)
    try:
        preparing.change_after_opening(agreement, part, values, form.reason.data or "", by=actor)
    except Invalid as refusal:
        again = _agreement(agreement_id, part, actor, Permission.AGREEMENT_PREPARE)
        form.take(refusal)
        return _changing(again, part, form, hours, refusal), 422
    flash(_("Le texte a changé : les signatures sont redemandées, et ceux qui avaient signé sont prévenus."), "success")
    return redirect(url_for("agreements.show", agreement_id=agreement_id), 303)


def _changing(
    agreement: Agreement, key: str, form: PartForm, hours: HoursForm | None, refusal: Invalid | None = None
) -> str:
    return render_template(
        "agreements/change.html",
        agreement=agreement,
        part=key,
        title=part_title(agreement, key),
        form=form,
        hours=hours,
        check_url=_check_url(agreement, key, None),
        signed=reading.signed(agreement),
        refusal=refusal,
        reference=rules.spoken_reference(agreement.reference),
    )


@bp.get("/conventions/<int:agreement_id>/avenant/<part>")
@requires(Permission.AGREEMENT_PREPARE)
def amend(agreement_id: int, part: str) -> ResponseReturnValue:
    agreement = _agreement(agreement_id, part, current_actor(), Permission.AGREEMENT_PREPARE)
    return _amending(agreement, part, _amend_form(agreement, part))


@bp.post("/conventions/<int:agreement_id>/avenant/<part>")
@requires(Permission.AGREEMENT_PREPARE)
def make_amendment(agreement_id: int, part: str) -> ResponseReturnValue:
    actor = current_actor()
    agreement = _agreement(agreement_id, part, actor, Permission.AGREEMENT_PREPARE)
    form = _amend_form(agreement, part)
    if not form.validate():
        return _amending(agreement, part, form), 422
    try:
        made = amending.amend(agreement, part, form.to_values(), form.reason.data or "", by=actor)
    except Invalid as refusal:
        form.take(refusal)
        return _amending(agreement, part, form), 422
    flash(_("L’avenant est prêt : chacun reçoit sa demande de signature."), "success")
    return redirect(url_for("agreements.show", agreement_id=made.id), 303)


def _amend_form(agreement: Agreement, key: str) -> PartForm:
    kind, _number = fields.split(key)
    rows: list[Field] = amending.amendable(agreement, key)
    return part_form(kind, content.values(agreement, key), rows)


def _amending(agreement: Agreement, key: str, form: PartForm) -> str:
    return render_template(
        "agreements/amend.html",
        agreement=agreement,
        part=key,
        title=part_title(agreement, key),
        form=form,
        reference=rules.spoken_reference(agreement.reference),
    )
