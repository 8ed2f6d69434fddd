"""The outbox: a message is a row of the transaction that causes it, and leaves the house only afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actor import Scope
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.messaging.rules import Pace
from app.messaging.states import DeliveryState

__all__ = ["DeliveryState", "OutboxMessage"]

_KEEP = "6 mois"


class OutboxMessage(Model):
    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    dedupe_key: Mapped[str] = mapped_column(
        String(160),
        unique=True,
        info=personal("contact", "Ne pas envoyer deux fois le même message", seen_by="personne", keep=_KEEP),
    )
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
        Text,
        info=personal(
            "contact",
            "Acheminer le message",
            seen_by="coordination, sans les liens personnels",
            keep="Effacé une fois parti, ou trente jours après un courrier groupé",
        ),
    )
    html: Mapped[str] = mapped_column(
        Text, info=personal("contact", "Acheminer le message", seen_by="personne", keep="Effacé une fois parti")
    )
    url: Mapped[str] = mapped_column(
        String(500),
        default="",
        info=personal("contact", "Ouvrir ce que le message annonce", seen_by="le destinataire", keep="Trente jours"),
    )
    language: Mapped[str] = mapped_column(
        String(12),
        default="fr",
        info=personal("preferences", "Grouper les messages dans la même langue", seen_by="personne", keep=_KEEP),
    )
    pace: Mapped[Pace] = mapped_column(choice(Pace, "message_pace"), default=Pace.NOW)
    daily_key: Mapped[str | None] = mapped_column(String(64), unique=True)  # address and day: one such mail, ever
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    state: Mapped[DeliveryState] = mapped_column(choice(DeliveryState, "delivery_state"), default=DeliveryState.QUEUED)
    claim: Mapped[int] = mapped_column(default=0)  # grows at each claim: a worker which lost its claim sees it
    attempts: Mapped[int] = mapped_column(default=0)  # temporary refusals since the last decision of a person
    not_before: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str] = mapped_column(
        String(300),
        default="",
        info=personal("trace", "Savoir pourquoi un message n’arrive pas", seen_by="coordination", keep=_KEEP),
    )

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)
