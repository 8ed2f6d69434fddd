"""A world in its week of stage, for the tests of what happens then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.agreements.services import preparing
from app.agreements.states import AgreementState
from app.allocation import services as allocation
from app.kernel import clock
from app.kernel.clock import PARIS
from app.kernel.database import db, transaction
from app.messaging.models import OutboxMessage
from app.placements import services
from app.placements.models import Placement
from app.placements.states import PlacementState
from app.schools.models import School
from tests.world import Land, World

MONDAY = datetime(2027, 1, 25, 9, 20, tzinfo=PARIS)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with time_machine.travel(moment, tick=True):
        yield


def publish(land: Land, *indexes: int) -> None:
    for index in indexes:
        allocation.approve(land.proposal_ids[index], by=land.actor(Role.COORDINATOR))
    services.publish(land.campaign_id, by=land.actor(Role.COORDINATOR))


def placement_of(land: Land, index: int = 0) -> Placement:
    """The last placement of the student."""
    return db.session.scalars(
        select(Placement).where(Placement.student_id == land.student_ids[index]).order_by(Placement.id.desc())
    ).first()  # type: ignore[return-value]  # the test that calls it has made one


def confirm(land: Land, *indexes: int) -> None:
    with transaction():
        for index in indexes:
            placement_of(land, index).state = PlacementState.CONFIRMED
        db.session.get_one(School, land.school_id).phone = "03 21 00 00 01"


def sign(land: Land, index: int = 0) -> None:
    """Everybody has signed an agreement for this student's stage."""
    agreement = preparing.prepare(placement_of(land, index), by=land.actor(Role.TEACHER))
    with transaction():
        agreement.content_digest, agreement.state, agreement.signed_at = "0" * 64, AgreementState.SIGNED, clock.now()


def ready(app: Flask, world: World) -> World:
    """Lina is confirmed for the week of 25 January, Enzo still awaited for the next one."""
    with app.app_context():
        publish(world.here, 0, 1)
        confirm(world.here, 0)
        db.session.remove()
    return world


def mails(kind: str) -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))
