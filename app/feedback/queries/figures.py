"""Answers counted together. No name, and no placement, leaves this file."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, select

from app.feedback.models import StudentFeedback, TutorFeedback
from app.feedback.rules import Again
from app.feedback.summary import Answers
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement


def of_organizations(organization_ids: Collection[int]) -> Answers:
    """What the students of these structures said, over the years."""
    return _answers(PlacementOffer.organization_id.in_(sorted(organization_ids)))


def of_campaign(campaign_id: int) -> Answers:
    return _answers(Placement.campaign_id == campaign_id)


def again_of_campaign(campaign_id: int) -> list[Again]:
    """What each tutor said of hosting again."""
    return list(
        db.session.scalars(
            select(TutorFeedback.again).join(TutorFeedback.placement).where(Placement.campaign_id == campaign_id)
        )
    )


def _answers(where: ColumnElement[bool]) -> Answers:
    rows = db.session.execute(
        select(StudentFeedback.fit, StudentFeedback.recommend, StudentFeedback.discovered)
        .join(StudentFeedback.placement)
        .join(Placement.slot)
        .join(Slot.offer)
        .where(where)
    ).all()
    return Answers(
        fits=tuple(row.fit for row in rows),
        recommends=tuple(row.recommend for row in rows),
        discovered=tuple(tuple(row.discovered) for row in rows),
    )
