"""Safety: nothing about it is stored; nobody is told unless the student asks, and then the right adults alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select, text

from app.access.policy import POLICY, Permission, Role
from app.feedback import services
from app.feedback.models import TalkRequest
from app.feedback.states import TalkState
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden
from app.messaging.models import OutboxMessage
from tests.access.test_endpoints import CALLS, SIGNED_IN
from tests.feedback.conftest import EVENING, FORM, Stages
from tests.world import World


def _mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "feedback_talk")))


def _everything() -> str:
    tables = inspect(db.engine).get_table_names()
    return "\n".join(
        str(tuple(row))
        for table in tables
        for row in db.session.execute(text(f"SELECT * FROM {table}"))  # names come from the schema
    )


@pytest.mark.parametrize("welcome", ["no", "not_always"])
def test_a_no_shows_whom_to_talk_to_and_tells_nobody(
    app: Flask, client: FlaskClient, world: World, stages: Stages, welcome: str
) -> None:
    lina = world.sign_in(client, Role.STUDENT)
    answer = lina.post("/mon-avis", data={**FORM, "welcome": welcome})
    assert answer.location.startswith("/a-qui-parler")
    assert welcome not in answer.location
    page = lina.get(answer.location).text
    assert 'href="tel:119"' in page
    assert "Teacher 1" in page
    assert "Rien ne part sans toi" in page
    with app.app_context():
        unsafe = _everything()
        assert _mails() == []
        assert db.session.scalars(select(TalkRequest)).all() == []
    # The same stage answered with « oui » leaves the same rows: nothing in the base tells a yes from a no.
    lina.post("/mon-avis", data={**FORM, "welcome": "yes"})
    with app.app_context():
        assert _everything() == unsafe


def test_a_yes_or_no_answer_goes_on_quietly(client: FlaskClient, world: World, stages: Stages) -> None:
    lina = world.sign_in(client, Role.STUDENT)
    assert lina.post("/mon-avis", data={**FORM, "welcome": "yes"}).location.startswith("/apres-mon-stage")
    assert lina.post("/mon-avis", data=FORM).location.startswith("/apres-mon-stage")
    assert lina.post("/mon-avis", data={**FORM, "welcome": "nonsense"}).location.startswith("/apres-mon-stage")


def test_asked_twice_it_tells_once_the_adults_named_on_the_page(
    app: Flask, client: FlaskClient, world: World, stages: Stages
) -> None:
    lina = world.sign_in(client, Role.STUDENT)
    page = lina.get("/a-qui-parler").text
    lina.post("/a-qui-parler")
    lina.post("/a-qui-parler")
    with app.app_context():
        mails = _mails()
        assert sorted(m.to_email for m in mails) == ["coordinator1@passerelle.example", "teacher1@passerelle.example"]
        for mail in mails:
            assert mail.to_name in page
            assert "Ressourcerie" not in mail.text + mail.html + mail.subject
            assert "Wojcik" not in mail.text + mail.html + mail.subject
            assert "Lina" in mail.text
    assert "Ta demande est partie" in lina.get("/a-qui-parler").text


def test_only_teachers_of_the_class_and_coordinators_see_it(app: Flask, world: World, stages: Stages) -> None:
    assert set(POLICY[Permission.TALK_HEAR]) == {Role.TEACHER, Role.COORDINATOR}
    app.config["WTF_CSRF_ENABLED"] = False
    world.sign_in(app.test_client(), Role.STUDENT).post("/a-qui-parler")
    for role in SIGNED_IN:
        client = world.sign_in(app.test_client(), role)
        seen = client.get("/demandes-a-parler")
        if role in {Role.TEACHER, Role.COORDINATOR}:
            assert "Lina Wojcik" in seen.text
        else:
            assert seen.status_code == 403
        for call in CALLS:
            if call.method == "GET" and role in {Role.HOST, Role.HEAD, Role.OBSERVER}:
                page = client.get(call.path(world.here).replace("987654", str(stages.lina))).text
                assert "demande à parler" not in page, f"{role} {call}"
        other = world.sign_in(app.test_client(), role, world.there) if role is not Role.ADMIN else client
        if role in {Role.TEACHER, Role.COORDINATOR}:
            assert "Lina" not in other.get("/demandes-a-parler").text
            assert other.post(f"/demandes-a-parler/{stages.lina}").status_code == 404
            assert "Un élève demande à parler" in client.get("/", follow_redirects=True).text


@pytest.mark.both_engines
def test_heard_by_one_adult_and_recalled_until_then(
    context: Flask, world: World, stages: Stages, clock_hand: time_machine.Traveller
) -> None:
    lina = world.here.actor(Role.STUDENT)
    request = services.ask_to_talk(stages.of(stages.lina), by=lina)
    assert services.recall() == 0
    clock_hand.move_to(EVENING + timedelta(days=1, minutes=1))
    assert services.recall() == 1
    assert services.recall() == 0
    assert len(_mails()) == 4
    teacher, coordinator = world.here.actor(Role.TEACHER), world.here.actor(Role.COORDINATOR)
    with pytest.raises(Forbidden):
        services.hear(request, by=world.here.actor(Role.HEAD))
    with pytest.raises(Forbidden):
        services.hear(request, by=world.there.actor(Role.COORDINATOR))
    services.hear(request, by=teacher)
    services.hear(request, by=teacher)
    with pytest.raises(Conflict):
        services.hear(request, by=coordinator)
    clock_hand.move_to(EVENING + timedelta(days=3))
    assert services.recall() == 0
    again = services.ask_to_talk(stages.of(stages.lina), by=lina)
    assert (again.id, again.state, again.heard_at) == (request.id, TalkState.ASKED, None)
    assert len(_mails()) == 6


@pytest.mark.both_engines
def test_nobody_asks_for_the_student(context: Flask, world: World, stages: Stages) -> None:
    for role in (Role.TEACHER, Role.HOST, Role.COORDINATOR, Role.HEAD):
        with pytest.raises(Forbidden):
            services.ask_to_talk(stages.of(stages.lina), by=world.here.actor(role))
    with pytest.raises(Forbidden):
        services.ask_to_talk(stages.of(stages.enzo), by=world.here.actor(Role.STUDENT))


def test_the_page_is_open_before_the_stage(client: FlaskClient, world: World) -> None:
    page = world.sign_in(client, Role.STUDENT).get("/a-qui-parler")
    assert page.status_code == 200
    assert 'href="tel:119"' in page.text
    assert world.sign_in(client, Role.STUDENT).post("/a-qui-parler").status_code == 404
