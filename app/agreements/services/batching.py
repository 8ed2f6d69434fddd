"""Signing many agreements at once: a list that was seen, one code for it, each signature in its own transaction.

What the code covers is stored with it. Once the code was right, the worker signs one by one; killed in the middle, it
goes on where it stopped. An agreement that changed since the list was seen is left out, and named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from app.access.actor import Actor
from app.accounts.models import User
from app.agreements import codes, emails_signing, evidence, signatures
from app.agreements.evidence import Circumstances, Event
from app.agreements.models import Party, SigningCode
from app.agreements.queries import awaited, delegations, signers
from app.agreements.services import signing
from app.agreements.states import TAKES_NOTE, Channel, PartyRole, SignatureState
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from app.kernel.jobs import enqueue, jobs
from app.messaging import services as messaging

RESUME_WITHIN = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Line:
    """One signature of a batch: done, or why not ("" while it waits for its turn)."""

    party: Party
    done: bool
    why_not: str = ""


def ask_code(seen: Sequence[tuple[int, str]], where: Circumstances, *, by: Actor) -> SigningCode:
    """One code, mailed to the actor, for the (party, digest) which they ticked after seeing them.

    What may no longer be signed is left out; raises `Invalid` when nothing is left, `TooManyTries` when asked in a row.
    """
    with transaction():
        user = db.session.get(User, by.user_id)
        found = {party.id: party for party in signatures.to_sign(by) if party.role is PartyRole.HEAD}
        wanted = [found[key] for key, digest in seen if key in found and _digest(found[key]) == digest]
        if not wanted or user is None or not user.email:
            raise Invalid(_("Cochez au moins une convention à signer."))
        row, code = codes.issue(wanted, Channel.MAIL, user_id=by.user_id)
        row.used_from = {"address": where.address, "agent": where.agent}
        messaging.post(emails_signing.batch_code(user, row, code, by.territory_id))
    return row


def _digest(party: Party) -> str | None:
    return party.agreement.content_digest


def confirm(code_id: int, typed: str, where: Circumstances, *, by: Actor) -> SigningCode:
    """The code was right: everything it covers is to be signed from now on. Repeated, it changes nothing.

    Raises `codes.WrongCode`.
    """
    row, _parties = signatures.batch(by, code_id)
    if row.used_at is not None and codes.matches(row, typed):
        return row
    row = codes.check(row, typed)
    with transaction():
        if not codes.spend(row):
            raise codes.WrongCode(_("Ce code n’est plus bon. Demandez-en un autre."))
        row.used_from = {"address": where.address, "agent": where.agent}
        enqueue(sign_covered, row.id)
    return row


@jobs.task
def sign_covered(code_id: int) -> None:
    """Sign what is left of a confirmed batch; any number of workers may run it, each signature happens once."""
    row = db.session.get(SigningCode, code_id)
    if row is None or row.used_at is None or row.finished_at is not None or row.user_id is None:
        return
    by = delegations.actor_of(row.user_id)
    where = Circumstances(**row.used_from)
    covers = [(int(party_id), str(digest)) for party_id, digest in row.covers]
    for party_id, digest in covers:
        _sign_one(code_id, party_id, digest, where, by)
    with transaction():
        done = locked(SigningCode, code_id)
        if done is None or done.finished_at is not None:
            return
        done.finished_at = clock.now()
        user = db.session.get(User, done.user_id)
        signed = [line.party for line in lines(done, signers.parties([key for key, _digest in covers])) if line.done]
        if user is not None and signed:
            messaging.post(emails_signing.batch_receipt(user, done, signed))


def _sign_one(code_id: int, party_id: int, digest: str, where: Circumstances, by: Actor) -> None:
    try:
        with transaction():
            held = signing.hold(party_id)
            if held.state is not SignatureState.AWAITED:
                return
            authority = signatures.authority(by, held)
            if authority is None:
                raise Forbidden(_("Vous ne signez pas cette convention à cette place."))
            signing.demand_signable(held, digest)
            agreement = held.agreement
            evidence.record(agreement, Event.CONSENTED, party=held, address=where.address, agent=where.agent)
            signing.give(
                held, Event.SIGNED, where, by=by, authority=authority, channel=Channel.MAIL, code=code_id, told=False
            )
    except DomainError:
        return  # left out: `lines` reads why from the state of things


@jobs.every_minute
def resume() -> None:
    """Go on with the batches that a killed worker left in the middle."""
    for code_id in awaited.unfinished_batches(clock.now() - RESUME_WITHIN):
        sign_covered(code_id)


def lines(row: SigningCode, parties: Sequence[Party]) -> list[Line]:
    """What became of each signature that the code covers."""
    digests = {int(party_id): str(digest) for party_id, digest in row.covers}
    return [_line(row, party, digests[party.id]) for party in parties]


def _line(row: SigningCode, party: Party, digest: str) -> Line:
    if party.state is SignatureState.SIGNED and party.signed_digest == digest:
        return Line(party, done=True)
    try:
        signing.demand_signable(party, digest)
    except Conflict as refusal:
        return Line(party, done=False, why_not=refusal.message)
    if row.finished_at is not None:
        return Line(party, done=False, why_not=_("Cette signature ne vous est plus demandée."))
    return Line(party, done=False)


def take_notes(seen: Sequence[tuple[int, str]], where: Circumstances, *, by: Actor) -> int:
    """A teacher takes note of what they ticked; returns of how many."""
    found = {party.id: party for party in signatures.to_sign(by) if party.role in TAKES_NOTE}
    wanted = [(found[key], digest) for key, digest in seen if key in found and _digest(found[key]) == digest]
    if not wanted:
        raise Invalid(_("Cochez au moins une convention."))
    for party, digest in wanted:
        signing.take_note(party, digest, where, by=by)
    return len(wanted)
