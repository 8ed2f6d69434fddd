"""What the house looks after by itself: stages that no longer take place, final documents still to be made."""

from __future__ import annotations

from flask_babel import gettext as _

from app.agreements import pdf, presenting, queries, sealing, storage
from app.agreements.models import Agreement
from app.agreements.services import preparing
from app.agreements.states import AgreementState
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import locked, transaction
from app.kernel.jobs import jobs


@jobs.every_minute
def void_lost() -> None:
    """Cancel the agreements of which a stage will not take place; those who had signed are told why."""
    for agreement_id in queries.without_a_stage():
        with transaction():
            agreement = locked(Agreement, agreement_id)
            if agreement is not None and any(host.placement.state in queries.LOST for host in agreement.hosts):
                preparing.void(agreement, _("Ce stage n’aura pas lieu : l’affectation a été annulée."), by=None)


@jobs.every_minute
def archive_signed() -> None:
    """Make the final document of each agreement signed by all: with who signed, when and how; sealed if configured."""
    for agreement_id in queries.to_archive():
        archive(agreement_id)


def archive(agreement_id: int) -> None:
    """Keep the final document of one agreement. Twice changes nothing."""
    with transaction():
        agreement = locked(Agreement, agreement_id)
        if agreement is None or agreement.state is not AgreementState.SIGNED or agreement.signed_pdf_id is not None:
            return
        data = final(agreement)
        document = storage.keep("agreement", sealing.seal(data), "application/pdf", agreement.territory_id)
        agreement.signed_pdf_id, agreement.signed_pdf = document.id, document
        audit.record("agreement.archive", agreement, by=None, sha256=document.sha256)


def final(agreement: Agreement) -> bytes:
    """The document with the signatures as they are now, made anew."""
    layout = "avenant" if agreement.amends_id else "convention"
    values = presenting.document(agreement, agreement.parties)
    moment = agreement.signed_at or clock.now()
    return pdf.render("convention", agreement.template_version, values, layout=layout, moment=moment)
