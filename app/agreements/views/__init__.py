"""HTTP of the room `agreements`: parse, call one verb or one query, render."""

from app.agreements.views import (
    completing,
    delegations,
    papers,
    signing,
    signing_account,
    signing_language,
    signing_status,
    verification,
)
from app.agreements.views.blueprint import bp

__all__ = [
    "bp",
    "completing",
    "delegations",
    "papers",
    "signing",
    "signing_account",
    "signing_language",
    "signing_status",
    "verification",
]
