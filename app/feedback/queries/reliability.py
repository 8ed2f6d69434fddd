"""The records of structures. For who holds RELIABILITY_VIEW: coordinators, and nobody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.feedback.models import TutorFeedback
from app.feedback.reliability import Promise, Record
from app.hosts.models import HostOrganization
from app.kernel.database import db
from app.offers.models import PlacementOffer, Slot
from app.placements.models import Placement, PlacementAnswer
from app.placements.states import Answer, Side

_COLUMNS = ScopeColumns(territory=HostOrganization.territory_id, organization=HostOrganization.id)


def records(actor: Actor, organization_ids: Collection[int] | None = None) -> list[Record]:
    """The record of each structure that was told of a student, the most worrying first, in two statements.

    `organization_ids` narrows it; empty for an actor who may not know.
    """
    reach = visible(actor, Permission.RELIABILITY_VIEW, _COLUMNS)
    if organization_ids is not None:
        reach = reach & HostOrganization.id.in_(organization_ids)
    answers = _answers(reach)
    statement = (
        select(
            HostOrganization.id,
            HostOrganization.name,
            Placement.id,
            Placement.state,
            Placement.published_at,
            TutorFeedback.again,
        )
        .join(PlacementOffer, PlacementOffer.organization_id == HostOrganization.id)
        .join(Slot, Slot.offer_id == PlacementOffer.id)
        .join(Placement, Placement.slot_id == Slot.id)
        .outerjoin(TutorFeedback, TutorFeedback.placement_id == Placement.id)
        .where(reach)
    )
    promises: dict[tuple[int, str], list[Promise]] = defaultdict(list)
    for number, name, placement_id, state, asked_at, again in db.session.execute(statement):
        promises[number, name].append(Promise(state, asked_at, tuple(answers[placement_id]), again))
    found = [Record(number, name, tuple(each)) for (number, name), each in promises.items()]
    return sorted(found, key=lambda record: record.worry)


def _answers(reach: ColumnElement[bool]) -> defaultdict[int, list[tuple[Answer, datetime]]]:
    """What structures said, by placement, in order."""
    statement = (
        select(PlacementAnswer.placement_id, PlacementAnswer.value, PlacementAnswer.at)
        .join(PlacementAnswer.placement)
        .join(Placement.slot)
        .join(Slot.offer)
        .join(PlacementOffer.organization)
        .where(PlacementAnswer.side == Side.HOST, reach)
        .order_by(PlacementAnswer.id)
    )
    found: defaultdict[int, list[tuple[Answer, datetime]]] = defaultdict(list)
    for placement_id, value, at in db.session.execute(statement):
        found[placement_id].append((value, at))
    return found
