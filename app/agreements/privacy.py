"""What agreements hold. A signed one is kept five years as it is; what was never signed by all goes with its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_

from app.agreements import storage
from app.agreements.evidence_guard import released
from app.agreements.models import (
    Agreement,
    AgreementBatch,
    AgreementHost,
    Evidence,
    Party,
    SigningCode,
    SigningLink,
    StoredDocument,
)
from app.agreements.states import AgreementState, PartyRole, SignatureState
from app.audit.privacy import forget_reasons
from app.kernel.database import after_commit
from app.kernel.errors import Conflict
from app.kernel.holdings import (
    Counts,
    Holding,
    Kept,
    Section,
    Subject,
    SubjectKind,
    is_referred,
    merged,
    redact_rows,
    remove,
    rows,
    section,
)

KEPT_YEARS = 5
LABELS = {
    "agreement": {
        "typed": _l("Ce que chacun a complété"),
        "content": _l("Le texte de la convention"),
        "void_reason": _l("Pourquoi elle est annulée"),
    },
    "agreement_party": {
        "name": _l("Nom"),
        "title": _l("Fonction"),
        "email": _l("Adresse e-mail"),
        "phone": _l("Téléphone"),
        "decline_reason": _l("Raison d’un refus de signer"),
    },
    "signing_evidence": {"address": _l("Adresse du réseau"), "facts": _l("Faits notés à la signature")},
}


def export(subject: Subject) -> list[Section]:
    """A student's agreements whole; of everybody else, their own place among the signatories and its proofs."""
    found: list[Section] = []
    if subject.kind is SubjectKind.STUDENT:
        for agreement in _of_student(subject):
            title = _("Convention %(reference)s", reference=agreement.reference)
            found.append(section(title, agreement, LABELS, **{_("État"): agreement.state.value}))
    seated = _seated(subject)
    proofs = _proofs([party.id for party, _agreement in seated])
    for party, agreement in seated:
        title = _("Signature de la convention %(reference)s", reference=agreement.reference)
        found.append(section(title, party, LABELS, **{_("État"): party.state.value}))
        found += [
            section(_("Preuve n° %(n)s", n=proof.number), proof, LABELS, **{_("Moment"): proof.at.isoformat()})
            for proof in proofs[party.id]
        ]
    return found


def refuse(subject: Subject) -> None:
    """Raise `Conflict` while an agreement which names this adult is being signed: others sign that very text."""
    if subject.kind is SubjectKind.STUDENT:
        return
    for _party, agreement in _seated(subject, Party.state != SignatureState.VOID):
        if agreement.state is AgreementState.OPEN:
            raise Conflict(
                _(
                    "La convention %(reference)s nomme cette personne et se signe en ce moment : changez-la d’abord.",
                    reference=agreement.reference,
                )
            )


def keeps(subject: Subject) -> list[Kept]:
    """The agreements signed by all, with their proofs: what an insurer or a judge may ask for."""
    found = [] if subject.kind is not SubjectKind.STUDENT else _of_student(subject)
    found += [agreement for _party, agreement in _seated(subject)]
    return [
        Kept(
            "agreement",
            _("La convention signée %(reference)s, son PDF et la preuve des signatures", reference=row.reference),
            _("Code civil, article 2224 (cinq ans) ; RGPD, article 17.3 b et e"),
            until(row),
        )
        for row in {agreement.id: agreement for agreement in found if is_kept(agreement)}.values()
    ]


def is_kept(agreement: Agreement) -> bool:
    """Whether all had signed: voided afterwards, it still tells of days that took place."""
    return agreement.signed_at is not None


def until(agreement: Agreement) -> date | None:
    """The day when a signed agreement is destroyed."""
    if agreement.signed_at is None:
        return None
    day = agreement.signed_at.date()
    return day.replace(year=day.year + KEPT_YEARS, day=min(day.day, 28))


def erase(subject: Subject) -> Counts:
    """What was not signed by all goes, files too. Of what is kept, what served only to send and to sign goes."""
    gone = _unsigned_about_others(subject)
    if subject.kind is SubjectKind.STUDENT:
        mine = _of_student(subject)
        gone = merged(
            gone,
            forget_reasons("Agreement", [row.id for row in mine]),
            _forget_batches(subject.id),
            *[_strip(row) if is_kept(row) else {} for row in mine],
            # An amendment points at what it amends: the last written goes first.
            *[destroy(row) for row in sorted(mine, key=lambda row: -row.id) if not is_kept(row)],
        )
    else:
        gone = merged(gone, *[_strip_party(party) for party in rows(Party, _seats(subject))])
    return gone


def forget_documents(document_ids: Iterable[int | None]) -> Counts:
    """Delete these files and their rows, unless something still points there. The bytes go once that is durable."""
    gone: Counts = {}
    for document in rows(StoredDocument, StoredDocument.id.in_([key for key in document_ids if key is not None])):
        if is_referred(StoredDocument, document.id):
            continue
        gone = merged(gone, remove(StoredDocument, StoredDocument.id == document.id))
        if not rows(StoredDocument, StoredDocument.sha256 == document.sha256):
            after_commit(_deleting(storage.path_of(document.sha256)))
    return gone


