"""HTTP of the room `agreements`: parse, call one verb or one query, render."""

from app.agreements.views import delegations, signing, signing_account, signing_status
from app.agreements.views.blueprint import bp

__all__ = ["bp", "delegations", "signing", "signing_account", "signing_status"]
