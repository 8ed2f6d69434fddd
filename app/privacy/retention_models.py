"""What will be forgotten and when, what was, and which files are held back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.accounts.models import User
from app.kernel import clock
from app.kernel.database import Model, Moment
from app.kernel.personal import personal
from app.schools.models import Student


class RetentionNotice(Model):
    """The coordination was told that, on this day, what a rule makes due is forgotten."""

    __tablename__ = "retention_notice"
    __table_args__ = (UniqueConstraint("territory_id", "rule", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # table → rows, when it was announced
    announced_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    done_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)


class RetentionRun(Model):
    """The proof of one forgetting: rule and its version, counts, and a digest over the numbers of the rows.

    `place` is « site » or « territory:1 ». Grows with each batch, in the transaction of the batch: a run that was
    killed goes on where it stopped, and counts nothing twice.
    """

    __tablename__ = "retention_run"
    __table_args__ = (UniqueConstraint("place", "rule", "cutoff"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    place: Mapped[str] = mapped_column(String(30))
    rule: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    cutoff: Mapped[date]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # table → rows forgotten
    refused: Mapped[list[int]] = mapped_column(JSON, default=list)  # numbers that a room refused to forget yet
    held: Mapped[int] = mapped_column(default=0)  # files that somebody holds back
    digest: Mapped[str] = mapped_column(String(64), default="")
    started_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(Moment, index=True)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)


class RetentionPass(Model):
    """One look at all the rules, once a day."""

    __tablename__ = "retention_pass"

    day: Mapped[date] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class RetentionHold(Model):
    """A file which is not forgotten yet, for a reason (a dispute), until a day: a student's, or an adult's account."""

    __tablename__ = "retention_hold"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="has_reason"),
        CheckConstraint("(student_id IS NULL) <> (user_id IS NULL)", name="about_one"),
        Index("ix_retention_hold_open", "territory_id", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(
        String(500),
        info=personal(
            "trace",
            "Savoir pourquoi un dossier est gardé plus longtemps",
            seen_by="coordination",
            keep="Un an après la fin",
        ),
    )
    until: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)

    student: Mapped[Student | None] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])

    @property
    def name(self) -> str:
        """Whose file it is."""
        if self.student is not None:
            return self.student.full_name
        return self.user.display_name if self.user is not None else ""

    @property
    def scope(self) -> Scope:
        return self.student.scope if self.student is not None else Scope(territory_id=self.territory_id)
