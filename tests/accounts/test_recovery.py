"""A lost access comes back: by somebody nearby, journalled, or from the page of a link that no longer opens."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.accounts import opening, services
from app.accounts.models import User
from app.accounts.rules import LINK_LIFETIME, LinkPurpose
from app.audit.models import JournalEntry
from app.kernel.database import db
from app.kernel.errors import Conflict, Hidden
from app.messaging.models import OutboxMessage
from tests.conftest import NOVEMBER
from tests.world import World


def user(world: World, role: Role) -> User:
    return db.session.get_one(User, world.here.users[role])


def mails() -> list[tuple[str, str]]:
    rows = db.session.execute(select(OutboxMessage.kind, OutboxMessage.to_email).order_by(OutboxMessage.id))
    return [(kind, email) for kind, email in rows]


def last_token() -> str:
    text = db.session.scalars(select(OutboxMessage.text).order_by(OutboxMessage.id.desc())).first() or ""
    match = re.search(r"/lien/(\S+)", text)
    assert match is not None
    return match[1]


@pytest.mark.both_engines
def test_a_link_handed_over_opens_once_and_puts_the_others_out(app: Flask, world: World) -> None:
    with app.test_request_context():
        host, by = user(world, Role.HOST), world.here.actor(Role.COORDINATOR)
        services.send_link(host.email or "", address="192.0.2.1")
        older = last_token()
        first = opening.hand_over(host, by=by)
        token = opening.hand_over(host, by=by)
        for dead in (older, first):
            with pytest.raises(Conflict):
                services.use_link(dead)
        assert services.use_link(token).id == host.id
        with pytest.raises(Conflict):
            services.use_link(token)
        lines = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "account.hand_link")).all()
        assert {(line.user_id, line.object_id) for line in lines} == {(by.user_id, host.id)}


def test_a_closed_account_and_a_student_are_not_let_in_this_way(app: Flask, world: World) -> None:
    with app.test_request_context():
        closed, by = user(world, Role.HOST), world.here.actor(Role.COORDINATOR)
        closed.is_active = False
        db.session.commit()
        for person in (closed, user(world, Role.STUDENT)):
            with pytest.raises(Hidden):
                opening.hand_over(person, by=by)
            with pytest.raises(Hidden):
                opening.send(person, by=by)


def test_who_may_hand_a_link_over(app: Flask, world: World) -> None:
    admin = User(role=Role.ADMIN, display_name="Admin", email="a@x.example")
    with app.test_request_context():
        coordinator = world.here.actor(Role.COORDINATOR)
        people = {role: user(world, role) for role in world.here.users}
        handed = {role for role, person in people.items() if opening.may_hand_over(person, by=coordinator)}
        assert handed == {Role.TEACHER, Role.HEAD, Role.HOST, Role.OBSERVER}
        for role in (Role.TEACHER, Role.HEAD, Role.HOST, Role.OBSERVER):
            assert not any(opening.may_hand_over(p, by=world.here.actor(role)) for p in [*people.values(), admin])


def test_a_link_that_no_longer_opens_is_renewed_from_its_page(app: Flask, world: World, client: FlaskClient) -> None:
    with app.test_request_context():
        services.send_link("host1@passerelle.example", address="192.0.2.1")
        token = last_token()
    with time_machine.travel(NOVEMBER + LINK_LIFETIME[LinkPurpose.SIGN_IN] + timedelta(minutes=1)):
        page = client.post(f"/lien/{token}")
        assert page.status_code == 409
        assert f"/lien/{token}/renouveler" in page.text
        answer = client.post(f"/lien/{token}/renouveler")
        assert "host1@" not in answer.text
        with app.app_context():
            assert mails()[-1] == ("sign_in_link", "host1@passerelle.example")
            fresh = last_token()
        assert client.post(f"/lien/{fresh}").status_code == 303


def test_a_link_of_nobody_gets_the_same_answer_and_no_mail(app: Flask, world: World, client: FlaskClient) -> None:
    with app.test_request_context():
        services.send_link("host1@passerelle.example", address="192.0.2.1")
        token = last_token()
        before = mails()
    known, unknown = (client.post(f"/lien/{t}/renouveler") for t in (token, "nothing-known"))
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    with app.app_context():
        assert len(mails()) == len(before) + 1


def test_renewing_again_and_again_is_slowed_down(world: World, client: FlaskClient) -> None:
    answers = [client.post("/lien/nothing-known/renouveler").status_code for _n in range(7)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_the_sign_in_pages_say_whom_to_ask(world: World, client: FlaskClient) -> None:
    for path in ("/connexion/adresse", "/connexion/lien"):
        page = client.get(path).text
        assert "Accès perdu" in page
        assert "un responsable de votre équipe" in page


def test_the_administrator_hands_a_link_to_a_coordinator(app: Flask, world: World, client: FlaskClient) -> None:
    lost = world.here.users[Role.COORDINATOR]
    path = f"/territoires/{world.here.territory_id}/equipe/{lost}/acces"
    world.sign_in(client, Role.ADMIN)
    assert path in client.get(f"/territoires/{world.here.territory_id}/equipe").text
    assert "/lien/" in client.post(path, data={"way": "hand"}).text
    world.sign_in(client, Role.COORDINATOR)  # an equal sends, and does not see
    assert client.post(path, data={"way": "hand"}).status_code == 403
    assert client.post(path, data={"way": "send"}).status_code == 303
    with app.app_context():
        assert mails()[-1][0] == "access_link"
