"""One-time codes of a signature: six digits, a quarter of an hour, five tries, and only what they were asked for."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import update

from app.accounts.services import digest
from app.accounts.throttling import TooManyTries
from app.agreements import gateway_sms
from app.agreements.models import Party, SigningCode
from app.agreements.queries import signers
from app.agreements.states import Channel
from app.kernel import clock
from app.kernel.database import affected, db, transaction
from app.kernel.errors import Invalid
from app.settings import Settings

LIFETIME = timedelta(minutes=15)
MAX_ATTEMPTS = 5
RESEND_AFTER = timedelta(seconds=60)
MAX_PER_HOUR = 5
_PURPOSE = "signing-code"


class WrongCode(Invalid):
    """The code is wrong, too old, spent, or was asked for something else."""

    def __init__(self, message: str) -> None:
        super().__init__(message, {"code": message})


def channels(party: Party) -> list[Channel]:
    """How a code may reach this person, best way first; empty: on paper only."""
    settings: Settings = current_app.config["SETTINGS"]
    found = [Channel.MAIL] if party.email else []
    if gateway_sms.mobile(party.phone) and gateway_sms.reaches_people(settings):
        found.append(Channel.SMS)
    return found


def destination(party: Party, channel: Channel) -> str:
    """Where the code goes, half hidden: enough to recognise one's own address, too little to learn it."""
    if channel is Channel.SMS:
        number = gateway_sms.mobile(party.phone) or ""
        return f"•• •• •• {number[-4:-2]} {number[-2:]}"
    name, _at, domain = party.email.partition("@")
    return f"{name[:1]}•••@{domain}"


def issue(parties: Sequence[Party], channel: Channel, *, user_id: int | None = None) -> tuple[SigningCode, str]:
    """A code for these signatures, on the contents as they are now. Returned once; the caller sends it.

    Raises `TooManyTries` within a minute of the last one, or after five in an hour.
    """
    first = parties[0]
    _demand_patience(first, user_id)
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = SigningCode(
        party_id=first.id,
        user_id=user_id,
        channel=channel,
        code_digest=_digest(first.id, code),
        covers=[[party.id, party.agreement.content_digest] for party in parties],
        expires_at=clock.now() + LIFETIME,
    )
    db.session.add(row)
    db.session.flush()
    return row, code


def _digest(party_id: int, code: str) -> str:
    return digest(f"{party_id}:{code}", purpose=_PURPOSE)


def _demand_patience(party: Party, user_id: int | None) -> None:
    sent = signers.codes_sent(party.id, user_id, clock.now() - timedelta(hours=1))
    if sent.newest is not None and sent.newest > clock.now() - RESEND_AFTER:
        raise TooManyTries(_("Un code vient de partir. Attendez une minute avant d’en demander un autre."))
    if sent.number >= MAX_PER_HOUR:
        raise TooManyTries(_("Cinq codes sont déjà partis. Attendez une heure, ou signez sur papier."))


def matches(row: SigningCode, typed: str) -> bool:
    """Whether this is the code; spaces and dashes are forgiven."""
    digits = re.sub(r"[\s.\-\u00a0\u202f]", "", typed)
    return hmac.compare_digest(row.code_digest, _digest(row.party_id, digits))


def check(row: SigningCode | None, typed: str) -> SigningCode:
    """The code, right and fresh. A try is counted, durably, before the comparison: no burst guesses for free."""
    if row is None or row.used_at is not None or row.expires_at <= clock.now():
        raise WrongCode(_("Ce code n’est plus bon. Demandez-en un autre."))
    with transaction():
        counted = affected(
            update(SigningCode)
            .where(SigningCode.id == row.id, SigningCode.used_at.is_(None), SigningCode.attempts < MAX_ATTEMPTS)
            .values(attempts=SigningCode.attempts + 1)
            .execution_options(synchronize_session=False)
        )
    if counted != 1:
        raise WrongCode(_("Ce code a été essayé trop de fois. Demandez-en un autre."))
    if not matches(row, typed):
        raise WrongCode(_("Ce n’est pas le bon code. Relisez le message et recopiez les six chiffres."))
    return row


def spend(row: SigningCode) -> bool:
    """Use the code up, inside the transaction of the act; False when somebody was faster."""
    spent = affected(
        update(SigningCode)
        .where(SigningCode.id == row.id, SigningCode.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return spent == 1


def covered(row: SigningCode, party: Party) -> bool:
    """Whether the code was asked for this signature, on the content as it is now."""
    return [party.id, party.agreement.content_digest] in row.covers
