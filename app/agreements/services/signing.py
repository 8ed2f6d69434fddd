"""The verbs of a signature: consent and code, sign, take note, decline, not me; and the truth about "signed by all".

Every verb takes the agreement's lock first, then the party's: a signature, a change of the content and the last
signature of somebody else happen one after the other, on both engines.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts import services as accounts
from app.accounts import throttling
from app.accounts.models import User
from app.agreements import codes, emails_signing, evidence, links, queries, signatures
from app.agreements.evidence import Circumstances, Event
from app.agreements.models import Agreement, Party, SigningCode
from app.agreements.queries import signers
from app.agreements.signatures import Authority
from app.agreements.states import (
    TABLE,
    TAKES_NOTE,
    AgreementState,
    Channel,
    Medium,
    PartyRole,
    SignatureState,
)
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.messaging import services as messaging


class Changed(Conflict):
    """The document is no longer the one that the person read."""

    def __init__(self) -> None:
        super().__init__(_("La convention a changé depuis que vous l’avez lue. Relisez-la avant de signer."))


@dataclass(frozen=True, slots=True)
class Order:
    """A text message to send once the transaction is over: the network is never spoken to inside one."""

    to: str
    text: str


def hold(party_id: int) -> Party:
    """The party and its agreement, freshly read and locked, agreement first; `Conflict` when it is gone."""
    party = db.session.get(Party, party_id)
    agreement = locked(Agreement, party.agreement_id) if party else None
    held = locked(Party, party_id)
    if agreement is None or held is None:
        raise Conflict(_("Cette signature n’est plus demandée."))
    return held


def demand_signable(party: Party, seen: str | None) -> None:
    """Raise `Conflict` unless this party may sign now the content whose digest it has `seen`."""
    agreement = party.agreement
    if agreement.state not in {AgreementState.OPEN, AgreementState.SIGNED}:
        raise Conflict(_("Cette convention n’est plus à signer : elle a été annulée ou remplacée."))
    if any(stop.placement.state in queries.LOST for stop in agreement.hosts):
        raise Conflict(_("Ce stage n’a plus lieu : il n’y a rien à signer."))
    if agreement.content_digest is None or agreement.content_digest != seen:
        raise Changed
    if party.state is SignatureState.VOID:
        raise Conflict(_("Cette signature ne compte plus : la convention a changé."))


def ask_code(
    party: Party, channel: Channel, seen: str, where: Circumstances, *, by: Actor | None = None
) -> tuple[SigningCode, Order | None]:
    """Note the consent, and make the code that confirms it: mailed, or returned as a text message to send.

    Raises `TooManyTries`, `Changed`, `Conflict`, and `Invalid` when this person has no such channel.
    """
    with transaction():
        held = hold(party.id)
        demand_signable(held, seen)
        demand_authority(held, by)
        if channel not in codes.channels(held):
            raise Invalid(_("Le code ne peut pas partir par ce moyen. Choisissez-en un autre, ou signez sur papier."))
        agreement = held.agreement
        evidence.record(agreement, Event.CONSENTED, party=held, address=where.address, agent=where.agent)
        row, code = codes.issue([held], channel, user_id=by.user_id if by else None)
        to = codes.destination(held, channel)
        evidence.record(agreement, Event.CODE_SENT, party=held, channel=channel, to=to, code=row.id)
        if channel is Channel.MAIL:
            messaging.post(emails_signing.code(held, row, code))
            return row, None
        return row, Order(held.phone, emails_signing.code_text(held, code))


def take_back_code(code_id: int) -> None:
    """The text message did not leave: its code counts for nothing, and another may be asked for at once."""
    with transaction():
        row = locked(SigningCode, code_id)
        if row is not None:
            row.expires_at = clock.now()
            row.created_at = clock.now() - codes.RESEND_AFTER


def sign(party: Party, typed: str, where: Circumstances, *, by: Actor | None = None) -> Party:
    """Sign with the code just received. Repeated with the same code, it changes nothing and returns quietly.

    Raises `codes.WrongCode`, `Changed` or `Conflict`.
    """
    row = signers.latest_code(party.id, by.user_id if by else None)
    if repeated(party, typed, by=by):
        return party
    try:
        row = codes.check(row, typed)
    except codes.WrongCode:
        with transaction():
            evidence.record(hold(party.id).agreement, Event.CODE_WRONG, party=party, address=where.address)
        raise
    with transaction():
        held = hold(party.id)
        authority = demand_authority(held, by)
        if held.state is SignatureState.SIGNED:
            return held
        demand_signable(held, covered_digest(row, held))
        if not codes.spend(row):
            raise codes.WrongCode(_("Ce code n’est plus bon. Demandez-en un autre."))
        give(held, Event.SIGNED, where, by=by, authority=authority, channel=row.channel, code=row.id)
    return held


def repeated(party: Party, typed: str, *, by: Actor | None = None) -> bool:
    """Whether this is the same click again: the signature is there, and was given by this very code."""
    row = signers.latest_code(party.id, by.user_id if by else None)
    signed = party.state is SignatureState.SIGNED and party.signed_digest == party.agreement.content_digest
    return signed and row is not None and row.used_at is not None and codes.matches(row, typed)


def covered_digest(row: SigningCode, party: Party) -> str | None:
    """The digest of what this person read before asking for the code."""
    return next((digest for party_id, digest in row.covers if party_id == party.id), None)


def demand_authority(party: Party, by: Actor | None) -> Authority:
    """Who holds a personal link signs for themselves; who acts from an account must have the right to."""
    if by is None:
        return Authority()
    found = signatures.authority(by, party)
    if found is None:
        raise Forbidden(_("Vous ne signez pas cette convention à cette place."))
    return found


def take_note(party: Party, seen: str, where: Circumstances, *, by: Actor | None = None) -> Party:
    """ "Seen and taken note of": no code, for a teacher or a tutor."""
    with transaction():
        held = hold(party.id)
        if held.role not in TAKES_NOTE:
            raise Conflict(_("Cette place demande une signature, avec un code."))
        authority = demand_authority(held, by)
        if held.state is SignatureState.SIGNED and held.signed_digest == seen:
            return held
        demand_signable(held, seen)
        give(held, Event.TOOK_NOTE, where, by=by, authority=authority)
    return held


def sign_as_student(party: Party, seen: str, personal_code: str, where: Circumstances, *, by: Actor) -> Party:
    """A student signs from their account, typing the code of their card again. Raises `Invalid` on field `code`."""
    keys = (f"signing-student:{by.user_id}", f"address:{where.address}")
    throttling.demand_open(*keys)
    user = db.session.get(User, by.user_id)
    class_code = party.agreement.student.school_class.code
    if user is None or user.code_digest != accounts.code_digest(class_code, personal_code):
        throttling.count_failure(*keys)
        sentence = _("Ce n’est pas ton code. Recopie celui de ta carte, le tien, pas celui de la classe.")
        raise Invalid(sentence, {"code": sentence})
    with transaction():
        held = hold(party.id)
        authority = demand_authority(held, by)
        if held.role is not PartyRole.STUDENT:
            raise Forbidden(_("Cette page est celle des élèves."))
        if held.state is SignatureState.SIGNED and held.signed_digest == seen:
            return held
        demand_signable(held, seen)
        evidence.record(held.agreement, Event.CONSENTED, party=held, address=where.address, agent=where.agent)
        throttling.forget(*keys)
        give(held, Event.SIGNED, where, by=by, authority=authority, channel=Channel.SESSION)
    return held


def give(
    party: Party,
    event: Event,
    where: Circumstances,
    *,
    by: Actor | None,
    authority: Authority,
    medium: Medium = Medium.ELECTRONIC,
    told: bool = True,
    **facts: str | int | None,
) -> None:
    """Write one signature on the content as it is, its proof, and what follows. The locks are held by the caller."""
    agreement = party.agreement
    party.state, party.medium = SignatureState.SIGNED, medium
    party.signed_at, party.signed_digest = clock.now(), agreement.content_digest
    party.decline_reason = ""
    if authority.delegation is not None:
        party.on_behalf_of_id = authority.delegation.id
    links.spend(party)
    evidence.record(
        agreement,
        event,
        party=party,
        address=where.address,
        role=party.role,
        medium=medium,
        name=party.name,
        agent=where.agent,
        account=by.user_id if by else None,
        account_name=by.display_name if by else None,
        authority=authority.sentence(),
        delegation=authority.delegation.id if authority.delegation else None,
        pdf=agreement.pdf.sha256 if agreement.pdf else None,
        **facts,
    )
    audit.record(f"agreement.{event}", agreement, by=by, party=party.id, medium=medium)
    for twin in _twins(party) if event is Event.SIGNED else ():
        give(twin, Event.TOOK_NOTE, where, by=by, authority=authority, told=False, signed_as=party.id)
    completed = settle(agreement)
    if told and not completed and party.by_link and party.email:
        messaging.post(emails_signing.receipt(party, evidence.head(agreement.id)))


def _twins(party: Party) -> list[Party]:
    """The tutor who is also the representative: one person, who has read what they sign."""
    return [
        other
        for other in party.agreement.parties
        if other.role in TAKES_NOTE
        and other.state is SignatureState.AWAITED
        and other.host_id == party.host_id
        and party.by_link
        and other.email
        and (other.email.casefold(), other.name.casefold()) == (party.email.casefold(), party.name.casefold())
    ]


def settle(agreement: Agreement) -> bool:
    """Say "signed by all" when, and only when, each required party signed this very content. Under the lock."""
    db.session.flush()
    agreement = locked(Agreement, agreement.id) or agreement
    signers.reread_parties(agreement.id)
    if agreement.state is not AgreementState.OPEN or not evidence.complete(agreement):
        return False
    step = TABLE.step(agreement.state, "complete")
    audit.record("agreement.complete", agreement, by=None, from_state=agreement.state, to_state=step.target)
    agreement.state, agreement.signed_at = step.target, clock.now()
    evidence.record(agreement, Event.COMPLETED)
    last = evidence.head(agreement.id)
    messaging.post_all(
        emails_signing.completed(party, last) for party in agreement.parties if party.email and party.by_link
    )
    return True


def require_both(agreement: Agreement, both: bool, *, by: Actor) -> None:
    """Both parents must sign, or one is enough and the other is informed. Twice changes nothing.

    Raises `Conflict` once everybody has signed: what was complete stays so.
    """
    by.demand(Permission.AGREEMENT_PREPARE, agreement)
    with transaction():
        held = locked(Agreement, agreement.id)
        if held is None or held.both_guardians == both:
            return
        if held.state not in {AgreementState.DRAFT, AgreementState.OPEN}:
            raise Conflict(_("Cette convention est déjà signée ou annulée."))
        held.both_guardians = both
        signers.reread_parties(held.id)
        guardians = [party for party in held.parties if party.role is PartyRole.GUARDIAN]
        for party in guardians[1:]:
            if party.state is not SignatureState.VOID:
                party.is_required = both
        audit.record("agreement.require_both" if both else "agreement.require_one", held, by=by)
        settle(held)


def void_signatures(agreement: Agreement, reason: str) -> int:
    """The content changed, or the agreement is cancelled: what was signed counts no more, and those who signed are
    told. Inside the caller's transaction; returns how many signatures were taken back. Twice changes nothing.
    """
    with transaction():
        held = locked(Agreement, agreement.id)
        if held is None:
            return 0
        signed = [party for party in held.parties if party.state is SignatureState.SIGNED]
        for party in signed:
            evidence.record(held, Event.VOIDED, party=party, reason=reason[:200], signed=party.signed_digest)
            party.state = SignatureState.VOID
        db.session.flush()
        messaging.post_all(emails_signing.voided(party, reason) for party in signed if party.email)
    return len(signed)
