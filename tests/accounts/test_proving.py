"""A session that was stolen, or left open, makes no other way in, takes nothing along and erases nobody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.accounts import rules, services
from app.accounts.models import SecondFactor, User
from app.accounts.rules import FREE_FAILURES
from app.kernel import clock
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.privacy.models import Erasure
from app.privacy.states import Right
from app.schools.models import SchoolClass, Student
from tests.accounts.kit import PHRASE, code_of, enrol, user_of
from tests.privacy.rights import asked
from tests.world import World


def _stolen(world: World, client: FlaskClient, role: Role, epoch: int = 0) -> FlaskClient:
    """The cookie of somebody who signed in this morning."""
    world.sign_in(client, role)
    with client.session_transaction() as session:
        del session["proved"]
        session["_user_id"] = session["_user_id"].replace(":0", f":{epoch}")
    return client


@pytest.mark.parametrize(
    ("role", "path", "data"),
    [
        (Role.HOST, "/mon-compte/mot-de-passe", {"password": PHRASE}),
        (Role.HOST, "/mon-compte/telephone", {"code": "123456"}),
        (Role.HOST, "/mon-compte/relier", {}),
        (Role.HOST, "/mes-donnees/fichier", {"format": "json"}),
        (Role.COORDINATOR, "/comptes/{teacher}/second-facteur", {}),
        (Role.COORDINATOR, "/territoires/1/equipe/{observer}/acces", {"way": "hand"}),
    ],
)
def test_a_stolen_session_is_asked_who_it_is(
    app: Flask, client: FlaskClient, world: World, role: Role, path: str, data: dict[str, str]
) -> None:
    users = world.here.users
    path = path.format(teacher=users[Role.TEACHER], observer=users[Role.OBSERVER])
    assert _stolen(world, client, role).post(path, data=data).location == "/mon-compte/preuve"
    with app.app_context():
        assert db.session.scalars(select(User.session_epoch)).all() == [0] * len(
            db.session.scalars(select(User.id)).all()
        )
    with client.session_transaction() as session:
        session["proved"] = int(clock.now().timestamp())
    assert client.post(path, data=data).location != "/mon-compte/preuve"


def test_an_erasure_asks_for_the_code_and_comes_back(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        number = asked(world.here, Right.ERASURE).id
        secret, _codes = enrol(user_of(world))
        db.session.commit()
    page = f"/demandes-donnees/{number}"
    _stolen(world, client, Role.COORDINATOR, epoch=1)
    assert client.get(page).location == "/mon-compte/preuve", "before an answer is typed, so that none is lost"
    assert client.post(f"{page}/repondre", data={"words": "Oui"}).location == "/mon-compte/preuve"
    with app.app_context():
        assert db.session.scalars(select(Erasure)).all() == []
    assert client.post("/mon-compte/preuve", data={"code": "000000"}).status_code == 422
    right = {"code": code_of(secret)}
    assert client.post("/mon-compte/preuve", data=right).location == page
    assert client.post("/mon-compte/preuve", data=right).status_code == 422, "a code serves once"
    assert client.post(f"{page}/repondre", data={"words": "Oui"}).location == page
    with app.app_context():
        assert len(db.session.scalars(select(Erasure)).all()) == 1


def test_a_proof_lasts_a_quarter_of_an_hour(app: Flask, client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.HOST)
    for late, fetched in ((timedelta(seconds=-2), True), (timedelta(seconds=2), False)):
        with time_machine.travel(clock.now() + rules.PROOF_FOR + late):
            assert (client.post("/mes-donnees/fichier", data={"format": "json"}).status_code == 200) is fetched


def test_a_trusted_browser_spares_the_code_and_proves_nothing(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        services.set_password(user_of(world, Role.HOST), PHRASE)
        secret, _codes = enrol(user_of(world, Role.HOST))
        db.session.commit()
    known = {"email": "host1@passerelle.example", "password": PHRASE}
    client.post("/connexion/adresse", data=known)
    client.post("/connexion/code", data={"code": code_of(secret), "trust": "y"})
    assert client.post("/mes-donnees/fichier", data={"format": "json"}).status_code == 200
    client.post("/deconnexion")
    assert client.post("/connexion/adresse", data=known).location == "/"
    assert client.post("/mes-donnees/fichier", data={"format": "json"}).location == "/mon-compte/preuve"


def test_a_password_proves_where_there_is_no_code_and_guessing_is_slowed(
    app: Flask, client: FlaskClient, world: World
) -> None:
    with app.app_context():
        services.set_password(user_of(world, Role.HOST), PHRASE)
        db.session.commit()
    _stolen(world, client, Role.HOST, epoch=1)
    assert "Votre mot de passe" in client.get("/mon-compte/preuve").text
    for _ in range(FREE_FAILURES):
        assert client.post("/mon-compte/preuve", data={"password": "non"}).status_code == 422
    assert client.post("/mon-compte/preuve", data={"password": PHRASE}).status_code == 429
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        assert client.post("/mon-compte/preuve", data={"password": PHRASE}).location == "/mon-compte"


def test_who_has_neither_enters_again_by_a_link(app: Flask, client: FlaskClient, world: World) -> None:
    _stolen(world, client, Role.TEACHER)
    assert "ni mot de passe" in client.get("/mon-compte/preuve").text
    assert client.post("/mon-compte/preuve").status_code == 200
    with app.app_context():
        mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "sign_in_link")).one()
        assert mail.to_email == "teacher1@passerelle.example"
        token = re.search(r"/lien/([\w-]+)", mail.text)
    assert token is not None
    client.post(f"/lien/{token[1]}")
    assert client.post("/mon-compte/mot-de-passe", data={"password": PHRASE}).location == "/"


def test_a_student_proves_with_the_card_and_not_with_another(app: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    with app.app_context():
        students = [db.session.get_one(Student, number) for number in land.student_ids[:2]]
        class_code = db.session.get_one(SchoolClass, students[0].class_id).code
        codes = [services.issue_card_code(student.user, class_code) for student in students]
        db.session.commit()
    world.sign_in(client, Role.STUDENT)
    with client.session_transaction() as session:
        del session["proved"]
    assert "ta carte" in client.get("/mon-compte/preuve").text
    for code, status in ((codes[1], 422), (codes[0], 303)):
        answer = client.post("/mon-compte/preuve", data={"class_code": class_code, "personal_code": code})
        assert answer.status_code == status


def test_no_telephone_was_added_meanwhile(app: Flask, client: FlaskClient, world: World) -> None:
    """The page that shows the secret is behind the proof too."""
    assert _stolen(world, client, Role.HOST).get("/mon-compte/telephone").location == "/mon-compte/preuve"
    with app.app_context():
        assert db.session.scalars(select(SecondFactor)).all() == []
