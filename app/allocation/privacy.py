"""What the calculations hold of a student: proposals and their reasons, decisions, rulings, how well a place suited."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.allocation.models import (
    Approval,
    FitFeedback,
    MatchingRun,
    PlacementProposal,
    Ruling,
    RunRecord,
    UnplacedStudent,
)
from app.audit.privacy import forget_reasons
from app.kernel import clock
from app.kernel.database import locked
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
from app.offers.models import Slot

LABELS = {
    "placement_proposal": {
        "score": _l("Ressemblance, de 0 à 1"),
        "wish_rank": _l("Rang du vœu"),
        "distance_km": _l("Distance, en km"),
        "reasons": _l("Raisons du calcul"),
        "decision_reason": _l("Raison de la décision"),
    },
    "unplaced_student": {"code": _l("Pourquoi pas de place"), "figures": _l("Offres écartées par chaque règle")},
    "ruling": {"reason": _l("Raison de la consigne")},
    "fit_feedback": {"fit": _l("Accord avec le stage, de 1 à 5")},
}


def export(subject: Subject) -> list[Section]:
    """Every proposal with its reasons (the right to have a calculation explained), and what people decided of it."""
    if subject.kind is not SubjectKind.STUDENT:
        return []
    mine = subject.id
    found = [
        section(_("Proposition : %(title)s", title=row.slot.offer.title), row, LABELS, **{_("Suite"): row.state.value})
        for row in rows(PlacementProposal, PlacementProposal.student_id == mine)
    ]
    found += [
        section(_("Sans proposition dans le calcul n° %(n)s", n=row.run_id), row, LABELS)
        for row in rows(UnplacedStudent, UnplacedStudent.student_id == mine)
    ]
    found += [
        section(_("Consigne : %(title)s", title=row.slot.offer.title), row, LABELS)
        for row in rows(Ruling, Ruling.student_id == mine)
    ]
    found += [
        section(_("Avis repris par le calcul : %(title)s", title=row.offer.title), row, LABELS)
        for row in rows(FitFeedback, FitFeedback.student_id == mine)
    ]
    return found


def erase(subject: Subject) -> Counts:
    """A seat not used yet is free again. The runs stay, without what they had looked at."""
    texts = {
        "placement_proposal": redact_rows(PlacementProposal, ("decision_reason", "reasons"), subject),
        "ruling": redact_rows(Ruling, ("reason",), subject),
        "matching_run": redact_rows(MatchingRun, ("report", "error"), subject),
    }
    if subject.kind is not SubjectKind.STUDENT:
        return merged(texts)
    mine = subject.id
    proposals = rows(PlacementProposal, PlacementProposal.student_id == mine)
    rulings = rows(Ruling, Ruling.student_id == mine)
    runs = {row.run_id for row in proposals}
    runs |= {row.run_id for row in rows(UnplacedStudent, UnplacedStudent.student_id == mine)}
    for approval in rows(Approval, Approval.student_id == mine):
        slot = locked(Slot, approval.slot_id)
        if slot is not None and slot.monday > clock.today() and slot.taken:
            slot.taken -= 1
    return merged(
        texts,
        forget_reasons("PlacementProposal", [row.id for row in proposals]),
        forget_reasons("Ruling", [row.id for row in rulings]),
        remove(FitFeedback, FitFeedback.student_id == mine),
        remove(Approval, Approval.student_id == mine),
        remove(Ruling, Ruling.student_id == mine),
        remove(PlacementProposal, PlacementProposal.student_id == mine),
        remove(UnplacedStudent, UnplacedStudent.student_id == mine),
        remove(RunRecord, RunRecord.run_id.in_(runs)) if runs else {},
    )


HOLDING = Holding("allocation", _l("Calculs et décisions"), export, erase, labels=LABELS)
