"""The journal: who did what to which object, when, from which state to which, and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actor import Scope
from app.kernel import clock
from app.kernel.database import Model, Moment
from app.kernel.personal import personal

_TRACE = personal(
    "trace",
    "Savoir qui a décidé quoi",
    seen_by="coordination",
    keep="12 mois",
)


class JournalEntry(Model):
    __tablename__ = "journal_entry"
    __table_args__ = (Index("ix_journal_entry_object", "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now, index=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True, info=_TRACE)
    role: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    from_state: Mapped[str | None] = mapped_column(String(40))
    to_state: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="", info=_TRACE)
    details: Mapped[dict[str, str | int | float | None]] = mapped_column(JSON, default=dict, info=_TRACE)

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)
