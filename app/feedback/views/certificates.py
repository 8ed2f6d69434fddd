"""The certificate: issued by the host in one click, taken by whoever may see the stage."""

from __future__ import annotations

import io

from flask import flash, redirect, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission
from app.agreements import storage
from app.feedback import services
from app.feedback.forms import CertificateForm
from app.feedback.models import Certificate
from app.feedback.queries import days, stages
from app.feedback.views.blueprint import Welcomer, bp, by_account, by_link
from app.feedback.views.tutor import _PERSONAL_LINK, address
from app.kernel.errors import Hidden, Invalid


@bp.get("/avis-tuteur/<token>/attestation")
@public(_PERSONAL_LINK)
def certificate(token: str) -> ResponseReturnValue:
    return _page(by_link(token))


@bp.post("/avis-tuteur/<token>/attestation")
@public(_PERSONAL_LINK)
def issue(token: str) -> ResponseReturnValue:
    return _issue(by_link(token))


@bp.get("/avis-tuteur/<token>/attestation.pdf")
@public(_PERSONAL_LINK)
def certificate_file(token: str) -> ResponseReturnValue:
    return _file(stages.certificate(by_link(token).placement.id))


@bp.get("/mes-stagiaires/<int:placement_id>/attestation")
@requires(Permission.FEEDBACK_GIVE)
def certificate_by_account(placement_id: int) -> ResponseReturnValue:
    return _page(by_account(placement_id))


@bp.post("/mes-stagiaires/<int:placement_id>/attestation")
@requires(Permission.FEEDBACK_GIVE)
def issue_by_account(placement_id: int) -> ResponseReturnValue:
    return _issue(by_account(placement_id))


@bp.get("/attestations/<int:placement_id>.pdf")
@requires(Permission.PLACEMENT_VIEW)
def certificate_file_by_account(placement_id: int) -> ResponseReturnValue:
    stage = stages.visible_stage(current_actor(), Permission.PLACEMENT_VIEW, placement_id)
    return _file(stages.certificate(stage.id))


def _page(who: Welcomer, form: CertificateForm | None = None) -> str:
    planned = days.planned(who.placement)
    known = stages.certificate(who.placement.id)
    if form is None:
        content = known.content if known else {}
        issuer = content.get("issuer", {})
        form = CertificateForm.over(
            list(planned),
            content.get("days") or [day.isoformat() for day in planned],
            issuer.get("name") or who.name,
            issuer.get("title") or who.title,
        )
    return render_template(
        "feedback/certificate.html",
        form=form,
        who=who,
        stage=who.placement,
        certificate=known,
        said=stages.tutor_feedback(who.placement.id),
        file_url=address(who, "certificate_file"),
        tutor_url=address(who, "tutor"),
        minutes=sum(planned.values()),
        days=len(planned),
    )


def _issue(who: Welcomer) -> ResponseReturnValue:
    planned = days.planned(who.placement)
    form = CertificateForm.over(list(planned), (), "", "")
    if not form.validate_on_submit():
        return _page(who, form), 422
    try:
        services.issue(who.placement, form.to_draft(), by=who.actor)
    except Invalid as error:
        form.take(error)
        return _page(who, form), 422
    flash(_("L’attestation est prête. L’élève et le collège la trouvent dans leur espace."), "success")
    return redirect(address(who, "certificate"), 303)


def _file(found: Certificate | None) -> ResponseReturnValue:
    if found is None:
        raise Hidden(_("L’attestation n’est pas encore faite."))
    answer = send_file(
        io.BytesIO(storage.read(found.document)), mimetype="application/pdf", download_name="attestation-de-stage.pdf"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
