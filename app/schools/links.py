"""The personal link of a slip: signed, tied to one code, void as soon as the code is renewed."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.schools.models import FamilyCode

_SIGNS_OF_SERIAL = 8


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="family-code")


def token_for(code: FamilyCode) -> str:
    return str(_signer().dumps([code.id, code.serial[:_SIGNS_OF_SERIAL]]))


def read(token: str) -> int | None:
    """The identifier of the code of a genuine token, else None; `still_opens` says whether it was renewed since."""
    try:
        code_id, _serial = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return code_id if isinstance(code_id, int) else None


def still_opens(token: str, code: FamilyCode) -> bool:
    return token == token_for(code)
