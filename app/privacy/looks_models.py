"""Who of the staff looked at whose file: one row a person, a student, a kind of page and a day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.access.policy import Role
from app.accounts.models import User
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.privacy.looks_rules import Page
from app.schools.models import Student

_TRACE = personal(
    "trace",
    "Savoir qui a regardé le dossier d’un élève",
    seen_by="direction du collège, coordination ; l’élève et sa famille, en nombre",
    keep="Un an",
)


class StudentLook(Model):
    """`viewer` is the account (« user:12 ») or the structure that holds a personal link (« host:3 »)."""

    __tablename__ = "student_look"
    __table_args__ = (
        UniqueConstraint("student_id", "viewer", "page", "day"),
        Index("ix_student_look_day", "territory_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), index=True, info=_TRACE)
    viewer: Mapped[str] = mapped_column(String(40), info=_TRACE)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True, info=_TRACE)
    role: Mapped[Role] = mapped_column(choice(Role, "looking_role"))
    page: Mapped[Page] = mapped_column(choice(Page, "looked_page"))
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now)  # the first time that day

    student: Mapped[Student] = relationship()
    user: Mapped[User | None] = relationship()

    @property
    def scope(self) -> Scope:
        return self.student.scope
