"""What is said after a stage, certificates; and what a student writes for nobody else, which only they read."""

from __future__ import annotations

import contextlib

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.agreements.privacy import forget_documents
from app.audit.privacy import forget_reasons
from app.feedback import prompts, sealing
from app.feedback.models import (
    Certificate,
    DiaryPage,
    FeedbackRequest,
    Report,
    StudentFeedback,
    TalkRequest,
    TutorFeedback,
)
from app.kernel.holdings import (
    Counts,
    Holding,
    Kept,
    Line,
    Section,
    Subject,
    SubjectKind,
    merged,
    redact_rows,
    remove,
    rows,
    section,
)
from app.placements.models import Placement

LABELS = {
    "student_feedback": {
        "fit": _l("Le stage m’a plu, de 1 à 5"),
        "discovered": _l("Ce que j’ai découvert"),
        "words": _l("Avec mes mots"),
        "recommend": _l("Je le conseillerais"),
    },
    "tutor_feedback": {
        "observe": _l("Observer, de 1 à 3"),
        "communicate": _l("Communiquer, de 1 à 3"),
        "understand": _l("Comprendre, de 1 à 3"),
        "engage": _l("S’engager, de 1 à 3"),
        "encouragement": _l("Encouragement du tuteur"),
        "why": _l("Ce qui aiderait à accueillir encore"),
    },
    "talk_request": {"state": _l("Demande de parler à un adulte")},
    "certificate": {"content": _l("Texte de l’attestation")},
    "diary_page": {"sealed": _l("Page du carnet")},
    "stage_report": {"sealed": _l("Rapport de stage")},
}
_OF_PLACEMENT = (StudentFeedback, TutorFeedback, TalkRequest, FeedbackRequest)


def export(subject: Subject) -> list[Section]:
    """What was said about a student's stages. The diary is opened only when the student is the reader (`private`)."""
    if subject.kind is not SubjectKind.STUDENT:
        return []
    mine = _stages(subject)
    titles = {
        StudentFeedback: _("Ce que j’ai dit de mon stage"),
        TutorFeedback: _("Ce que mon tuteur a dit"),
        TalkRequest: _("Demande de parler"),
        Certificate: _("Attestation de stage"),
    }
    found = [
        section(title, row, LABELS)
        for model, title in titles.items()
        for row in rows(model, model.placement_id.in_(mine))  # type: ignore[attr-defined]  # all are of a placement
    ]
    if subject.private:
        for model, title in ((DiaryPage, _("Mon carnet")), (Report, _("Mon rapport"))):
            for row in rows(model, model.student_id == subject.id):
                with contextlib.suppress(sealing.Unreadable):
                    texts = sealing.unseal(row.sealed, subject.id)  # type: ignore[attr-defined]  # both are sealed
                    found.append(Section(title, tuple(Line(_asked(model, key), value) for key, value in texts.items())))
    return found


def _asked(model: type[DiaryPage | Report], key: str) -> str:
    """The question that somebody answered under this key."""
    if model is Report:
        return str(prompts.SECTIONS[key][0]) if key in prompts.SECTIONS else key
    return prompts.question(key) or key


def keeps(subject: Subject) -> list[Kept]:
    """A certificate belongs to the student whom it praises: the tutor who signed it stays written there."""
    if subject.kind is SubjectKind.STUDENT:
        return []
    named = subject.written_in(Certificate.content)
    found = rows(Certificate, named) if named is not None else []
    number = sum(1 for row in found if subject.redact(row.content) != row.content)
    if not number:
        return []
    last = max(row.issued_at for row in found)
    return [
        Kept(
            "certificate",
            _("Les attestations de stage remises à des élèves, où ce nom est écrit"),
            _("RGPD, article 17.3 e : le droit de l’élève à prouver son stage"),
            last.date().replace(year=last.year + 5, day=min(last.day, 28)),
            number,
        )
    ]


def erase(subject: Subject) -> Counts:
    """Everything said about a student's stages; for others, their name in what was said."""
    texts = {
        "student_feedback": redact_rows(StudentFeedback, ("words",), subject),
        "tutor_feedback": redact_rows(TutorFeedback, ("encouragement", "why"), subject),
    }
    if subject.kind is not SubjectKind.STUDENT:
        return merged(texts)
    mine = _stages(subject)
    certificates = rows(Certificate, Certificate.placement_id.in_(mine))
    papers = [row.document_id for row in certificates]
    return merged(
        texts,
        forget_reasons("TalkRequest", [row.id for row in rows(TalkRequest, TalkRequest.placement_id.in_(mine))]),
        *[remove(model, model.placement_id.in_(mine)) for model in _OF_PLACEMENT],
        remove(Certificate, Certificate.placement_id.in_(mine)),
        forget_documents(papers),
        remove(DiaryPage, DiaryPage.student_id == subject.id),
        remove(Report, Report.student_id == subject.id),
    )


def _stages(subject: Subject) -> list[int]:
    return [row.id for row in rows(Placement, Placement.student_id == subject.id)]


HOLDING = Holding("feedback", _l("Après le stage"), export, erase, keeps, labels=LABELS)
