"""The outbox: a message is a row of the transaction that causes it, and leaves the house only afterwards."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actor import Scope
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal


class DeliveryState(StrEnum):
    """QUEUED → SENDING → HANDED → SENT.

    SENDING: claimed by a worker, nothing accepted yet by the server; a crash here is repaired by queuing again.
    HANDED: the whole text is with the server and its final answer is awaited; a crash here leaves a doubt which only
    a person can settle, so the message becomes UNCERTAIN and is shown, neither lost nor sent twice.
    """

    QUEUED = "queued"
    SENDING = "sending"
    HANDED = "handed"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


_KEEP = "6 mois"


class OutboxMessage(Model):
    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    to_email: Mapped[str] = mapped_column(
        String(254), info=personal("contact", "Acheminer le message", seen_by="coordination", keep=_KEEP)
    )
    to_name: Mapped[str] = mapped_column(
        String(160), info=personal("identity", "Acheminer le message", seen_by="coordination", keep=_KEEP)
    )
    subject: Mapped[str] = mapped_column(
        String(200), info=personal("contact", "Retrouver un message", seen_by="coordination", keep=_KEEP)
    )
    text: Mapped[str] = mapped_column(
        Text, info=personal("contact", "Acheminer le message", seen_by="personne", keep="Effacé une fois parti")
    )
    html: Mapped[str] = mapped_column(
        Text, info=personal("contact", "Acheminer le message", seen_by="personne", keep="Effacé une fois parti")
    )
    state: Mapped[DeliveryState] = mapped_column(
        choice(DeliveryState, "delivery_state"), default=DeliveryState.QUEUED, index=True
    )
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str] = mapped_column(String(300), default="")

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)
