"""A link that is no link: refused, noted in the journal, and counted against whoever tries many."""

from __future__ import annotations

from app.accounts import throttling
from app.agreements import links
from app.agreements.links import Refusal
from app.kernel.database import transaction, writing


def count_unknown(address: str) -> None:
    """Somebody asked the public page for a reference, or a file, that is none of ours: counted, whoever it is."""
    with writing():
        throttling.count_failure(_key(address))


def demand_patience(address: str) -> None:
    """Raise `TooManyTries` when this address has asked the public page for many unknown references."""
    throttling.demand_open(_key(address))


def _key(address: str) -> str:
    return f"address:verification:{address}"


def refuse(reference: str, token: str, why: Refusal, *, address: str) -> None:
    """Note it, even when the page was only read. Raises `TooManyTries` when this address tries link after link."""
    key = f"address:signing-link:{address}"
    throttling.demand_open(key)
    with writing():
        with transaction():
            links.journal_refusal(reference, token, why)
        throttling.count_failure(key)
