"""Writing the journal, always inside the transaction of the verb it tells about."""

from __future__ import annotations

from typing import Protocol

from app.access.actor import Actor, Scope
from app.audit.models import JournalEntry
from app.kernel.database import db


class Journalled(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def scope(self) -> Scope: ...


def record(
    action: str,
    target: Journalled,
    *,
    by: Actor | None,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str = "",
    **details: str | int | float | None,
) -> None:
    """Add one line. `by` is None for what the machine does by itself (recovery, delivery)."""
    db.session.flush()
    db.session.add(
        JournalEntry(
            territory_id=target.scope.territory_id,
            user_id=by.user_id if by else None,
            role=by.role if by else "system",
            action=action,
            object_type=type(target).__name__,
            object_id=target.id,
            from_state=from_state,
            to_state=to_state,
            reason=reason,
            details=details,
        )
    )
