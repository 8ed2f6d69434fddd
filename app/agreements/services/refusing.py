"""A link that is no link: refused, noted in the journal, and counted against whoever tries many."""

from __future__ import annotations

from app.accounts import throttling
from app.agreements import links
from app.agreements.links import Refusal
from app.kernel.database import transaction, writing


def refuse(reference: str, token: str, why: Refusal, *, address: str) -> None:
    """Note it, even when the page was only read. Raises `TooManyTries` when this address tries link after link."""
    key = f"address:signing-link:{address}"
    throttling.demand_open(key)
    with writing():
        with transaction():
            links.journal_refusal(reference, token, why)
        throttling.count_failure(key)
