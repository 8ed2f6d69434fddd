"""Codes of printed letters: derived from the server's key, so that a letter can be printed again without storing one.

The database holds a random serial and the digest of the code: whoever steals it, without the key, has no code.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable

from flask import current_app

from app.accounts import throttling
from app.accounts.services import digest
from app.kernel.database import db, transaction
from app.kernel.identifiers import CODE_ALPHABET, normalise_code
from app.placements import queries
from app.placements.models import AnswerCode, Placement
from app.placements.rules import CODE_LENGTH
from app.placements.states import Side


def issue(placements: Iterable[Placement]) -> None:
    """A code for each side of each placement, inside the caller's transaction."""
    for placement in placements:
        for side in Side:
            serial = secrets.token_hex(16)
            row = AnswerCode(placement_id=placement.id, side=side, serial=serial, digest=_digest(_derive(serial)))
            db.session.add(row)
    db.session.flush()


def printed(code: AnswerCode) -> str:
    """The code as the letter shows it: « K7RM 2DXP »."""
    text = _derive(code.serial)
    return f"{text[:4]} {text[4:]}"


def find(text: str, *, address: str) -> AnswerCode | None:
    """The code that somebody typed, or None. Raises `TooManyTries` for who tries again and again."""
    key = f"address:answer-code:{address}"
    throttling.demand_open(key)
    typed = normalise_code(text)
    found = queries.code_of(_digest(typed)) if len(typed) == CODE_LENGTH else None
    if found is None:
        with transaction():
            throttling.count_failure(key)
    return found


def _derive(serial: str) -> str:
    """Eight signs out of 25, drawn evenly from the keyed digest of the serial."""
    key = hmac.digest(current_app.config["SECRET_KEY"].encode(), b"letter-code", "sha256")
    number = int.from_bytes(hmac.digest(key, serial.encode(), "sha512"), "big")
    signs = []
    for _ in range(CODE_LENGTH):
        number, rest = divmod(number, len(CODE_ALPHABET))
        signs.append(CODE_ALPHABET[rest])
    return "".join(signs)


def _digest(code: str) -> str:
    return digest(code, purpose="answer-code")
