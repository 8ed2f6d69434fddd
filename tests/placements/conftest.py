from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.accounts.models import User
from app.allocation import services as allocation
from app.hosts.models import HostOrganization
from app.kernel import clock
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.offers.models import PlacementOffer
from app.placements import links, services
from app.placements.models import Placement
from app.placements.states import PlacementState
from app.schools.models import LegalGuardian, Student
from tests.allocation.conftest import deciding, set_phase
from tests.world import Land, World, add

__all__ = ["Told", "deciding", "kinds", "placement_of", "publish", "set_phase", "told"]

HOST_EMAIL = "host1@passerelle.example"


@dataclass
class Told:
    """A published placement of Lina, and the links that its people received."""

    world: World
    placement_id: int
    host_token: str
    family_token: str

    @property
    def land(self) -> Land:
        return self.world.here


def publish(land: Land, *indexes: int) -> list[int]:
    """Approve and publish these proposals; the placements, in the same order."""
    coordinator = land.actor(Role.COORDINATOR)
    for index in indexes:
        allocation.approve(land.proposal_ids[index], by=coordinator)
    services.publish(land.campaign_id, by=coordinator)
    return [placement_of(land.student_ids[index]).id for index in indexes]


def placement_of(student_id: int) -> Placement:
    """The student's last placement."""
    db.session.expire_all()
    found = db.session.scalars(
        select(Placement).where(Placement.student_id == student_id).order_by(Placement.id.desc())
    ).first()
    assert found is not None
    return found


def kinds() -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def second_guardian(land: Land) -> int:
    """The other parent, who has another address."""
    guardian = LegalGuardian(student_id=land.student_id, name="Piotr Wojcik", email="piotr@mail.example")
    db.session.add(guardian)
    db.session.commit()
    return guardian.id


def tokens(land: Land) -> tuple[str, str]:
    """The structure's link and the family's."""
    offer = db.session.get_one(PlacementOffer, land.offer_id)
    member = db.session.get_one(HostOrganization, land.organization_id).members[0]
    return (
        links.host_token(offer, member.user.email or ""),
        links.token_for(db.session.get_one(LegalGuardian, land.guardian_id)),
    )


@pytest.fixture
def told(app: Flask, deciding: World) -> Told:
    with app.app_context():
        [placement_id] = publish(deciding.here, 0)
        host_token, family_token = tokens(deciding.here)
        db.session.remove()
    return Told(deciding, placement_id, host_token, family_token)


def crowd(land: Land, number: int) -> None:
    """So many more students, each with a family of two: half silent for two weeks, half declined by the structure."""
    for index in range(number):
        user = User(territory_id=land.territory_id, role=Role.STUDENT, display_name="Nadia")
        add(user)
        student = Student(
            territory_id=land.territory_id,
            class_id=land.class_id,
            user_id=user.id,
            first_name="Nadia",
            last_name=f"Lemaire {user.id}",
        )
        student.guardians = [LegalGuardian(name=f"Parent {n}", phone="06 11 22 33 44") for n in range(2)]
        add(student)
        add(
            Placement(
                territory_id=land.territory_id,
                campaign_id=land.campaign_id,
                student_id=student.id,
                slot_id=land.slot_ids[index % 2],
                state=PlacementState.AWAITING if index % 2 else PlacementState.DECLINED,
                published_at=clock.now() - timedelta(days=14),
            )
        )
    db.session.commit()
