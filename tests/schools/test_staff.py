"""Staff of several schools: one account, one membership a school, what each sees, who helps whom. On both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.policy import Permission, Role
from app.accounts.models import User
from app.audit.models import JournalEntry
from app.features import actor_of
from app.kernel.database import db
from app.kernel.errors import Forbidden, Invalid
from app.messaging.models import OutboxMessage
from app.schools import queries, services
from app.schools.models import School, SchoolClass, SchoolStaff, StaffRole
from tests.world import Land, World, add

pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def request_context(app: Flask, world: World) -> Iterator[None]:
    with app.test_request_context():
        yield


def school(land: Land) -> School:
    return db.session.get_one(School, land.school_id)


def second_school(land: Land) -> School:
    """Another school of the territory, with a class of the campaign."""
    first = school(land)
    other = School(
        territory_id=land.territory_id,
        commune_id=first.commune_id,
        uai="0620001A",
        name="Collège Jean Macé",
        postcode="62110",
        lat=first.lat,
        lon=first.lon,
    )
    add(other)
    add(
        SchoolClass(
            territory_id=land.territory_id,
            school_id=other.id,
            campaign_id=land.campaign_id,
            name="3B",
            level="3e",
            code=f"MACE{land.territory_id}",
        )
    )
    db.session.commit()
    return other


def user(land: Land, role: Role) -> User:
    return db.session.get_one(User, land.users[role])


def mails(kind: str) -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.to_email).where(OutboxMessage.kind == kind)))


def test_an_address_known_in_one_school_gains_another_and_is_told(world: World) -> None:
    teacher, other = user(world.here, Role.TEACHER), second_school(world.here)
    by = world.here.actor(Role.COORDINATOR)
    for _twice in range(2):
        member = services.invite_staff(other, (teacher.email or "").upper(), "Autre nom", StaffRole.TEACHER, by=by)
    assert member.user_id == teacher.id
    assert actor_of(teacher).school_ids == {world.here.school_id, other.id}
    assert mails("staff_added") == [teacher.email]
    assert mails("invitation") == []


def test_a_head_of_two_schools_reaches_the_students_of_both(world: World) -> None:
    head, other = user(world.here, Role.HEAD), second_school(world.here)
    taught = db.session.scalars(select(SchoolClass).where(SchoolClass.school_id == other.id)).one()
    assert not actor_of(head).can(Permission.CLASS_VIEW, taught)
    services.invite_staff(other, head.email or "", "", StaffRole.HEAD, by=world.here.actor(Role.COORDINATOR))
    actor = actor_of(head)
    assert actor.can(Permission.CLASS_VIEW, taught)
    listed = db.session.scalars(queries.classes_visible_to(actor)).all()
    assert {c.school_id for c in listed} == {world.here.school_id, other.id}


def test_leaving_one_school_keeps_the_other(world: World) -> None:
    teacher, other = user(world.here, Role.TEACHER), second_school(world.here)
    by = world.here.actor(Role.COORDINATOR)
    services.invite_staff(other, teacher.email or "", "", StaffRole.TEACHER, by=by)
    services.remove_staff(school(world.here), teacher.id, by=by)
    actor = actor_of(teacher)
    assert actor.school_ids == {other.id}
    assert actor.class_ids == frozenset()
    assert teacher.is_active


def test_a_role_changes_only_once_no_school_knows_the_former(world: World) -> None:
    teacher, other = user(world.here, Role.TEACHER), second_school(world.here)
    by = world.here.actor(Role.COORDINATOR)
    with pytest.raises(Invalid) as refusal:
        services.invite_staff(other, teacher.email or "", "", StaffRole.HEAD, by=by)
    assert list(refusal.value.fields) == ["email"]
    services.remove_staff(school(world.here), teacher.id, by=by)
    epoch = teacher.session_epoch
    services.invite_staff(other, teacher.email or "", "", StaffRole.HEAD, by=by)
    assert teacher.role is Role.HEAD
    assert teacher.session_epoch == epoch + 1
    assert "account.change_role" in db.session.scalars(select(JournalEntry.action)).all()


def test_a_hosts_address_does_not_become_staff(world: World) -> None:
    with pytest.raises(Invalid):
        services.invite_staff(
            school(world.here),
            user(world.here, Role.HOST).email or "",
            "",
            StaffRole.TEACHER,
            by=world.here.actor(Role.COORDINATOR),
        )


def member(school_id: int, user_id: int) -> SchoolStaff:
    found = queries.membership(school_id, user_id)
    assert found is not None
    return found


def test_who_helps_whom(world: World) -> None:
    here, other = school(world.here), second_school(world.here)
    by = world.here.actor(Role.COORDINATOR)
    colleague = services.invite_staff(here, "nadia@college.example", "Nadia Kaci", StaffRole.TEACHER, by=by)
    roaming = services.invite_staff(here, "lou@college.example", "Lou Petit", StaffRole.TEACHER, by=by)
    services.invite_staff(other, "lou@college.example", "Lou Petit", StaffRole.TEACHER, by=by)
    head = member(here.id, world.here.users[Role.HEAD])
    teacher = member(here.id, world.here.users[Role.TEACHER])
    # helper → (may help, may hand over) for: a colleague, a teacher of two schools, the head, oneself or the teacher
    expected = {
        Role.COORDINATOR: [(True, True), (True, True), (True, True), (True, True)],
        Role.HEAD: [(True, True), (True, False), (False, False), (True, True)],
        Role.TEACHER: [(True, False), (True, False), (False, False), (False, False)],
    }
    for role, answers in expected.items():
        actor = world.here.actor(role)
        found = [
            (services.may_help(m, by=actor), services.may_hand_over(m, by=actor))
            for m in (colleague, roaming, head, teacher)
        ]
        assert found == answers, role
    for stranger in (world.there.actor(Role.HEAD), world.there.actor(Role.COORDINATOR), world.here.actor(Role.HOST)):
        assert not services.may_help(teacher, by=stranger)
        with pytest.raises(Forbidden):
            services.demand_help(teacher, by=stranger)
