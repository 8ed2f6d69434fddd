"""What the journal holds of people: who acted, and now and then a reason that names somebody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.models import JournalEntry
from app.audit.words import VERBS
from app.kernel.holdings import Counts, Holding, Line, Section, Subject, merged, redact_rows, rows

LABELS = {"journal_entry": {"user_id": _l("Compte qui a agi"), "reason": _l("Raison donnée")}}
_TEXTS = ("reason", "details")


def export(subject: Subject) -> list[Section]:
    """Everything this account did, one line each."""
    if subject.user_id is None:
        return []
    done = rows(JournalEntry, JournalEntry.user_id == subject.user_id)
    if not done:
        return []
    lines = [
        Line(
            entry.at.date().isoformat(),
            " — ".join(filter(None, (str(VERBS.get(entry.action, entry.action)), entry.reason))),
            "journal_entry",
            "reason",
        )
        for entry in done
    ]
    return [Section(_("Actes notés au journal"), tuple(lines))]


def erase(subject: Subject) -> Counts:
    """Names leave the reasons; a student's entries lose their author, an adult's lead to an account without name."""
    touched = redact_rows(JournalEntry, _TEXTS, replace(subject, first_name=""), where=_around(subject))
    if subject.student_id is not None and subject.user_id is not None:
        own = rows(JournalEntry, JournalEntry.user_id == subject.user_id)
        for entry in own:
            entry.user_id = None
        touched += len(own)
    return {"journal_entry": touched}


def forget_reasons(object_type: str, ids: Collection[int]) -> Counts:
    """Clear what was written about these objects, before they go; the verbs and the dates stay."""
    touched = 0
    if ids:
        about = rows(JournalEntry, JournalEntry.object_type == object_type, JournalEntry.object_id.in_(sorted(ids)))
        for entry in about:
            if entry.reason:
                entry.reason = ""
                touched += 1
    return merged({"journal_entry": touched})


def _around(subject: Subject) -> object:
    return JournalEntry.territory_id == subject.territory_id if subject.territory_id else JournalEntry.id > 0


HOLDING = Holding("audit", _l("Journal des actes"), export, erase, labels=LABELS)
