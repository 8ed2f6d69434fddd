"""Reading everything again: each stored file, each agreement with its evidence and its PDF."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.agreements import queries, reading, rules, storage
from app.kernel.database import db


@dataclass(frozen=True, slots=True)
class Report:
    """`faults`: one sentence each, naming the document or the agreement."""

    documents: int
    agreements: int
    faults: tuple[str, ...]


def everything() -> Report:
    """Every document and every agreement, one at a time (the memory used does not grow with their number)."""
    faults: list[str] = []
    documents = queries.documents()
    for document_id in documents:
        document = queries.document(document_id)
        path = storage.path_of(document.sha256)
        fault = storage.fault_of(document, path.read_bytes() if path.is_file() else None)
        if fault:
            faults.append(
                _("Document n° %(id)s (%(kind)s) : %(why)s.", id=document_id, kind=document.kind, why=_why(fault))
            )
    agreements = queries.everything()
    for agreement_id in agreements:
        agreement = queries.by_id(agreement_id)
        if agreement is not None:
            reference = rules.spoken_reference(agreement.reference)
            faults.extend(
                _("Convention %(reference)s : %(fault)s", reference=reference, fault=fault)
                for fault in reading.faults(agreement)
            )
        db.session.expunge_all()
    return Report(len(documents), len(agreements), tuple(faults))


def _why(fault: str) -> str:
    return {
        "missing": _("le fichier a disparu"),
        "size": _("le fichier n’a plus sa taille"),
        "digest": _("le fichier a changé, son empreinte n’est plus la même"),
    }[fault]
