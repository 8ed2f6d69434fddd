"""What happens during a stage: a teacher's follow-up, an absence, an accident."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.accounts.models import User
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.placements.models import Placement
from app.placements.stage_states import FollowUpKind, FollowUpState

_SEEN = "structure d’accueil, établissement, coordination"
_FACTS = personal(
    "trace",
    "Rédiger la déclaration d’accident : les faits, jamais l’état de santé",
    seen_by=_SEEN,
    keep="Un an après le stage, puis sur papier à l’établissement",
)
_PLANNED = text("state = 'planned'")


class FollowUp(Model):
    """A visit or a call of the school to the structure; one planned at a time."""

    __tablename__ = "follow_up"
    __table_args__ = (
        Index("uq_follow_up_planned", "placement_id", unique=True, sqlite_where=_PLANNED, postgresql_where=_PLANNED),
        CheckConstraint("state <> 'done' OR done_on IS NOT NULL", name="done_has_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)  # who goes or calls
    kind: Mapped[FollowUpKind] = mapped_column(choice(FollowUpKind, "follow_up_kind"))
    state: Mapped[FollowUpState] = mapped_column(
        choice(FollowUpState, "follow_up_state"), default=FollowUpState.PLANNED, index=True
    )
    planned_on: Mapped[date]
    done_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(
        String(600),
        default="",
        info=personal(
            "school",
            "Garder trace du suivi du stage",
            seen_by="établissement, coordination",
            keep="Trois mois après la fin de l’année scolaire",
        ),
    )
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    placement: Mapped[Placement] = relationship()
    user: Mapped[User] = relationship()

    @property
    def scope(self) -> Scope:
        return self.placement.scope


class Absence(Model):
    """A student did not come one day, as the structure says. Never why."""

    __tablename__ = "absence"
    __table_args__ = (UniqueConstraint("placement_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(
        ForeignKey("placement.id", ondelete="CASCADE"),
        index=True,
        info=personal(
            "trace",
            "Prévenir le collège d’une absence",
            seen_by=_SEEN,
            keep="Trois mois après la fin de l’année scolaire",
        ),
    )
    day: Mapped[date] = mapped_column(index=True)
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reported_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    arrived_at: Mapped[datetime | None] = mapped_column(Moment)  # came after all
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    seen_at: Mapped[datetime | None] = mapped_column(Moment)

    placement: Mapped[Placement] = relationship()
    seen_by: Mapped[User | None] = relationship(foreign_keys=[seen_by_id])

    @property
    def is_open(self) -> bool:
        """Somebody of the school still has to look at it."""
        return self.seen_at is None and self.arrived_at is None

    @property
    def scope(self) -> Scope:
        return self.placement.scope


class Accident(Model):
    """The circumstances of an accident, for the declaration. What a doctor says is written by hand on paper."""

    __tablename__ = "accident"

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), index=True)
    request_key: Mapped[str] = mapped_column(String(40), unique=True)  # one tap, one accident
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reported_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    happened_on: Mapped[date] = mapped_column(info=_FACTS)
    happened_at: Mapped[time | None] = mapped_column(info=_FACTS)
    place: Mapped[str] = mapped_column(String(200), default="", info=_FACTS)
    circumstances: Mapped[str] = mapped_column(Text, default="", info=_FACTS)
    present: Mapped[str] = mapped_column(String(200), default="", info=_FACTS)  # the adult who was there
    witnesses: Mapped[str] = mapped_column(String(300), default="", info=_FACTS)
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    declared_at: Mapped[datetime | None] = mapped_column(Moment)

    placement: Mapped[Placement] = relationship()
    seen_by: Mapped[User | None] = relationship(foreign_keys=[seen_by_id])

    @property
    def facts_complete(self) -> bool:
        return bool(self.happened_at and self.place and self.circumstances and self.present)

    @property
    def scope(self) -> Scope:
        return self.placement.scope
