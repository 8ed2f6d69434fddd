"""What placements hold: answers and their reasons, follow-up, absences, the circumstances of an accident."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.privacy import forget_reasons
from app.kernel import clock
from app.kernel.errors import Conflict
from app.kernel.holdings import (
    Counts,
    Holding,
    Kept,
    Section,
    Subject,
    SubjectKind,
    forget_dependents,
    is_referred,
    merged,
    redact_rows,
    remove,
    rows,
    section,
)
from app.placements.models import AnswerCode, Placement, PlacementAnswer
from app.placements.stage_models import Absence, Accident, FollowUp
from app.placements.states import LIVE, PlacementState

ACCIDENT_KEPT = timedelta(days=366)
LABELS = {
    "placement": {"state_reason": _l("Pourquoi le stage ne se fait pas")},
    "placement_answer": {"reason": _l("Raison de la réponse")},
    "follow_up": {"note": _l("Note du suivi")},
    "absence": {"day": _l("Jour d’absence"), "placement_id": _l("Stage n°")},
    "accident": {
        "happened_on": _l("Jour"),
        "happened_at": _l("Heure"),
        "place": _l("Lieu"),
        "circumstances": _l("Circonstances"),
        "present": _l("Adulte présent"),
        "witnesses": _l("Témoins"),
    },
}
_OPEN = LIVE - {PlacementState.COMPLETED}
_ACCIDENT_TEXTS = ("place", "circumstances", "present", "witnesses")


def export(subject: Subject) -> list[Section]:
    """A student's stages with everything noted around them; for an adult, the follow-up they did."""
    found: list[Section] = []
    if subject.kind is SubjectKind.STUDENT:
        for placement in _of(subject):
            offer = placement.slot.offer
            found.append(
                section(
                    _("Stage : %(title)s", title=offer.title),
                    placement,
                    LABELS,
                    **{
                        _("Structure"): offer.organization.name,
                        _("Semaine du"): placement.slot.monday.isoformat(),
                        _("État"): placement.state.value,
                        _("Réponse de la structure"): placement.host_answer.value,
                        _("Réponse de la famille"): placement.family_answer.value,
                    },
                )
            )
            around = placement.id
            for answer in rows(PlacementAnswer, PlacementAnswer.placement_id == around):
                if answer.reason:
                    found.append(section(_("Réponse du %(day)s", day=answer.at.date().isoformat()), answer, LABELS))
            found += [section(_("Suivi"), row, LABELS) for row in rows(FollowUp, FollowUp.placement_id == around)]
            found += [section(_("Absence"), row, LABELS) for row in rows(Absence, Absence.placement_id == around)]
            found += [section(_("Accident"), row, LABELS) for row in rows(Accident, Accident.placement_id == around)]
    elif subject.kind is SubjectKind.ACCOUNT:
        found += [section(_("Suivi fait"), row, LABELS) for row in rows(FollowUp, FollowUp.user_id == subject.user_id)]
    return found


def refuse(subject: Subject) -> None:
    """Raise `Conflict` while a stage is awaited or under way: people count on it, and a seat would be lost.

    Of a week long over, an answer that never came holds nobody back.
    """
    if subject.kind is not SubjectKind.STUDENT:
        return
    over = clock.today() - timedelta(days=7)
    if any(row.state in _OPEN and row.slot.monday > over for row in _of(subject)):
        raise Conflict(_("Un stage est prévu ou en cours pour cet élève : annulez-le d’abord, ou attendez sa fin."))


def keeps(subject: Subject) -> list[Kept]:
    """The circumstances of an accident, without any name, until nobody can ask for them any more."""
    return [
        Kept(
            "accident",
            _("Les circonstances d’un accident du stage, sans le nom"),
            _("RGPD, article 17.3 e : défense de droits en justice"),
            row.happened_on + ACCIDENT_KEPT,
        )
        for row in _accidents(subject)
        if _is_recent(row.happened_on)
    ]


def erase(subject: Subject) -> Counts:
    """Everything around the stage goes; the stage too, unless an agreement or an accident kept by law stands on it."""
    texts = {
        "placement": redact_rows(Placement, ("state_reason",), subject),
        "placement_answer": redact_rows(PlacementAnswer, ("reason",), subject),
        "follow_up": redact_rows(FollowUp, ("note",), subject),
        "accident": redact_rows(Accident, _ACCIDENT_TEXTS, subject),
    }
    if subject.kind is not SubjectKind.STUDENT:
        return merged(texts)
    mine = [row.id for row in _of(subject)]
    accidents = _accidents(subject)
    old = [row.id for row in accidents if not _is_recent(row.happened_on)]
    texts["accident"] += redact_rows(Accident, _ACCIDENT_TEXTS, subject, where=Accident.placement_id.in_(mine))
    gone = merged(
        texts,
        forget_reasons("Placement", mine),
        forget_reasons("Accident", [row.id for row in accidents]),
        remove(Accident, Accident.id.in_(old)),
        remove(Absence, Absence.placement_id.in_(mine)),
        remove(FollowUp, FollowUp.placement_id.in_(mine)),
        remove(AnswerCode, AnswerCode.placement_id.in_(mine)),
        remove(PlacementAnswer, PlacementAnswer.placement_id.in_(mine)),
    )
    for row in _of(subject):
        if is_referred(Placement, row.id):
            row.state_reason = ""
        else:
            gone = merged(gone, forget_dependents(Placement, row.id), remove(Placement, Placement.id == row.id))
    return gone


def _of(subject: Subject) -> list[Placement]:
    return rows(Placement, Placement.student_id == subject.student_id)


def _accidents(subject: Subject) -> list[Accident]:
    if subject.kind is not SubjectKind.STUDENT:
        return []
    return rows(Accident, Accident.placement_id.in_([row.id for row in _of(subject)]))


def _is_recent(day: date) -> bool:
    return day + ACCIDENT_KEPT > clock.today()


HOLDING = Holding("placements", _l("Stages"), export, erase, keeps, refuse, LABELS)
