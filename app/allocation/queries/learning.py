"""Reading what people decided as lessons, and the versions of the weights learnt from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.allocation.models import FitFeedback, MatcherWeights, MatchingRun, Motive, PlacementProposal
from app.allocation.states import ProposalState, WeightsState
from app.kernel.database import db
from app.offers.models import Slot
from app.schools.models import SchoolClass, Student


@dataclass(frozen=True, slots=True)
class Judgement:
    """The last word of a coordinator on a student in an offer."""

    student_id: int
    offer_id: int
    approved: bool
    motive: Motive | None


@dataclass(frozen=True, slots=True)
class Fit:
    """What somebody said after the stage, from 1 to 5."""

    student_id: int
    offer_id: int
    fit: int


def decisions_made(campaign_id: int) -> list[Judgement]:
    """Approvals and refusals of the campaign, one a student and offer: the latest."""
    rows = db.session.execute(
        select(
            PlacementProposal.student_id,
            Slot.offer_id,
            PlacementProposal.state,
            PlacementProposal.motive,
        )
        .join(MatchingRun, MatchingRun.id == PlacementProposal.run_id)
        .join(Slot, Slot.id == PlacementProposal.slot_id)
        .where(
            MatchingRun.campaign_id == campaign_id,
            PlacementProposal.state.in_([ProposalState.APPROVED, ProposalState.REFUSED]),
            PlacementProposal.decided_at.is_not(None),
        )
        .order_by(PlacementProposal.decided_at, PlacementProposal.id)
    )
    latest = {
        (student_id, offer_id): Judgement(student_id, offer_id, state is ProposalState.APPROVED, motive)
        for student_id, offer_id, state, motive in rows
    }
    return [latest[key] for key in sorted(latest)]


def feedback_of(campaign_id: int) -> list[Fit]:
    """What was said after the stages of the campaign."""
    rows = db.session.execute(
        select(FitFeedback.student_id, FitFeedback.offer_id, FitFeedback.fit)
        .join(Student, Student.id == FitFeedback.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(SchoolClass.campaign_id == campaign_id)
        .order_by(FitFeedback.student_id, FitFeedback.offer_id, FitFeedback.id)
    )
    return [Fit(student_id, offer_id, fit) for student_id, offer_id, fit in rows]


def feedback_by(student_id: int, offer_id: int, user_id: int | None) -> FitFeedback | None:
    return db.session.scalar(
        select(FitFeedback)
        .where(FitFeedback.student_id == student_id, FitFeedback.offer_id == offer_id, FitFeedback.by_id == user_id)
        .with_for_update()
    )


def weights_in_use(territory_id: int) -> MatcherWeights | None:
    """The version in service; None: the weights written by hand."""
    return db.session.scalar(
        select(MatcherWeights).where(
            MatcherWeights.territory_id == territory_id, MatcherWeights.state == WeightsState.IN_USE
        )
    )


def learnt_weights(territory_id: int) -> Mapping[str, float]:
    """The weights in service by channel; empty: those written by hand."""
    in_use = weights_in_use(territory_id)
    return in_use.weights if in_use else {}


def weights_of(run: MatchingRun) -> Mapping[str, float] | None:
    """The learnt weights that the run used; None: those written by hand."""
    return db.session.scalar(
        select(MatcherWeights.weights).where(
            MatcherWeights.territory_id == run.territory_id, MatcherWeights.version == run.weights_version
        )
    )


def studies(territory_id: int) -> list[MatcherWeights]:
    """Every study of the territory, newest first."""
    return list(
        db.session.scalars(
            select(MatcherWeights)
            .where(MatcherWeights.territory_id == territory_id)
            .options(joinedload(MatcherWeights.released_by))
            .order_by(MatcherWeights.version.desc())
            .limit(30)
        )
    )


def last_study(territory_id: int) -> MatcherWeights | None:
    return next(iter(studies(territory_id)), None)


def study_by_key(request_key: str) -> MatcherWeights | None:
    return db.session.scalar(select(MatcherWeights).where(MatcherWeights.request_key == request_key))


def version_of(territory_id: int, version: int) -> MatcherWeights | None:
    return db.session.scalar(
        select(MatcherWeights).where(MatcherWeights.territory_id == territory_id, MatcherWeights.version == version)
    )


def last_version(territory_id: int) -> int:
    statement = select(func.max(MatcherWeights.version)).where(MatcherWeights.territory_id == territory_id)
    return db.session.scalar(statement) or 0


def unfinished_studies(before: datetime) -> list[MatcherWeights]:
    """The studies begun before that moment which nobody ended."""
    return list(
        db.session.scalars(
            select(MatcherWeights)
            .where(MatcherWeights.state == WeightsState.STUDYING, MatcherWeights.created_at <= before)
            .order_by(MatcherWeights.id)
        )
    )
