"""The restricted room: signed agreements of the years that are over."""

from __future__ import annotations

from io import BytesIO

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.agreements.models import Agreement
from app.agreements.rules import spoken_reference
from app.kernel.errors import Hidden, Invalid
from app.privacy.queries import archives as queries
from app.privacy.retention_forms import OpenForm
from app.privacy.services import archiving
from app.privacy.views.blueprint import bp
from app.web.forms import one_line


@bp.get("/archives")
@requires(Permission.ARCHIVE_OPEN)
def archives() -> ResponseReturnValue:
    wanted = (one_line(request.args.get("q")) or "")[:80]
    return render_template(
        "privacy/archives.html",
        pagination=queries.page(current_actor(), wanted, request.args.get("page", 1, type=int)),
        wanted=wanted,
        spoken_reference=spoken_reference,
    )


@bp.get("/archives/<int:agreement_id>")
@requires(Permission.ARCHIVE_OPEN)
def archived(agreement_id: int) -> ResponseReturnValue:
    return _page(_agreement(current_actor(), agreement_id), OpenForm())


@bp.post("/archives/<int:agreement_id>")
@requires(Permission.ARCHIVE_OPEN)
def open_archived(agreement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    agreement = _agreement(actor, agreement_id)
    form = OpenForm()
    if form.validate():
        try:
            data = archiving.open_archived(agreement, form.reason.data, by=actor)
        except Invalid as error:
            form.take(error)
        else:
            return send_file(
                BytesIO(data),
                mimetype="application/pdf",
                as_attachment=True,
                download_name=f"convention-{agreement.reference}.pdf",
                max_age=0,
            )
    return _page(agreement, form), 422


def _agreement(actor: Actor, agreement_id: int) -> Agreement:
    found = queries.agreement(actor, agreement_id)
    if found is None:
        raise Hidden(_("Cette page n’existe pas, ou n’est pas pour vous."))
    return found


def _page(agreement: Agreement, form: OpenForm) -> str:
    return render_template(
        "privacy/archived.html",
        agreement=agreement,
        reference=spoken_reference(agreement.reference),
        form=form,
        max_reason=archiving.MAX_REASON,
    )
