"""Codes of printed letters: derived, so that a letter can be printed again without storing one."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from app.accounts import throttling
from app.accounts.derived import derived_code
from app.accounts.services import digest
from app.kernel.database import db, transaction
from app.kernel.identifiers import normalise_code
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
    return derived_code(serial, purpose="letter-code")


def _digest(code: str) -> str:
    return digest(code, purpose="answer-code")
