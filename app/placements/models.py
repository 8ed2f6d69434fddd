"""Placements: what student, family, teacher and host have been told, and what each answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.offers.models import Slot
from app.placements.states import LIVE, Answer, PlacementState
from app.schools.models import Student

_LIVE = text("state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(LIVE))))


class Origin(StrEnum):
    MATCHED = "matched"  # approved by a coordinator among the proposals
    FOUND = "found"  # found by the student


class Placement(Model):
    """One student in one slot. A student has one live placement at most; what was undone stays as its history."""

    __tablename__ = "placement"
    __table_args__ = (
        Index("uq_placement_live", "student_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    origin: Mapped[Origin] = mapped_column(choice(Origin, "placement_origin"), default=Origin.MATCHED)
    state: Mapped[PlacementState] = mapped_column(
        choice(PlacementState, "placement_state"), default=PlacementState.AWAITING, index=True
    )
    state_reason: Mapped[str] = mapped_column(
        String(500),
        default="",
        info=personal(
            "trace",
            "Savoir pourquoi un stage ne se fait pas",
            seen_by="coordination, établissement",
            keep="Trois mois après la fin de l’année scolaire",
        ),
    )
    host_answer: Mapped[Answer] = mapped_column(choice(Answer, "host_answer"), default=Answer.NONE)
    host_answered_at: Mapped[datetime | None] = mapped_column(Moment)
    family_answer: Mapped[Answer] = mapped_column(choice(Answer, "family_answer"), default=Answer.NONE)
    family_answered_at: Mapped[datetime | None] = mapped_column(Moment)
    published_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    campaign: Mapped[Campaign] = relationship()
    student: Mapped[Student] = relationship()
    slot: Mapped[Slot] = relationship()

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def scope(self) -> Scope:
        of_student = self.student.scope
        return Scope(
            territory_id=self.territory_id,
            school_id=of_student.school_id,
            class_id=of_student.class_id,
            student_id=self.student_id,
            organization_id=self.slot.offer.organization_id,
        )
