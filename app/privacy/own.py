"""What this room itself holds: what people asked about their data, who looked at whose file, what is held back."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_

from app.kernel.errors import Conflict
from app.kernel.holdings import Counts, Holding, Line, Section, Subject, SubjectKind, merged, redact_rows, rows, section
from app.privacy.looks_models import StudentLook
from app.privacy.looks_rules import PAGES, ROLES
from app.privacy.models import PrivacyRequest
from app.privacy.retention_models import RetentionHold
from app.privacy.states import RIGHTS

LABELS = {
    "privacy_request": {
        "asked_by": _l("Demande faite par"),
        "words": _l("Demande"),
        "extension_reason": _l("Pourquoi un délai plus long"),
        "answer": _l("Réponse"),
    },
    "student_look": {"viewer": _l("Qui"), "user_id": _l("Compte"), "student_id": _l("Élève n°")},
    "retention_hold": {"reason": _l("Pourquoi ce dossier est gardé")},
}
_TEXTS = ("asked_by", "words", "extension_reason", "answer")


def export(subject: Subject) -> list[Section]:
    """Requests (one's own, for a reader), holds; of looks a student learns role and day, an adult what they opened."""
    found = [
        section(
            _("Demande du %(day)s : %(right)s", day=row.asked_at.date().isoformat(), right=str(RIGHTS[row.right])),
            row,
            LABELS,
            **{_("État"): row.state.value},
        )
        for row in rows(
            PrivacyRequest, PrivacyRequest.user_id == subject.user_id if subject.private else _about(subject)
        )
    ]
    found += [section(_("Dossier gardé plus longtemps"), row, LABELS) for row in _holds(subject)]
    if subject.kind is SubjectKind.STUDENT:
        seen = rows(StudentLook, StudentLook.student_id == subject.id)
        told = [Line(row.day.isoformat(), f"{ROLES[row.role]} : {PAGES[row.page]}", "student_look") for row in seen]
    elif subject.user_id is not None:
        seen = rows(StudentLook, StudentLook.user_id == subject.user_id)
        told = [
            Line(
                row.day.isoformat(),
                _("Élève n° %(n)s : %(page)s", n=row.student_id, page=str(PAGES[row.page])),
                "student_look",
            )
            for row in seen
        ]
    else:
        told = []
    return [*found, Section(_("Fiches ouvertes"), tuple(told))] if told else found


def refuse(subject: Subject) -> None:
    """Raise `Conflict` while somebody holds the file back (a dispute): that is for a person to lift, with why."""
    if any(row.lifted_at is None for row in _holds(subject)):
        raise Conflict(_("Ce dossier est gardé pour une raison écrite : levez-la d’abord."))


def _holds(subject: Subject) -> list[RetentionHold]:
    if subject.kind is SubjectKind.STUDENT:
        return rows(RetentionHold, RetentionHold.student_id == subject.id)
    if subject.kind is SubjectKind.ACCOUNT:
        return rows(RetentionHold, RetentionHold.user_id == subject.id)
    return []


def erase(subject: Subject) -> Counts:
    """What was asked about them keeps its dates and its outcome, which prove that we answered."""
    found = rows(PrivacyRequest, _about(subject))
    for row in found:
        row.asked_by = row.words = row.extension_reason = row.answer = ""
    return merged(
        {"privacy_request": len(found) + redact_rows(PrivacyRequest, _TEXTS, subject)},
        {"retention_hold": redact_rows(RetentionHold, ("reason",), subject)},
    )


def _about(subject: Subject) -> object:
    mine = [and_(PrivacyRequest.subject_kind == subject.kind, PrivacyRequest.subject_id == subject.id)]
    if subject.user_id is not None:
        mine.append(PrivacyRequest.user_id == subject.user_id)
    return or_(*mine, PrivacyRequest.guardian_id.in_(subject.guardian_ids))


HOLDING = Holding("privacy", _l("Demandes sur les données"), export, erase, refuse=refuse, labels=LABELS)
