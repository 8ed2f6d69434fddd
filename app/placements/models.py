"""Placements: what student, family, teacher and host have been told, and what each answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.offers.models import Slot
from app.placements.states import LIVE, Answer, Medium, PlacementState, Side
from app.regulations.schedules import WEEKDAYS
from app.schools.models import Student

_LIVE = text("state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(LIVE))))


class Origin(StrEnum):
    MATCHED = "matched"  # approved by a coordinator among the proposals
    FOUND = "found"  # found by the student


_KEEP = "Trois mois après la fin de l’année scolaire"


class Placement(Model):
    """One student in one slot. A student has one live placement at most (one a stop, in an itinerary of several
    structures); what was undone stays as its history."""

    __tablename__ = "placement"
    __table_args__ = (
        Index("uq_placement_live", "student_id", "stop", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    stop: Mapped[int] = mapped_column(default=0)  # its place in an itinerary; 0 when there is only one
    # Its weekdays when the student shares the week among structures ("mon,tue"); empty: all those of the offer.
    days: Mapped[str] = mapped_column(String(40), default="", server_default="")
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
            keep=_KEEP,
        ),
    )
    host_answer: Mapped[Answer] = mapped_column(choice(Answer, "host_answer"), default=Answer.NONE)
    host_answered_at: Mapped[datetime | None] = mapped_column(Moment)
    family_answer: Mapped[Answer] = mapped_column(choice(Answer, "family_answer"), default=Answer.NONE)
    family_answered_at: Mapped[datetime | None] = mapped_column(Moment)
    family_disputed: Mapped[bool] = mapped_column(default=False)  # one guardian said yes and another no
    published_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)  # told, and asked, from then on

    campaign: Mapped[Campaign] = relationship()
    student: Mapped[Student] = relationship()
    slot: Mapped[Slot] = relationship()
    answers: Mapped[list[PlacementAnswer]] = relationship(
        order_by="PlacementAnswer.id", cascade="all, delete-orphan", back_populates="placement"
    )

    def answer_of(self, side: Side) -> Answer:
        return self.host_answer if side is Side.HOST else self.family_answer

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days of the week (0 is Monday) on which the structure expects the student."""
        ordinary = self.slot.offer.hours.weekdays
        return tuple(day for day in ordinary if WEEKDAYS[day] in self.days.split(",")) if self.days else ordinary

    @property
    def holds_approval(self) -> bool:
        """Whether its seat is that of an approval; a find, or a structure added to a week, holds the seat itself."""
        return self.origin is Origin.MATCHED and self.stop == 0

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
            site_id=self.slot.offer.site_id,
        )


class PlacementAnswer(Model):
    """One thing said, by whom and how. Nothing is overwritten: the last word of each person counts."""

    __tablename__ = "placement_answer"
    __table_args__ = (CheckConstraint("value <> 'none'", name="says_something"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"), index=True)
    side: Mapped[Side] = mapped_column(choice(Side, "answer_side"))
    value: Mapped[Answer] = mapped_column(choice(Answer, "answer_value"))
    medium: Mapped[Medium] = mapped_column(choice(Medium, "answer_medium"))
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("legal_guardian.id", ondelete="SET NULL"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # who answered or typed, when signed in
    reason: Mapped[str] = mapped_column(
        String(500),
        default="",
        info=personal(
            "trace", "Savoir pourquoi un stage ne se fait pas", seen_by="coordination, établissement", keep=_KEEP
        ),
    )
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    placement: Mapped[Placement] = relationship(back_populates="answers")


class AnswerCode(Model):
    """The code of a printed letter. Only its digest is stored; the letter derives the code from the server's key."""

    __tablename__ = "answer_code"
    __table_args__ = (UniqueConstraint("placement_id", "side"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"))
    side: Mapped[Side] = mapped_column(choice(Side, "code_side"))
    serial: Mapped[str] = mapped_column(String(32))  # drawn at random: what the code is derived from
    digest: Mapped[str] = mapped_column(
        String(64),
        unique=True,
        info=personal(
            "security", "Répondre avec le code de la lettre", seen_by="personne", keep="Jusqu’au début du stage"
        ),
    )

    placement: Mapped[Placement] = relationship()


class Reminder(Model):
    """That a silent side was reminded for the nth time. Unique: no reminder leaves twice, whatever the worker does."""

    __tablename__ = "placement_reminder"
    __table_args__ = (UniqueConstraint("placement_id", "side", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"))
    side: Mapped[Side] = mapped_column(choice(Side, "reminder_side"))
    number: Mapped[int]
    mails: Mapped[int] = mapped_column(default=0)  # 0: nobody on that side has an address
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
