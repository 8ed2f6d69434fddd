"""Requests to talk, and the adults whom they reach."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import visible as reach
from app.feedback.models import TalkRequest
from app.feedback.queries.stages import COLUMNS
from app.feedback.states import TalkState
from app.kernel.database import db
from app.kernel.errors import Hidden
from app.offers.models import Slot
from app.placements.models import Placement
from app.schools.models import ClassTeacher, Student


def teachers_of(student: Student) -> list[ClassTeacher]:
    """The teachers of the student's class who have an open account."""
    rows = db.session.scalars(
        select(ClassTeacher)
        .options(joinedload(ClassTeacher.user))
        .where(ClassTeacher.class_id == student.class_id)
        .order_by(ClassTeacher.id)
    )
    return [row for row in rows if row.user.is_active]


def of_stage(placement_id: int) -> TalkRequest | None:
    return db.session.scalar(select(TalkRequest).where(TalkRequest.placement_id == placement_id))


def visible_to(actor: Actor) -> list[TalkRequest]:
    """Requests to talk that the actor may hear, the unheard first."""
    return list(
        db.session.scalars(
            select(TalkRequest)
            .join(TalkRequest.placement)
            .join(Placement.slot)
            .join(Slot.offer)
            .join(Placement.student)
            .join(Student.school_class)
            .options(
                contains_eager(TalkRequest.placement).options(
                    contains_eager(Placement.slot).contains_eager(Slot.offer),
                    contains_eager(Placement.student).contains_eager(Student.school_class),
                )
            )
            .where(reach(actor, Permission.TALK_HEAR, COLUMNS))
            .order_by(TalkRequest.state, TalkRequest.asked_at)
        )
    )


def visible(actor: Actor, placement_id: int) -> TalkRequest:
    """Raises `Hidden` when there is none that the actor may hear."""
    found = next((t for t in visible_to(actor) if t.placement_id == placement_id), None)
    if found is None:
        raise Hidden(_("Cette demande n’existe pas, ou n’est pas pour vous."))
    return found


def unheard(since: datetime) -> list[TalkRequest]:
    """Requests still unheard which were neither made nor recalled after `since`."""
    return list(
        db.session.scalars(
            select(TalkRequest)
            .where(
                TalkRequest.state == TalkState.ASKED,
                func.coalesce(TalkRequest.reminded_at, TalkRequest.asked_at) <= since,
            )
            .order_by(TalkRequest.id)
        )
    )
