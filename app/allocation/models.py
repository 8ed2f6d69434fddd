"""Matching runs, what they propose, what people decide, and what the matcher learnt from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.accounts.models import User
from app.allocation.states import ProposalState, RunState, WeightsState
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.offers.models import PlacementOffer, Slot
from app.schools.models import Student

_KEEP = "Trois mois après la fin de l’année scolaire"
_WHY = personal(
    "evaluation", "Expliquer la proposition", seen_by="l’élève, ses professeurs, la coordination", keep=_KEEP
)

_FIT = personal(
    "evaluation",
    "Améliorer les prochains calculs",
    seen_by="coordination, sous forme de chiffres",
    keep="Trois mois après la fin de l’année scolaire",
)


class RulingKind(StrEnum):
    PIN = "pin"
    FORBID = "forbid"


class Motive(StrEnum):
    """Why a proposal is refused, as far as learning is concerned; the sentence beside it is for people."""

    INTEREST = "interest"
    CONDITIONS = "conditions"
    PUPIL_SAYS_NO = "pupil_says_no"
    DISTANCE = "distance"
    DATES = "dates"
    HOST = "host"
    OTHER = "other"


class MatchingRun(Model):
    """One calculation, with everything needed to replay it."""

    __tablename__ = "matching_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("matching_run.id"))
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    request_key: Mapped[str] = mapped_column(String(64), unique=True)  # a form sent twice starts one run
    state: Mapped[RunState] = mapped_column(choice(RunState, "run_state"), default=RunState.QUEUED, index=True)
    seed: Mapped[int]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    weights_version: Mapped[int] = mapped_column(default=0)  # 0: the weights written by hand
    input_digest: Mapped[str] = mapped_column(String(64), default="")
    code_version: Mapped[str] = mapped_column(String(80), default="")
    stage: Mapped[str] = mapped_column(String(40), default="")
    progress: Mapped[int] = mapped_column(default=0)  # percent
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    claim: Mapped[int] = mapped_column(default=0)  # grows at each claim: a worker which lost its claim sees it
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)  # also the worker's last sign of life
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    campaign: Mapped[Campaign] = relationship()
    proposals: Mapped[list[PlacementProposal]] = relationship(back_populates="run")
    unplaced: Mapped[list[UnplacedStudent]] = relationship(back_populates="run")

    def figure(self, name: str) -> int:
        """A whole number of the report; 0 where an older run does not have it."""
        return int(self.report.get(name) or 0)

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)


class RunRecord(Model):
    """What a run looked at and found, compressed: students by number, their candidate places, the solution. No text."""

    __tablename__ = "run_record"

    run_id: Mapped[int] = mapped_column(ForeignKey("matching_run.id", ondelete="CASCADE"), primary_key=True)
    market: Mapped[bytes] = mapped_column(LargeBinary, info=_WHY)
    solution: Mapped[bytes] = mapped_column(LargeBinary, info=_WHY)


class PlacementProposal(Model):
    __tablename__ = "placement_proposal"
    __table_args__ = (
        UniqueConstraint("run_id", "student_id", "slot_id"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("matching_run.id", ondelete="CASCADE"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    score: Mapped[float] = mapped_column(info=_WHY)
    wish_rank: Mapped[int | None] = mapped_column(info=_WHY)
    distance_km: Mapped[float | None] = mapped_column(info=_WHY)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, info=_WHY)  # codes and values
    state: Mapped[ProposalState] = mapped_column(
        choice(ProposalState, "proposal_state"), default=ProposalState.PROPOSED, index=True
    )
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decision_reason: Mapped[str] = mapped_column(Text, default="", info=_WHY)
    motive: Mapped[Motive | None] = mapped_column(choice(Motive, "refusal_motive"))

    decided_by: Mapped[User | None] = relationship()
    run: Mapped[MatchingRun] = relationship(back_populates="proposals")
    student: Mapped[Student] = relationship()
    slot: Mapped[Slot] = relationship()

    @property
    def scope(self) -> Scope:
        return self.student.scope


class UnplacedStudent(Model):
    """A student whom the run could not place: the code says why, the figures how many offers each filter removed."""

    __tablename__ = "unplaced_student"
    __table_args__ = (UniqueConstraint("run_id", "student_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("matching_run.id", ondelete="CASCADE"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), index=True)
    code: Mapped[str] = mapped_column(String(40), info=_WHY)
    figures: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, info=_WHY)
    rule: Mapped[str] = mapped_column(String(60), default="")  # the tier that decided against this student

    run: Mapped[MatchingRun] = relationship(back_populates="unplaced")
    student: Mapped[Student] = relationship()


class Approval(Model):
    """A student's approved place: at most one a student, and it holds one seat of its slot."""

    __tablename__ = "approval"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), unique=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("placement_proposal.id"), unique=True)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(Moment)  # told to people: no longer undone from here

    student: Mapped[Student] = relationship()
    slot: Mapped[Slot] = relationship()
    proposal: Mapped[PlacementProposal] = relationship()
    approved_by: Mapped[User | None] = relationship()

    @property
    def scope(self) -> Scope:
        return self.student.scope


class Ruling(Model):
    """A pin (this student, this slot) or a prohibition, which every later run of the campaign obeys."""

    __tablename__ = "ruling"
    __table_args__ = (UniqueConstraint("student_id", "slot_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    kind: Mapped[RulingKind] = mapped_column(choice(RulingKind, "ruling_kind"))
    reason: Mapped[str] = mapped_column(String(500), default="", info=_WHY)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    student: Mapped[Student] = relationship()
    slot: Mapped[Slot] = relationship()

    @property
    def scope(self) -> Scope:
        return self.student.scope


class MatcherWeights(Model):
    """One version of the matcher's weights for a territory, with the study that proposed it. Version 0 has no row."""

    __tablename__ = "matcher_weights"
    __table_args__ = (
        UniqueConstraint("territory_id", "version"),
        Index(
            "uq_matcher_weights_in_use",
            "territory_id",
            unique=True,
            sqlite_where=text("state = 'in_use'"),
            postgresql_where=text("state = 'in_use'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    version: Mapped[int]
    request_key: Mapped[str] = mapped_column(String(64), unique=True)  # a form sent twice starts one study
    state: Mapped[WeightsState] = mapped_column(choice(WeightsState, "weights_state"), default=WeightsState.STUDYING)
    weights: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)  # channel → weight
    lesson: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # code, figures before and after, counts
    progress: Mapped[int] = mapped_column(default=0)  # percent
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    campaign: Mapped[Campaign] = relationship()
    released_by: Mapped[User | None] = relationship(foreign_keys=[released_by_id])

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)


class FitFeedback(Model):
    """After the stage: how well the place suited the student, from 1 to 5, as one person sees it."""

    __tablename__ = "fit_feedback"
    __table_args__ = (
        UniqueConstraint("student_id", "offer_id", "by_id"),
        CheckConstraint("fit BETWEEN 1 AND 5", name="fit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("placement_offer.id"), index=True)
    fit: Mapped[int] = mapped_column(info=_FIT)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    student: Mapped[Student] = relationship()
    offer: Mapped[PlacementOffer] = relationship()

    @property
    def scope(self) -> Scope:
        return replace(self.student.scope, organization_id=self.offer.organization_id, site_id=self.offer.site_id)
