"""What the house looks after by itself: stages that changed or are lost, final documents still to be made."""

from __future__ import annotations

from flask_babel import gettext as _

from app.agreements import pdf, presenting, queries, sealing, storage
from app.agreements.models import Agreement
from app.agreements.services import drafting, inviting, preparing
from app.agreements.states import AgreementState
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.jobs import jobs
from app.placements.states import PlacementState

_BEGUN = frozenset({PlacementState.UNDER_WAY, PlacementState.COMPLETED, PlacementState.INTERRUPTED})


@jobs.every_minute
def void_lost() -> None:
    """Cancel the agreements of which a stage will not take place, and make anew those whose week has changed; those
    who had signed are told why.
    """
    for agreement_id in queries.astray():
        with transaction():
            agreement = locked(Agreement, agreement_id)
            if agreement is not None and agreement.state is not AgreementState.VOID:
                _follow(agreement)


def _follow(agreement: Agreement) -> None:
    """A structure joined the week, one withdrew, or days moved: a draft follows, what people sign is made anew."""
    wanted = drafting.expected(agreement)
    if not any(host.placement.state not in queries.LOST for host in agreement.hosts):
        preparing.void(agreement, _("Ce stage n’aura pas lieu : l’affectation a été annulée."), by=None)
    elif any(placement.state in _BEGUN for placement in wanted) or not drafting.is_astray(agreement):
        return  # what has begun keeps the agreement under which it began
    elif agreement.state is AgreementState.DRAFT:
        drafting.follow(agreement, wanted)
        audit.record("agreement.follow", agreement, by=None, stops=len(agreement.hosts))
    else:
        why = _("Les lieux ou les jours du stage ont changé : une nouvelle convention vous sera proposée.")
        preparing.void(agreement, why, by=None)
        db.session.flush()  # one agreement a student: the former one leaves first
        drawn = drafting.again(agreement, wanted)
        audit.record("agreement.prepare", drawn, by=None, to_state=drawn.state, stops=len(wanted), former=agreement.id)
        inviting.ask_for_missing(drawn)


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
