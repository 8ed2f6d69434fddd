"""The paper: lists, a class, one agreement, its document, opening, cancelling."""

from __future__ import annotations

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission, Role
from app.agreements import content, fields, hours, queries, reading, rules
from app.agreements.forms import ReasonForm, week_of
from app.agreements.models import Agreement, AgreementHost
from app.agreements.services import classroom, inviting, preparing
from app.agreements.states import LABELS, TABLE, AgreementState
from app.agreements.views.blueprint import bp
from app.kernel.errors import Forbidden, Invalid
from app.schools import queries as school_queries


@bp.app_template_filter("heures_de_stage")
def hours_in_words(host: AgreementHost) -> list[str]:
    """« lundi et mardi : 9 h – 12 h et 13 h – 16 h », a line for each kind of day."""
    return week_of(host).sentences()


@bp.get("/conventions")
@requires(Permission.AGREEMENT_VIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    campaign_id = g.campaign.id if g.campaign else 0
    wanted = request.args.get("etat", "")
    state = AgreementState(wanted) if wanted in set(AgreementState) else None
    return render_template(
        "agreements/index.html",
        agreements=queries.page(actor, campaign_id, state, request.args.get("page", 1, type=int)),
        counts=queries.counts(actor, campaign_id),
        state=state,
        labels=LABELS,
        reference=rules.spoken_reference,
        progress=reading.progress,
    )


@bp.get("/classes/<int:class_id>/conventions")
@requires(Permission.AGREEMENT_PREPARE)
def of_class(class_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school_class = school_queries.visible_class(actor, class_id)
    return render_template("agreements/class.html", **reading.classroom(school_class), labels=LABELS)


@bp.get("/classes/<int:class_id>/conventions/avancement")
@requires(Permission.AGREEMENT_PREPARE)
def class_progress(class_id: int) -> ResponseReturnValue:
    school_class = school_queries.visible_class(current_actor(), class_id)
    return render_template(
        "agreements/_progress.html", school_class=school_class, batch=queries.last_batch(school_class.id)
    )


@bp.post("/classes/<int:class_id>/conventions")
@requires(Permission.AGREEMENT_PREPARE)
def prepare_class(class_id: int) -> ResponseReturnValue:
    actor = current_actor()
    school_class = school_queries.visible_class(actor, class_id)
    classroom.prepare_class(school_class, by=actor)
    flash(_("Les conventions se préparent : la liste se remplit d’elle-même."), "success")
    return redirect(url_for("agreements.of_class", class_id=school_class.id), 303)


@bp.get("/conventions/<int:agreement_id>")
@requires(Permission.AGREEMENT_VIEW)
def show(agreement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id)
    return _page(actor, agreement)


def _page(actor: Actor, agreement: Agreement, refusal: Invalid | None = None) -> str:
    prepares = actor.can(Permission.AGREEMENT_PREPARE, agreement)
    return render_template(
        "agreements/show.html",
        agreement=agreement,
        reference=rules.spoken_reference(agreement.reference),
        label=LABELS[agreement.state],
        parts=reading.parts(agreement, actor),
        findings=reading.hours(agreement) if agreement.state is AgreementState.DRAFT else (),
        holidays_unknown=agreement.state is AgreementState.DRAFT and hours.holidays_unknown(agreement),
        changed=reading.changed(agreement) if prepares else (),
        amendments=queries.amendments(agreement.id),
        refusal=refusal,
        prepares=prepares,
        # The name of a student is on the document; pages of a structure stay with the first name.
        student_name=agreement.student.first_name if actor.role is Role.HOST else agreement.student.full_name,
        actions={step.action for step in TABLE.open_from(agreement.state)} if prepares else set(),
        labels=LABELS,
        short_digest=rules.short_digest,
        spoken=rules.spoken_reference,
    )


@bp.get("/conventions/<int:agreement_id>/document.pdf")
@requires(Permission.AGREEMENT_VIEW)
def document(agreement_id: int) -> ResponseReturnValue:
    """The document as it is: final, to sign, or (for those who prepare it) a draft."""
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id)
    if agreement.content is None and not actor.can(Permission.AGREEMENT_PREPARE, agreement):
        raise Forbidden(_("Le document pourra être lu quand il sera complet."))
    answer = Response(reading.document(agreement), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="convention-{agreement.reference}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("/conventions/<int:agreement_id>/ouvrir")
@requires(Permission.AGREEMENT_PREPARE)
def open_signatures(agreement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id, Permission.AGREEMENT_PREPARE)
    try:
        preparing.open_signatures(agreement, by=actor)
    except Invalid as refusal:
        again = queries.visible_agreement(actor, agreement_id, Permission.AGREEMENT_PREPARE)
        return _page(actor, again, refusal), 422
    flash(_("Les signatures sont ouvertes : chacun reçoit sa demande."), "success")
    return redirect(url_for("agreements.show", agreement_id=agreement_id), 303)


@bp.post("/conventions/<int:agreement_id>/demander")
@requires(Permission.AGREEMENT_PREPARE)
def invite(agreement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id, Permission.AGREEMENT_PREPARE)
    if inviting.invite(agreement, by=actor):
        flash(_("La demande part dans la minute."), "success")
    else:
        flash(_("Aucun message à envoyer : c’est déjà fait aujourd’hui, ou l’adresse manque."), "info")
    return redirect(url_for("agreements.show", agreement_id=agreement_id), 303)


@bp.get("/conventions/<int:agreement_id>/annuler")
@requires(Permission.AGREEMENT_PREPARE)
def confirm_cancel(agreement_id: int) -> ResponseReturnValue:
    agreement = queries.visible_agreement(current_actor(), agreement_id, Permission.AGREEMENT_PREPARE)
    return _cancelling(agreement, ReasonForm())


@bp.post("/conventions/<int:agreement_id>/annuler")
@requires(Permission.AGREEMENT_PREPARE)
def cancel(agreement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = queries.visible_agreement(actor, agreement_id, Permission.AGREEMENT_PREPARE)
    form = ReasonForm()
    if not form.validate():
        return _cancelling(agreement, form), 422
    preparing.void(agreement, form.reason.data or "", by=actor)
    flash(_("La convention est annulée. Ceux qui avaient signé sont prévenus."), "success")
    return redirect(url_for("agreements.show", agreement_id=agreement_id), 303)


def _cancelling(agreement: Agreement, form: ReasonForm) -> str:
    return render_template(
        "agreements/cancel.html",
        agreement=agreement,
        form=form,
        reference=rules.spoken_reference(agreement.reference),
        signed=reading.signed(agreement),
    )


def part_title(agreement: Agreement, part: str) -> str:
    """« Structure d’accueil : Ressourcerie du Terril »."""
    kind, _number = fields.split(part)
    stop = content.stop(agreement, part)
    if stop is None:
        return str(fields.TITLES[kind])
    return _("%(part)s : %(name)s", part=fields.TITLES[kind], name=stop.placement.slot.offer.organization.name)
