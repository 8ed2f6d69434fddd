"""The file of proof of an agreement: numbered rows, each sealed with the digest of the one before.

A row that was changed, removed or added afterwards breaks the chain, and `verify` says which. The last digest also
leaves the house: each receipt mailed to a signatory carries it (see docs/agreements.md).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _

from app.agreements import content, storage
from app.agreements.models import Agreement, Evidence, Party, StoredDocument
from app.agreements.queries import chain
from app.agreements.states import AgreementState, SignatureState
from app.kernel import clock
from app.kernel.database import db


class Event(StrEnum):
    """What the file of proof tells of."""

    OPENED = "opened"
    ASKED = "asked"
    REMINDED = "reminded"
    CONSENTED = "consented"
    CODE_SENT = "code_sent"
    CODE_WRONG = "code_wrong"
    SIGNED = "signed"
    TOOK_NOTE = "took_note"
    PAPER = "paper"
    PAPER_UNDONE = "paper_undone"
    DECLINED = "declined"
    NOT_ME = "not_me"
    VOIDED = "voided"
    COMPLETED = "completed"
    REOPENED = "reopened"


# What makes a signature, and what takes it back.
GIVES = frozenset({Event.SIGNED, Event.TOOK_NOTE, Event.PAPER})
TAKES_BACK = frozenset({Event.PAPER_UNDONE, Event.VOIDED})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where an act comes from: network address and family of the browser, nothing finer."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not hold: the row of the file it concerns (None: the agreement as a whole), and a sentence."""

    number: int | None
    sentence: str


_BROWSERS = (
    ("SamsungBrowser", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def agent_family(header: str) -> str:
    """« Chrome, Android » : enough to recognise one's own telephone, too little to follow anybody."""
    names = [next((name for mark, name in table if mark in header), "") for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in names if name)


def record(
    agreement: Agreement, event: str, *, party: Party | None = None, address: str = "", **facts: str | int | None
) -> Evidence:
    """Add a row, inside the caller's transaction. Takes the lock of the agreement: rows are numbered without a hole."""
    last = chain.last_under_lock(agreement.id)
    row = Evidence(
        agreement_id=agreement.id,
        party_id=party.id if party else None,
        number=last.number + 1 if last else 1,
        event=Event(event),
        at=clock.now(),
        address=address[:64],
        content_digest=agreement.content_digest or "",
        facts={name: value for name, value in facts.items() if value not in (None, "")},
        previous_digest=last.digest if last else "",
    )
    row.digest = seal(row, agreement.reference)
    db.session.add(row)
    db.session.flush()
    return row


def seal(row: Evidence, reference: str) -> str:
    """SHA-256 over everything the row says and over the digest of the row before (canonical JSON)."""
    told = {
        "agreement": reference,
        "number": row.number,
        "party": row.party_id,
        "event": str(row.event),
        "at": row.at.isoformat(timespec="microseconds"),
        "address": row.address,
        "content": row.content_digest,
        "facts": row.facts,
        "previous": row.previous_digest,
    }
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def head(agreement_id: int) -> str:
    """The digest of the last row: what a receipt carries out of the house."""
    last = chain.last(agreement_id)
    return last.digest if last else ""


def verify(agreement: Agreement) -> tuple[Fault, ...]:
    """Everything that does not hold in the file, the content, the documents and the signatures; empty: all is whole."""
    rows = chain.rows(agreement.id)
    return (
        *_chain_faults(agreement, rows),
        *_content_faults(agreement),
        *_signature_faults(agreement, rows),
        *_document_faults(agreement),
    )


def _chain_faults(agreement: Agreement, rows: list[Evidence]) -> list[Fault]:
    faults, previous = [], ""
    for expected, row in enumerate(rows, start=1):
        if row.number != expected:
            faults.append(Fault(row.number, _("Il manque une ligne avant la ligne %(n)s.", n=row.number)))
            break
        if row.previous_digest != previous:
            faults.append(Fault(row.number, _("La ligne %(n)s ne suit pas celle d’avant.", n=row.number)))
        if row.digest != seal(row, agreement.reference):
            faults.append(Fault(row.number, _("La ligne %(n)s a été modifiée après coup.", n=row.number)))
        previous = row.digest
    return faults


def _content_faults(agreement: Agreement) -> list[Fault]:
    if agreement.content is None or content.digest(agreement.content) == agreement.content_digest:
        return []
    return [Fault(None, _("Le contenu de la convention n’est plus celui dont l’empreinte a été signée."))]


def _signature_faults(agreement: Agreement, rows: list[Evidence]) -> list[Fault]:
    """Each signature has its row, each row its signature, and "signed by all" is true."""
    standing: dict[int, Evidence] = {}
    for row in rows:
        if row.party_id is not None and row.event in GIVES:
            standing[row.party_id] = row
        elif row.party_id is not None and row.event in TAKES_BACK:
            standing.pop(row.party_id, None)
    faults = []
    for party in agreement.parties:
        proof = standing.get(party.id)
        if party.state is SignatureState.SIGNED and (proof is None or proof.content_digest != party.signed_digest):
            faults.append(Fault(None, _("La signature de %(name)s n’a pas de preuve.", name=party.name)))
        if party.state is not SignatureState.SIGNED and proof is not None:
            sentence = _("La ligne %(n)s prouve une signature qui a disparu.", n=proof.number)
            faults.append(Fault(proof.number, sentence))
    if agreement.state is AgreementState.SIGNED and not complete(agreement):
        faults.append(Fault(None, _("La convention est dite signée par tous, et ne l’est pas.")))
    return faults


def complete(agreement: Agreement) -> bool:
    """Whether each required party signed this very content. Nobody required is not everybody."""
    required = [party for party in agreement.parties if party.is_required]
    return bool(required) and all(
        party.state is SignatureState.SIGNED and party.signed_digest == agreement.content_digest for party in required
    )


def _document_faults(agreement: Agreement) -> list[Fault]:
    kept: dict[int, tuple[StoredDocument, str]] = {}
    if agreement.pdf is not None:
        kept[agreement.pdf.id] = (agreement.pdf, _("la convention"))
    for party in agreement.parties:
        if party.scan is not None:
            kept.setdefault(party.scan.id, (party.scan, _("le papier signé de %(name)s", name=party.name)))
    faults = []
    for document, name in kept.values():
        try:
            storage.read(document)
        except storage.Damaged:
            faults.append(Fault(None, _("Un fichier n’est plus celui qui a été déposé : %(name)s.", name=name)))
    return faults
