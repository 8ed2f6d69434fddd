"""What people asked about their data, what was answered, and the proofs of what was forgotten."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.accounts.models import User
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.holdings import SubjectKind
from app.kernel.personal import personal
from app.privacy.states import RequestState, Right
from app.schools.models import LegalGuardian

_SEEN = "qui demande, coordination"
_KEEP = "Deux ans après la réponse"
_WORDS = personal("trace", "Répondre à une demande sur des données personnelles", seen_by=_SEEN, keep=_KEEP)


class PrivacyRequest(Model):
    """One request of one person about one person (a guardian may ask for a child)."""

    __tablename__ = "privacy_request"
    __table_args__ = (
        Index("ix_privacy_request_subject", "subject_kind", "subject_id"),
        CheckConstraint("state = 'asked' OR closed_at IS NOT NULL", name="closed_has_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    request_key: Mapped[str] = mapped_column(String(40), unique=True)  # the form that made it, sent once
    right: Mapped[Right] = mapped_column(choice(Right, "privacy_right"))
    state: Mapped[RequestState] = mapped_column(
        choice(RequestState, "privacy_request_state"), default=RequestState.ASKED, index=True
    )
    subject_kind: Mapped[SubjectKind] = mapped_column(choice(SubjectKind, "privacy_subject_kind"))
    subject_id: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("legal_guardian.id", ondelete="SET NULL"), index=True)
    asked_by: Mapped[str] = mapped_column(
        String(160), default="", info=personal("identity", "Savoir à qui répondre", seen_by=_SEEN, keep=_KEEP)
    )
    asked_how: Mapped[str] = mapped_column(String(20), default="page")  # page, link, letter
    words: Mapped[str] = mapped_column(Text, default="", info=_WORDS)
    asked_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    due_on: Mapped[date] = mapped_column(index=True)
    extension_reason: Mapped[str] = mapped_column(String(500), default="", info=_WORDS)
    answer: Mapped[str] = mapped_column(Text, default="", info=_WORDS)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what an erasure or a correction touched
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    guardian: Mapped[LegalGuardian | None] = relationship()
    closed_by: Mapped[User | None] = relationship(foreign_keys=[closed_by_id])

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)


class Erasure(Model):
    """The proof of one erasure: numbers, tables, date. The number no longer leads to anybody, and replays a backup."""

    __tablename__ = "privacy_erasure"
    __table_args__ = (Index("ix_privacy_erasure_subject", "kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    kind: Mapped[SubjectKind] = mapped_column(choice(SubjectKind, "erasure_kind"))
    subject_id: Mapped[int]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    kept: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)
