"""What is said after a stage, a request to talk, certificates; and, apart, what a student writes for themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.access.actor import Scope
from app.agreements.models import StoredDocument
from app.feedback.rules import Again, Recommend, Skill
from app.feedback.states import TalkState
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.placements.models import Placement

_YEAR = "Un an après la fin de l’année scolaire"
_DIARY = "Un mois après la fin de l’année scolaire, ou dès que l’élève l’efface"
_STAFF = "professeurs de la classe, direction du collège, coordination"


class OfPlacement:
    """What belongs to one placement, and stands where it stands."""

    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"), unique=True)

    @declared_attr
    def placement(self) -> Mapped[Placement]:
        return relationship()

    @property
    def scope(self) -> Scope:
        return self.placement.scope


class StudentFeedback(OfPlacement, Model):
    __tablename__ = "student_feedback"
    __table_args__ = (CheckConstraint("fit BETWEEN 1 AND 5", name="fit"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fit: Mapped[int] = mapped_column(
        info=personal("evaluation", "Mieux proposer des stages l’an prochain", seen_by=_STAFF, keep=_YEAR)
    )
    # Keys of `rules.THINGS`, or « job:K1301 » for an occupation of the offer.
    discovered: Mapped[list[str]] = mapped_column(
        JSON,
        default=list,
        info=personal("school", "Savoir ce que le stage fait découvrir", seen_by=_STAFF, keep=_YEAR),
    )
    words: Mapped[str] = mapped_column(
        String(300),
        default="",
        info=personal("school", "Dire avec ses mots ce que l’on retient", seen_by=_STAFF, keep=_YEAR),
    )
    recommend: Mapped[Recommend] = mapped_column(
        choice(Recommend, "recommend"),
        info=personal("evaluation", "Mieux choisir les structures", seen_by=_STAFF, keep=_YEAR),
    )
    given_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)


class TalkRequest(OfPlacement, Model):
    """The student agreed that teachers and coordinators know of the wish to talk; nothing of what about."""

    __tablename__ = "talk_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[TalkState] = mapped_column(
        choice(TalkState, "talk_state"),
        default=TalkState.ASKED,
        info=personal(
            "trace",
            "Qu’un adulte écoute l’élève qui le demande",
            seen_by="professeurs de la classe, coordination",
            keep=_YEAR,
        ),
    )
    asked_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    heard_at: Mapped[datetime | None] = mapped_column(Moment)
    heard_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


_SKILL = personal(
    "evaluation",
    "Dire à l’élève ce que son tuteur a vu",
    seen_by=f"l’élève, structure d’accueil, {_STAFF}",
    keep=_YEAR,
)


class TutorFeedback(OfPlacement, Model):
    """Four skills, each seen a little (1), often (2), nearly always (3), or not seen (null). No mark."""

    __tablename__ = "tutor_feedback"
    __table_args__ = tuple(CheckConstraint(f"{skill} BETWEEN 1 AND 3", name=f"{skill}_level") for skill in Skill)

    id: Mapped[int] = mapped_column(primary_key=True)
    observe: Mapped[int | None] = mapped_column(info=_SKILL)
    communicate: Mapped[int | None] = mapped_column(info=_SKILL)
    understand: Mapped[int | None] = mapped_column(info=_SKILL)
    engage: Mapped[int | None] = mapped_column(info=_SKILL)
    encouragement: Mapped[str] = mapped_column(String(300), default="", info=_SKILL)
    again: Mapped[Again] = mapped_column(choice(Again, "host_again"))
    why: Mapped[str] = mapped_column(
        String(300),
        default="",
        info=personal("trace", "Savoir ce qui aiderait à accueillir encore", seen_by="coordination", keep=_YEAR),
    )
    given_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    @property
    def skills(self) -> dict[Skill, int | None]:
        return {skill: getattr(self, skill.value) for skill in Skill}


class FeedbackRequest(Model):
    """The tutor of this stage was asked, once."""

    __tablename__ = "feedback_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)


_ATTESTED = personal(
    "school",
    "Attester le stage",
    seen_by=f"l’élève, sa famille, structure d’accueil, {_STAFF}",
    keep="Cinq ans, pour refaire une attestation perdue",
)


class Certificate(OfPlacement, Model):
    """An `attestation de stage`: what it says, and the file. Issued again, it replaces the one before."""

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    issued_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    content: Mapped[dict[str, Any]] = mapped_column(JSON, info=_ATTESTED)
    content_digest: Mapped[str] = mapped_column(String(64))
    document_id: Mapped[int] = mapped_column(ForeignKey("stored_document.id"))

    document: Mapped[StoredDocument] = relationship()


_SECRET = personal("school", "Écrire pour soi pendant son stage", seen_by="l’élève seul", keep=_DIARY)


class DiaryPage(Model):
    """One day of a student's diary, sealed (see `sealing.py`). Day 0 is the eve: the questions one wants to ask."""

    __tablename__ = "diary_page"
    __table_args__ = (UniqueConstraint("student_id", "placement_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), index=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=_SECRET)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)


class Report(Model):
    """The booklet which a student writes about the stage, sealed like the diary: only its author takes it out."""

    __tablename__ = "stage_report"
    __table_args__ = (UniqueConstraint("student_id", "placement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), index=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary, info=_SECRET)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
