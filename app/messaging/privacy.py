"""What the outbox holds of people: the mails they received, and those which named them to somebody else."""

from __future__ import annotations

from functools import partial

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func

from app.kernel.database import after_commit
from app.kernel.holdings import (
    Counts,
    Holding,
    Section,
    Subject,
    SubjectKind,
    merged,
    redact_rows,
    remove,
    rows,
    section,
)
from app.messaging import letters
from app.messaging.models import OutboxMessage
from app.messaging.states import DeliveryState

LABELS = {
    "outbox_message": {
        "to_email": _l("Adresse"),
        "to_name": _l("Nom"),
        "subject": _l("Objet"),
        "text": _l("Texte, tant qu’il n’est pas parti"),
        "language": _l("Langue"),
        "last_error": _l("Pourquoi il n’est pas arrivé"),
    }
}
_WAITING = (DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.SENDING)
_TEXTS = ("to_name", "subject", "text", "html", "url", "dedupe_key", "last_error")


def export(subject: Subject) -> list[Section]:
    """Each mail sent to one of the person's addresses. A student who reads does not read the letters to the parents."""
    if not subject.emails or (subject.private and subject.kind is SubjectKind.STUDENT):
        return []
    return [
        section(_("Courrier du %(day)s", day=row.created_at.date().isoformat()), row, LABELS)
        for row in rows(OutboxMessage, _to(subject))
    ]


def erase(subject: Subject) -> Counts:
    """Their mails go. Their name leaves the mails to others, and a first name alone where it can mean nobody else."""
    gone: Counts = {}
    if subject.emails:
        for row in rows(OutboxMessage, _to(subject)):
            row.digest_id = None
        gone = remove(OutboxMessage, _to(subject))
    here = OutboxMessage.territory_id == subject.territory_id
    # A mail which still has to leave is not damaged for a homonym's sake; one which has left serves nobody.
    near = here if subject.alone else and_(here, OutboxMessage.state.not_in(_WAITING))
    touched = redact_rows(OutboxMessage, _TEXTS, subject) + redact_rows(OutboxMessage, _TEXTS, subject, where=near)
    for letter in letters.naming(subject):
        after_commit(partial(letter.unlink, missing_ok=True))
    return merged(gone, {"outbox_message": touched})


def _to(subject: Subject) -> object:
    return func.lower(OutboxMessage.to_email).in_([email.lower() for email in subject.emails])


HOLDING = Holding("messaging", _l("Courriers"), export, erase, labels=LABELS)
