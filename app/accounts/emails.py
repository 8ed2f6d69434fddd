"""Messages about accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.accounts.models import User
from app.messaging import rendering
from app.messaging.rules import Message


def _to(user: User, name: str, token: str) -> Message:
    return rendering.build(
        name,
        to_email=user.email or "",
        to_name=user.display_name,
        territory_id=user.territory_id,
        dedupe_key=f"{name}:{user.id}:{token[:12]}",
        user=user,
        link=rendering.page_url("accounts.link", token=token),
    )


def sign_in_link(user: User, token: str) -> Message:
    return _to(user, "sign_in_link", token)


def invitation(user: User, token: str) -> Message:
    return _to(user, "invitation", token)


def access_link(user: User, token: str, helper: str) -> Message:
    """To somebody who lost their way in, asked for by a person nearby."""
    return rendering.build(
        "access_link",
        to_email=user.email or "",
        to_name=user.display_name,
        territory_id=user.territory_id,
        dedupe_key=f"access_link:{user.id}:{token[:12]}",
        helper=helper,
        link=rendering.page_url("accounts.link", token=token),
    )


def _told(name: str, user: User, once: str, **context: Any) -> Message:
    return rendering.build(
        name,
        to_email=user.email or "",
        to_name=user.display_name,
        territory_id=user.territory_id,
        dedupe_key=f"{name}:{user.id}:{once}",
        **context,
    )


def recovery_code_used(user: User, left: int, moment: datetime) -> Message:
    return _told("recovery_code_used", user, moment.isoformat(), left=left)


def second_factor_reset(user: User, moment: datetime) -> Message:
    return _told("second_factor_reset", user, moment.isoformat())


def account_linked(user: User, label: str, moment: datetime) -> Message:
    return _told("account_linked", user, moment.isoformat(), label=label)
