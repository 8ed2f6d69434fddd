"""Signatures on paper: printed, signed by hand, photographed or scanned, and put here by somebody who is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.agreements import emails_signing, evidence, rules, storage, uploads
from app.agreements.evidence import Circumstances, Event
from app.agreements.models import Agreement, Party
from app.agreements.services import asking, signing
from app.agreements.signatures import Authority
from app.agreements.states import TABLE, AgreementState, Medium, PartyRole, SignatureState
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.messaging import services as messaging

MARK_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who puts the paper here: somebody with an account, or a party by their personal link."""

    name: str
    actor: Actor | None = None
    party: Party | None = None


def mark(agreement: Agreement) -> str:
    """The first two groups of the digest printed at the foot of each page, which the uploader copies: « 3f7a 09c2 »."""
    return rules.short_digest((agreement.content_digest or "")[:MARK_LENGTH])


def may_bring(uploader: Uploader, agreement: Agreement) -> list[Party]:
    """The parties for whom this person may bring a paper: a host never for the school, a family only for itself."""
    awaited = [party for party in agreement.parties if party.state in {SignatureState.AWAITED, SignatureState.DECLINED}]
    if uploader.party is not None:
        return [party for party in awaited if _same_side(uploader.party, party)]
    actor = uploader.actor
    if actor is None:
        return []
    if actor.can(Permission.AGREEMENT_PREPARE, agreement):
        return awaited
    if actor.role is Role.HOST:
        return [
            party
            for party in awaited
            if party.role in {PartyRole.GUARDIAN, PartyRole.STUDENT}
            or (party.host is not None and actor.can(Permission.AGREEMENT_SIGN, party))
        ]
    return []


def _same_side(mine: Party, other: Party) -> bool:
    if mine.role is PartyRole.GUARDIAN:
        return other.role in {PartyRole.GUARDIAN, PartyRole.STUDENT}
    return mine.host_id is not None and other.host_id == mine.host_id


def record(
    agreement: Agreement,
    party_ids: Iterable[int],
    files: Sequence[bytes],
    typed_mark: str,
    where: Circumstances,
    *,
    by: Uploader,
) -> list[Party]:
    """Note the handwritten signatures which the uploader sees on the paper. What was signed already stays as it is.

    Raises `Invalid` on `mark` (the paper of another version), `parties` or `files`, `Conflict` when nothing is to sign.
    """
    wanted = set(party_ids)
    allowed = {party.id for party in may_bring(by, agreement)}
    done = {party.id for party in agreement.parties if party.state is SignatureState.SIGNED}
    if not wanted - done <= allowed:
        raise Forbidden(_("Vous ne pouvez pas déposer la signature de cette personne."))
    if not wanted:
        sentence = _("Cochez les signatures que l’on voit sur le papier.")
        raise Invalid(sentence, {"parties": sentence})
    _check_mark(agreement, typed_mark)
    data = uploads.to_pdf(files)
    seen = agreement.content_digest
    with transaction():
        held = locked(Agreement, agreement.id)
        if held is None or held.state not in {AgreementState.OPEN, AgreementState.SIGNED}:
            raise Conflict(_("Cette convention n’est plus à signer : elle a été annulée ou remplacée."))
        parties = [signing.hold(party_id) for party_id in sorted(wanted - done)]
        new = [party for party in parties if party.state is not SignatureState.SIGNED]
        if not new:
            return []
        scan = storage.keep("scan", data, "application/pdf", held.territory_id)
        for party in new:
            signing.demand_signable(party, seen)
            party.scan_id = scan.id
            signing.give(
                party,
                Event.PAPER,
                where,
                by=by.actor,
                authority=Authority(),
                medium=Medium.PAPER,
                told=False,
                uploader=by.name,
                uploader_party=by.party.id if by.party else None,
                scan=scan.sha256,
                mark=mark(held),
            )
        last = evidence.head(held.id)
        messaging.post_all(
            emails_signing.paper_receipt(party, last, by.name)
            for party in new
            if party.email and party.by_link and (by.party is None or by.party.id != party.id)
        )
    return new


def _check_mark(agreement: Agreement, typed: str) -> None:
    digits = re.sub(r"[^0-9a-f]", "", typed.lower())
    if len(digits) < MARK_LENGTH:
        sentence = _("Recopiez les huit signes imprimés en bas de la page.")
        raise Invalid(sentence, {"mark": sentence})
    if not (agreement.content_digest or "-").startswith(digits):
        sentence = _(
            "Ce papier n’est pas celui de cette convention, ou d’une version d’avant. "
            "Imprimez la convention d’aujourd’hui et faites-la signer."
        )
        raise Invalid(sentence, {"mark": sentence})


def undo(party: Party, reason: str, *, by: Actor) -> None:
    """A paper was recorded by mistake: the signature is awaited again, and asked for. Raises `Invalid` on `reason`."""
    by.demand(Permission.AGREEMENT_PREPARE, party.agreement)
    reason = reason.strip()[:500]
    if not reason:
        raise Invalid(_("Dites pourquoi."), {"reason": _("Dites en une phrase ce qui n’allait pas.")})
    with transaction():
        held = signing.hold(party.id)
        if held.state is SignatureState.AWAITED:
            return
        if held.state is not SignatureState.SIGNED or held.medium is not Medium.PAPER:
            raise Conflict(_("Cette signature n’a pas été donnée sur papier."))
        agreement = held.agreement
        if agreement.state not in {AgreementState.OPEN, AgreementState.SIGNED}:
            raise Conflict(_("Cette convention n’est plus à signer : elle a été annulée ou remplacée."))
        scan = held.scan.sha256 if held.scan else ""
        held.state, held.medium, held.scan_id = SignatureState.AWAITED, None, None
        held.signed_at, held.signed_digest, held.asked_at = None, None, None
        evidence.record(agreement, Event.PAPER_UNDONE, party=held, reason=reason, by=by.display_name, scan=scan)
        audit.record("agreement.undo_paper", agreement, by=by, reason=reason, party=held.id)
        if agreement.state is AgreementState.SIGNED and not evidence.complete(agreement):
            step = TABLE.step(agreement.state, "reopen")
            audit.record("agreement.reopen", agreement, by=by, from_state=agreement.state, to_state=step.target)
            agreement.state, agreement.signed_at = step.target, None
            evidence.record(agreement, Event.REOPENED, reason=reason, at_day=clock.today().isoformat())
        db.session.flush()
        asking.ask(agreement)
