"""Opening an archived agreement: with a reason, each time written in the journal."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.agreements import storage
from app.agreements.models import Agreement
from app.audit import services as audit
from app.kernel.database import transaction
from app.kernel.errors import Hidden, Invalid

MAX_REASON = 500


def open_archived(agreement: Agreement, reason: str, *, by: Actor) -> bytes:
    """The signed document. Raises `Invalid` without a reason, `Hidden` when nothing was ever drawn."""
    by.demand(Permission.ARCHIVE_OPEN, agreement)
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        sentence = _("Dites pourquoi vous l’ouvrez, en %(n)s signes au plus.", n=MAX_REASON)
        raise Invalid(sentence, {"reason": sentence})
    document = agreement.signed_pdf or agreement.pdf
    if document is None:
        raise Hidden(_("Cette convention n’a pas de document."))
    with transaction():
        audit.record("archive.open", agreement, by=by, reason=reason, reference=agreement.reference)
    return storage.read(document)
