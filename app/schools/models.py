"""Schools, classes, students, their guardians, and the staff who look after them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.accounts.models import User
from app.campaigns.models import Campaign, Commune
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.geography import Point
from app.kernel.personal import impersonal, personal

_KEEP = "Un an après le dernier passage"
_SEEN = "professeurs de la classe, direction du collège, coordination"


class StaffRole(StrEnum):
    TEACHER = "teacher"
    HEAD = "head"


class School(Model):
    __tablename__ = "school"
    __table_args__ = (
        UniqueConstraint("territory_id", "uai"),
        CheckConstraint("length(uai) = 8", name="uai_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    commune_id: Mapped[int] = mapped_column(ForeignKey("commune.id"))
    uai: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(160))
    address: Mapped[str] = mapped_column(String(200), default="", info=impersonal())
    postcode: Mapped[str] = mapped_column(String(5))
    lat: Mapped[float]
    lon: Mapped[float]
    is_public: Mapped[bool] = mapped_column(default=True)
    priority_education: Mapped[str] = mapped_column(String(5), default="")  # "", "REP" or "REP+"
    ips: Mapped[float | None]  # the ministry's index of social position, of the school and of nobody in it
    phone: Mapped[str] = mapped_column(String(30), default="", info=impersonal())  # called first in an emergency
    email: Mapped[str] = mapped_column(String(254), default="", info=impersonal())
    board_approval_on: Mapped[date | None]  # the board's vote on the agreement's model; public schools only

    commune: Mapped[Commune] = relationship()
    classes: Mapped[list[SchoolClass]] = relationship(order_by="SchoolClass.name", back_populates="school")

    @property
    def point(self) -> Point:
        return Point(self.lat, self.lon)

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id, school_id=self.id)


class SchoolWeek(Model):
    """A week in which a school sends its students out; the school alone chooses among the campaign's weeks."""

    __tablename__ = "school_week"
    __table_args__ = (UniqueConstraint("school_id", "campaign_id", "monday"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    monday: Mapped[date]

    school: Mapped[School] = relationship()


class SchoolStaff(Model):
    """A member of staff in a school; the same person may work in several."""

    __tablename__ = "school_staff"
    __table_args__ = (UniqueConstraint("school_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    role: Mapped[StaffRole] = mapped_column(choice(StaffRole, "staff_role"))

    school: Mapped[School] = relationship()
    user: Mapped[User] = relationship()


class SchoolClass(Model):
    __tablename__ = "school_class"
    __table_args__ = (
        UniqueConstraint("school_id", "campaign_id", "name"),
        CheckConstraint("level IN ('4e', '3e', '2de')", name="level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    name: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(3))
    code: Mapped[str] = mapped_column(String(12), unique=True)  # typed by students at sign-in; no secret by itself

    school: Mapped[School] = relationship(back_populates="classes")
    campaign: Mapped[Campaign] = relationship()
    teachers: Mapped[list[ClassTeacher]] = relationship(cascade="all, delete-orphan", back_populates="school_class")
    students: Mapped[list[Student]] = relationship(
        order_by="Student.last_name, Student.first_name", back_populates="school_class"
    )

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id, school_id=self.school_id, class_id=self.id)


class ClassTeacher(Model):
    __tablename__ = "class_teacher"
    __table_args__ = (UniqueConstraint("class_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)

    school_class: Mapped[SchoolClass] = relationship(back_populates="teachers")
    user: Mapped[User] = relationship()


class Student(Model):
    __tablename__ = "student"
    __table_args__ = (Index("ix_student_names", "class_id", "last_name", "first_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    first_name: Mapped[str] = mapped_column(
        String(80),
        info=personal(
            "identity",
            "Reconnaître l’élève",
            seen_by=f"{_SEEN}, structure d’accueil après publication",
            keep=_KEEP,
        ),
    )
    last_name: Mapped[str] = mapped_column(
        String(80), info=personal("identity", "Reconnaître l’élève", seen_by=_SEEN, keep=_KEEP)
    )
    birth_date: Mapped[date | None] = mapped_column(
        info=personal("identity", "Vérifier les horaires permis à son âge", seen_by=_SEEN, keep=_KEEP)
    )
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    school_class: Mapped[SchoolClass] = relationship(back_populates="students")
    user: Mapped[User] = relationship()
    guardians: Mapped[list[LegalGuardian]] = relationship(
        order_by="LegalGuardian.id", cascade="all, delete-orphan", back_populates="student"
    )
    family_codes: Mapped[list[FamilyCode]] = relationship(
        order_by="FamilyCode.id", cascade="all, delete-orphan", back_populates="student"
    )

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def scope(self) -> Scope:
        school_class = self.school_class
        return Scope(
            territory_id=self.territory_id,
            school_id=school_class.school_id,
            class_id=self.class_id,
            student_id=self.id,
        )


class LegalGuardian(Model):
    """One of at most two. Acts by a personal link, without an account."""

    __tablename__ = "legal_guardian"

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(
        String(160), info=personal("identity", "Informer la famille", seen_by=_SEEN, keep=_KEEP)
    )
    email: Mapped[str | None] = mapped_column(
        String(254), info=personal("contact", "Informer la famille", seen_by=_SEEN, keep=_KEEP)
    )
    phone: Mapped[str] = mapped_column(
        String(30),
        default="",
        info=personal("contact", "Joindre la famille, envoyer un code de signature", seen_by=_SEEN, keep=_KEEP),
    )
    language: Mapped[str] = mapped_column(
        String(12),
        default="fr",
        info=personal("preferences", "Écrire dans la langue choisie par la famille", seen_by=_SEEN, keep=_KEEP),
    )
    link_epoch: Mapped[int] = mapped_column(default=0)

    student: Mapped[Student] = relationship(back_populates="guardians")

    @property
    def scope(self) -> Scope:
        return self.student.scope


class FamilyCode(Model):
    """What a slip of paper opens: the page of one guardian, or of the family while the school knows no guardian.

    Only a digest is stored; the slip derives the code from the serial and the server's key (`accounts.derived`).
    """

    __tablename__ = "family_code"
    __table_args__ = (
        Index(
            "uq_family_code_without_guardian",
            "student_id",
            unique=True,
            sqlite_where=text("guardian_id IS NULL"),
            postgresql_where=text("guardian_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), index=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("legal_guardian.id", ondelete="CASCADE"), unique=True)
    serial: Mapped[str] = mapped_column(String(32))  # drawn at random; the personal link carries its beginning
    digest: Mapped[str] = mapped_column(
        String(64),
        unique=True,
        info=personal("security", "Ouvrir la page de la famille", seen_by="personne", keep="La campagne"),
    )
    language: Mapped[str] = mapped_column(
        String(12),
        default="fr",
        info=personal("preferences", "Écrire dans la langue choisie par la famille", seen_by=_SEEN, keep="La campagne"),
    )

    student: Mapped[Student] = relationship(back_populates="family_codes")
    guardian: Mapped[LegalGuardian | None] = relationship()


class RosterImport(Model):
    """A class list dropped and not confirmed yet. Its content is forgotten with the decision, or the day after."""

    __tablename__ = "roster_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    roster: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True),
        info=personal("school", "Montrer la liste avant de l’enregistrer", seen_by="qui l’a déposée", keep="Un jour"),
    )
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now, index=True)
    applied_at: Mapped[datetime | None] = mapped_column(Moment)

    school: Mapped[School] = relationship()
    campaign: Mapped[Campaign] = relationship()

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id, school_id=self.school_id)
