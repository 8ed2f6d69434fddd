"""Codes of printed letters, derived so that a letter can be printed again; and what any printed code opens."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from app.accounts import throttling
from app.accounts.derived import derived_code
from app.accounts.services import digest
from app.hosts import services as hosts
from app.hosts.models import HostInvitation
from app.kernel.database import db, transaction
from app.kernel.identifiers import normalise_code
from app.placements import queries
from app.placements.models import AnswerCode, Placement
from app.placements.rules import CODE_LENGTH
from app.placements.states import Side
from app.schools import queries as school_queries
from app.schools import services as schools
from app.schools.models import FamilyCode, SchoolClass

Paper = AnswerCode | FamilyCode | HostInvitation | SchoolClass


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


def find(text: str, *, address: str) -> Paper | None:
    """What the code that somebody typed stands on, or None. Raises `TooManyTries` for who tries again and again.

    A class's code, printed on students' cards, opens nothing by itself: it counts as a failure, and is recognised.
    """
    key = f"address:paper-code:{address}"
    throttling.demand_open(key)
    typed = normalise_code(text)
    opened = (
        (queries.code_of(_digest(typed)) or schools.family_code_of(typed) or hosts.invitation_of(typed))
        if len(typed) == CODE_LENGTH
        else None
    )
    if opened is not None:
        return opened
    with transaction():
        throttling.count_failure(key)
    return school_queries.class_of_code(typed)


def _derive(serial: str) -> str:
    return derived_code(serial, purpose="letter-code")


def _digest(code: str) -> str:
    return digest(code, purpose="answer-code")
