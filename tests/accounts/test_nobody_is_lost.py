"""Whoever loses every way in gets one back from somebody nearby: walked for each role, and in the journal."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.accounts import second_factor, totp
from app.accounts.models import User
from app.accounts.rules import must_have_second_factor
from app.audit.models import JournalEntry
from app.hosts.models import HostMember
from app.kernel.database import db
from app.schools.models import FamilyCode, Student
from tests.cli.test_commands import call
from tests.world import Land, World

# Who lost it → (who helps, the page where they do it, what the journal says).
NEARBY: dict[Role, tuple[Role | None, Callable[[Land], str], str]] = {
    Role.STUDENT: (Role.TEACHER, lambda land: f"/eleves/{land.student_id}/carte", "student.reissue_card"),
    Role.GUARDIAN: (
        Role.TEACHER,
        lambda land: f"/eleves/{land.student_id}/feuillets/nouveaux-codes",
        "family.renew_slips",
    ),
    Role.TEACHER: (Role.HEAD, lambda land: _of_school(land, Role.TEACHER), "account.hand_link"),
    Role.HEAD: (Role.COORDINATOR, lambda land: _of_school(land, Role.HEAD), "account.hand_link"),
    Role.HOST: (Role.COORDINATOR, lambda land: _of_team(land), "account.hand_link"),
    Role.OBSERVER: (Role.COORDINATOR, lambda land: _of_territory(land, Role.OBSERVER), "account.hand_link"),
    Role.COORDINATOR: (Role.ADMIN, lambda land: _of_territory(land, Role.COORDINATOR), "account.hand_link"),
    Role.ADMIN: (None, lambda _land: "admin@passerelle.example", "account.hand_link"),
}


def _of_school(land: Land, role: Role) -> str:
    return f"/colleges/{land.school_id}/equipe/{land.users[role]}/acces"


def _of_team(land: Land) -> str:
    member = db.session.scalars(select(HostMember.id).where(HostMember.user_id == land.users[Role.HOST])).one()
    return f"/structures/{land.organization_id}/equipe/{member}/acces"


def _of_territory(land: Land, role: Role) -> str:
    return f"/territoires/{land.territory_id}/equipe/{land.users[role]}/acces"


@pytest.fixture(autouse=True)
def _no_forgery_asked(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def _account(world: World, role: Role) -> int:
    if role is Role.STUDENT:
        return db.session.get_one(Student, world.here.student_id).user_id
    return world.admin_id if role is Role.ADMIN else world.here.users[role]


def test_everybody_has_somebody() -> None:
    assert set(NEARBY) == set(Role)
    for lost, (helper, _where, _word) in NEARBY.items():
        assert helper is not lost


def _helped(app: Flask, world: World, role: Role) -> str:
    """What the helper's page or command answers."""
    helper, where, _word = NEARBY[role]
    with app.app_context():
        place = where(world.here)
        db.session.remove()
    if helper is None:
        done = call(app, "accounts", "open", place)
        assert done.exit_code == 0, done.output
        return done.output
    answer = world.sign_in(app.test_client(), helper).post(place, data={"way": "hand"})
    assert answer.status_code in {200, 303}, answer.text
    return answer.text


@pytest.mark.parametrize("role", NEARBY)
def test_it_is_written_in_the_journal(app: Flask, world: World, role: Role) -> None:
    helper, _where, word = NEARBY[role]
    _helped(app, world, role)
    with app.app_context():
        line = db.session.scalars(select(JournalEntry).where(JournalEntry.action == word)).one()
        assert line.role == (helper or "system")
        assert bool(line.user_id) is (helper is not None)
        db.session.remove()


@pytest.mark.parametrize("role", [role for role in NEARBY if role not in {Role.STUDENT, Role.GUARDIAN}])
def test_what_was_handed_over_lets_an_adult_in_once(app: Flask, world: World, client: FlaskClient, role: Role) -> None:
    """And never past the second factor."""
    link = re.search(r"/lien/[\w.-]+", _helped(app, world, role))
    assert link
    answer = client.post(link[0])
    assert answer.status_code == 303
    assert ("/connexion/" in answer.location) is must_have_second_factor(role)
    assert client.get("/mon-compte").status_code == (302 if must_have_second_factor(role) else 200)
    assert app.test_client().post(link[0]).status_code == 409


def test_a_student_enters_with_the_new_card_alone(app: Flask, world: World, client: FlaskClient) -> None:
    old, new = (
        re.findall(r"\b[2-9A-Z]{4} [2-9A-Z]{4}\b", _plain(_helped(app, world, Role.STUDENT))) for _n in range(2)
    )
    assert old
    assert new
    for code, status in ((old[0], 422), (new[0], 303)):
        assert client.post("/connexion", data={"class_code": "CLASSE1", "personal_code": code}).status_code == status


def _plain(page: str) -> str:
    return page.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_family_s_former_paper_is_void(app: Flask, world: World) -> None:
    digests = []
    for _time in range(2):
        _helped(app, world, Role.GUARDIAN)
        with app.app_context():
            digests.append(db.session.scalars(select(FamilyCode.digest)).one())
            db.session.remove()
    assert digests[0] != digests[1]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN])
def test_a_lost_telephone_without_recovery_codes(app: Flask, world: World, role: Role) -> None:
    with app.app_context():
        lost = db.session.get_one(User, _account(world, role))
        second_factor.install(lost, totp.new_secret())
        number, address = lost.id, lost.email or ""
        db.session.remove()
    if role is Role.ADMIN:
        assert call(app, "accounts", "reset-second-factor", address).exit_code == 0
    else:
        admin = world.sign_in(app.test_client(), Role.ADMIN)
        assert admin.post(f"/comptes/{number}/second-facteur").status_code == 303
    with app.app_context():
        assert second_factor.queries.second_factor(number) is None
        words = db.session.scalars(select(JournalEntry.action).where(JournalEntry.object_id == number)).all()
        assert "account.reset_second_factor" in words
        db.session.remove()


def test_the_command_opens_nothing_for_nobody(app: Flask, world: World) -> None:
    refused = call(app, "accounts", "open", "personne@passerelle.example")
    assert refused.exit_code == 1
    assert "Aucun compte" in refused.output
