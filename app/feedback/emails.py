"""Messages of the end of a stage: one to who looked after the students, and a request to talk."""

from __future__ import annotations

from collections.abc import Sequence

from app.accounts.models import User
from app.feedback import links
from app.feedback.models import TalkRequest
from app.messaging import rendering
from app.messaging.rules import Message
from app.placements.models import Placement


def tutor(stages: Sequence[Placement], address: str, name: str) -> Message:
    """To a tutor: sixty seconds on the students of one week, by a personal link to the first of them."""
    first = stages[0]
    return rendering.build(
        "feedback_tutor",
        to_email=address,
        to_name=name,
        dedupe_key=f"feedback_tutor:{first.id}:{links.mark_of(address)}",
        territory_id=first.territory_id,
        stages=stages,
        url=rendering.page_url("feedback.tutor", token=links.token_for(first.id, address)),
    )


def talk(request: TalkRequest, adult: User, *, key: str, recalled: bool) -> Message:
    """To an adult whom the student agreed to tell: who wishes to talk, and nothing of what about."""
    return rendering.build(
        "feedback_talk",
        to_email=adult.email or "",
        to_name=adult.display_name,
        dedupe_key=f"feedback_talk:{request.id}:{adult.id}:{key}",
        territory_id=request.territory_id,
        student=request.placement.student,
        recalled=recalled,
        url=rendering.page_url("feedback.talks"),
    )
