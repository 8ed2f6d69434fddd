"""The message that announces what will be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.accounts.models import User
from app.messaging import rendering
from app.messaging.rules import Message
from app.privacy.retention_models import RetentionNotice
from app.privacy.retention_rules import rule_of


def announced(person: User, notices: Sequence[RetentionNotice], today: date) -> Message:
    """To a coordinator: what will be forgotten, on which day; one mail whatever the number of rules."""
    lines = []
    for notice in sorted(notices, key=lambda each: (each.due_on, each.id)):
        rule = rule_of(notice.rule, today)
        lines.append((notice.due_on, rule.title if rule else notice.rule, sum(notice.counts.values())))
    return rendering.build(
        "retention_announced",
        to_email=person.email or "",
        to_name=person.display_name,
        dedupe_key=f"retention_announced:{person.id}:{today.isoformat()}",
        territory_id=notices[0].territory_id,
        lines=lines,
        first=min(notice.due_on for notice in notices),
    )
