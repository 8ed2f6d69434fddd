"""The mail of the day: several messages to one address in one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.messaging import rendering
from app.messaging.models import OutboxMessage
from app.messaging.rules import Message


def digest(lines: Sequence[OutboxMessage], daily_key: str) -> Message:
    """One mail that names the messages of the day; its link opens the page on which each can be read."""
    first = lines[0]
    territories = {line.territory_id for line in lines}
    return rendering.build(
        "digest",
        to_email=first.to_email,
        to_name=first.to_name,
        dedupe_key=f"digest:{daily_key}",
        territory_id=territories.pop() if len(territories) == 1 else None,
        language=first.language,
        lines=lines,
        url=rendering.page_url("messaging.digest", token=_signer().dumps(daily_key)),
    )


def read_digest_token(token: str) -> str | None:
    """The key of the grouped mail of a genuine link, else None."""
    try:
        key = _signer().loads(token)
    except BadSignature:
        return None
    return key if isinstance(key, str) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="digest")
