"""The last mails of people who were erased."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.messaging.states import DeliveryState

LAST = "privacy_erased"
_GONE = (DeliveryState.SENT, DeliveryState.FAILED)


def last_mails() -> list[OutboxMessage]:
    """Those which have left, or never will."""
    statement = select(OutboxMessage).where(OutboxMessage.kind == LAST, OutboxMessage.state.in_(_GONE))
    return list(db.session.scalars(statement))
