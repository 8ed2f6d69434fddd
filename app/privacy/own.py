"""What this room itself holds: what people asked about their data, and what was answered."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_

from app.kernel.holdings import Counts, Holding, Section, Subject, merged, redact_rows, rows, section
from app.privacy.models import PrivacyRequest
from app.privacy.states import RIGHTS

LABELS = {
    "privacy_request": {
        "asked_by": _l("Demande faite par"),
        "words": _l("Demande"),
        "extension_reason": _l("Pourquoi un délai plus long"),
        "answer": _l("Réponse"),
    }
}
_TEXTS = ("asked_by", "words", "extension_reason", "answer")


def export(subject: Subject) -> list[Section]:
    return [
        section(
            _("Demande du %(day)s : %(right)s", day=row.asked_at.date().isoformat(), right=str(RIGHTS[row.right])),
            row,
            LABELS,
            **{_("État"): row.state.value},
        )
        for row in rows(PrivacyRequest, _about(subject))
    ]


def erase(subject: Subject) -> Counts:
    """What was asked about them keeps its dates and its outcome, which prove that we answered."""
    found = rows(PrivacyRequest, _about(subject))
    for row in found:
        row.asked_by = row.words = row.extension_reason = row.answer = ""
    return merged({"privacy_request": len(found) + redact_rows(PrivacyRequest, _TEXTS, subject)})


def _about(subject: Subject) -> object:
    mine = [and_(PrivacyRequest.subject_kind == subject.kind, PrivacyRequest.subject_id == subject.id)]
    if subject.user_id is not None:
        mine.append(PrivacyRequest.user_id == subject.user_id)
    return or_(*mine, PrivacyRequest.guardian_id.in_(subject.guardian_ids))


HOLDING = Holding("privacy", _l("Demandes sur les données"), export, erase, labels=LABELS)