def _deleting(path: Path) -> Callable[[], None]:
    return lambda: path.unlink(missing_ok=True)


def _of_student(subject: Subject) -> list[Agreement]:
    return rows(Agreement, Agreement.student_id == subject.student_id)


def _seats(subject: Subject) -> object:
    """The places of this person among signatories, in any agreement."""
    by_address = func.lower(Party.email).in_([email.lower() for email in subject.emails])
    return or_(
        Party.guardian_id.in_(subject.guardian_ids),
        Party.user_id == subject.user_id if subject.user_id is not None else Party.id < 0,
        by_address if subject.emails else Party.id < 0,
    )


def _seated(subject: Subject, *where: object) -> list[tuple[Party, Agreement]]:
    """The same with their agreements, in two statements: a head signs hundreds a year."""
    parties = rows(Party, _seats(subject), *where)
    agreements = {row.id: row for row in rows(Agreement, Agreement.id.in_({party.agreement_id for party in parties}))}
    return [(party, agreements[party.agreement_id]) for party in parties]


def _proofs(party_ids: list[int]) -> dict[int | None, list[Evidence]]:
    """By party, what was noted of each, oldest first."""
    found: dict[int | None, list[Evidence]] = defaultdict(list)
    for proof in rows(Evidence, Evidence.party_id.in_(party_ids)):
        found[proof.party_id].append(proof)
    return found


def destroy(agreement: Agreement) -> Counts:
    """An agreement that nothing makes us keep (any more), with its parties, proofs, files and amendments."""
    number = agreement.id
    papers = [agreement.pdf_id, agreement.signed_pdf_id, *[party.scan_id for party in agreement.parties]]
    parties = [party.id for party in agreement.parties]
    for amendment in rows(Agreement, Agreement.amends_id == number):
        papers += [amendment.pdf_id, amendment.signed_pdf_id]
    with released(number):
        proofs = remove(Evidence, Evidence.agreement_id == number)
    return merged(
        proofs,
        remove(SigningLink, SigningLink.party_id.in_(parties)),
        remove(SigningCode, SigningCode.party_id.in_(parties)),
        remove(Party, Party.agreement_id == number),
        remove(AgreementHost, AgreementHost.agreement_id == number),
        remove(Agreement, Agreement.id == number),
        forget_documents(papers),
    )


def _strip(agreement: Agreement) -> Counts:
    """A kept agreement without what only served to write and to send it."""
    agreement.typed, agreement.void_reason = {}, ""
    family = [party for party in agreement.parties if party.role in {PartyRole.GUARDIAN, PartyRole.STUDENT}]
    return merged({"agreement": 1}, *[_strip_party(party) for party in family])


def _strip_party(party: Party) -> Counts:
    gone = merged(
        remove(SigningLink, SigningLink.party_id == party.id), remove(SigningCode, SigningCode.party_id == party.id)
    )
    party.email = party.phone = party.decline_reason = ""
    return merged(gone, {"agreement_party": 1})


def _unsigned_about_others(subject: Subject) -> Counts:
    """This person in agreements of other people which were never signed: drafts and what was voided before its end."""
    unsigned = Agreement.signed_at.is_(None)
    changed = 0
    papers: list[int | None] = []
    named = [subject.written_in(column) for column in (Agreement.typed, Agreement.content)]
    clauses = [clause for clause in named if clause is not None]
    for row in rows(Agreement, unsigned, or_(*clauses)) if clauses else []:
        typed, content = subject.redact(row.typed), subject.redact(row.content)
        if (typed, content) != (row.typed, row.content):
            row.typed, row.content = typed, content
            papers += [row.pdf_id]
            row.pdf_id, changed = None, changed + 1
    in_unsigned = Party.agreement_id.in_([row.id for row in rows(Agreement, unsigned)])
    seats = 0
    for party in rows(Party, in_unsigned, _seats(subject)):
        party.name = party.title = party.email = party.phone = party.decline_reason = ""
        seats += 1
    return merged(
        {"agreement": changed, "agreement_party": seats},
        {"agreement_party": redact_rows(Party, ("name", "decline_reason"), subject, where=in_unsigned)},
        {"agreement": redact_rows(Agreement, ("void_reason",), subject)},
        forget_documents(papers),
    )


def _forget_batches(student_id: int) -> Counts:
    touched = 0
    for batch in rows(AgreementBatch):
        if str(student_id) in batch.refusals:
            batch.refusals = {key: value for key, value in batch.refusals.items() if key != str(student_id)}
            touched += 1
    return {"agreement_batch": touched}


HOLDING = Holding("agreements", _l("Conventions"), export, erase, keeps, refuse, LABELS)
