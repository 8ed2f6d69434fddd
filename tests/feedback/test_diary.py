"""The diary: one reader. Every role, every page, every query, the database's own bytes and the journal are asked."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, inspect, select, text

from app.access.actor import Actor
from app.access.policy import POLICY, Permission, Relation, Role
from app.feedback import prompts, sealing, services
from app.feedback.models import DiaryPage, Report
from app.feedback.queries import writings
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid
from app.placements.states import PlacementState
from tests.access.test_endpoints import CALLS, SIGNED_IN
from tests.feedback.conftest import EVENING, MONDAY, SECRET, Stages
from tests.world import World

OWN_DATA = "/mes-donnees"  # everything that the platform holds of the student who reads it, the diary too
PRIVATE = [c for c in CALLS if c.rule.startswith(("/mon-carnet", "/mon-rapport"))]


def _write(world: World, stages: Stages) -> Actor:
    lina = world.here.actor(Role.STUDENT)
    services.write_page(stages.of(stages.lina), 1, {"seen": SECRET}, by=lina)
    services.write_report(stages.of(stages.lina), {"keep": SECRET}, by=lina)
    return lina


def test_the_table_gives_it_to_the_student_alone() -> None:
    assert POLICY[Permission.DIARY_KEEP] == {Role.STUDENT: Relation.SELF}


@pytest.mark.both_engines
def test_only_its_author_reads_it(context: Flask, world: World, stages: Stages) -> None:
    lina = _write(world, stages)
    assert [dict(page.answers)["seen"] for page in writings.pages(lina)] == [SECRET]
    assert writings.report(lina, stages.lina)["keep"] == SECRET
    others = [world.here.actor(role) for role in world.here.users if role is not Role.STUDENT]
    others += [world.there.actor(role) for role in world.there.users]
    others.append(Actor(role=Role.ADMIN, display_name="Admin", user_id=world.admin_id))
    others.append(
        Actor(
            role=Role.GUARDIAN,
            display_name="Anna",
            territory_id=world.here.territory_id,
            student_id=world.here.student_id,
        )
    )
    enzo = Actor(
        role=Role.STUDENT,
        display_name="Enzo",
        territory_id=world.here.territory_id,
        student_id=world.here.student_ids[1],
    )
    for other in [*others, enzo]:
        assert writings.pages(other) == [], other
        assert writings.report(other, stages.lina) == {}, other
        assert writings.everything(other) == [], other
        with pytest.raises(Forbidden):
            services.write_page(stages.of(stages.lina), 1, {"seen": "x"}, by=other)
        with pytest.raises(Forbidden):
            services.write_report(stages.of(stages.lina), {"keep": "x"}, by=other)
        if other is not enzo and other.student_id is None:
            with pytest.raises(Forbidden):
                services.erase(by=other)
    services.erase(by=enzo)
    assert len(writings.pages(lina)) == 1


@pytest.mark.parametrize("role", [role for role in SIGNED_IN if role is not Role.STUDENT])
def test_every_address_of_the_diary_refuses_every_role(app: Flask, world: World, stages: Stages, role: Role) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert len(PRIVATE) == 10
    for call in PRIVATE:
        answer = world.sign_in(app.test_client(), role).open(call.path(world.here), method=call.method)
        assert answer.status_code == 403, f"{role} {call}"


def test_no_page_of_anybody_holds_it(app: Flask, world: World, stages: Stages) -> None:
    with app.app_context():
        _write(world, stages)
    pages = 0
    for role in [None, *SIGNED_IN]:
        client = app.test_client()
        if role is not None:
            world.sign_in(client, role)
        for call in CALLS:
            if call.method == "GET" and (role is not Role.STUDENT or (call not in PRIVATE and call.rule != OWN_DATA)):
                path = call.path(world.here).replace("987654", str(stages.lina))
                assert SECRET.encode() not in client.get(path).data, f"{role} {call}"
                pages += 1
    assert pages > 300


def test_the_file_of_the_database_does_not_hold_it(app: Flask, world: World, stages: Stages, engine: str) -> None:
    with app.app_context():
        _write(world, stages)
        db.session.remove()
        tables = inspect(db.engine).get_table_names()
        for table in tables:
            for row in db.session.execute(text(f"SELECT * FROM {table}")):  # names come from the schema
                assert "couleur du ciel" not in str(tuple(row))
        db.engine.dispose()
    for file in Path(engine.removeprefix("sqlite:///")).parent.glob("test.db*"):
        data = file.read_bytes()
        assert b"couleur du ciel" not in data
        assert SECRET.encode() not in data


@pytest.mark.both_engines
def test_a_page_moved_to_somebody_else_cannot_be_read(context: Flask, world: World, stages: Stages) -> None:
    lina = _write(world, stages)
    page = db.session.scalars(select(DiaryPage)).one()
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(page.sealed, world.here.student_ids[1])
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(page.sealed[:-1] + bytes([page.sealed[-1] ^ 1]), world.here.student_id)
    page.sealed = b"\0" * 40
    db.session.commit()
    assert [p.is_lost for p in writings.pages(lina)] == [True]


@pytest.mark.both_engines
def test_days_come_one_after_the_other(
    context: Flask, world: World, stages: Stages, clock_hand: time_machine.Traveller
) -> None:
    lina, stage = world.here.actor(Role.STUDENT), stages.of(stages.lina)
    stage.state = PlacementState.CONFIRMED
    db.session.commit()
    clock_hand.move_to(EVENING - timedelta(days=6))
    services.write_page(stage, prompts.EVE, {"ask": "Pourquoi ce métier ?"}, by=lina)
    with pytest.raises(Conflict):
        services.write_page(stage, 1, {"seen": "x"}, by=lina)
    clock_hand.move_to(EVENING - timedelta(days=4))
    services.write_page(stage, 1, {"seen": "Un atelier", "unknown": "rien"}, by=lina)
    with pytest.raises(Conflict):
        services.write_page(stage, 2, {"seen": "x"}, by=lina)
    with pytest.raises(Hidden):
        services.write_page(stage, 6, {"seen": "x"}, by=lina)
    with pytest.raises(Invalid):
        services.write_page(stage, 1, {"seen": "x" * (prompts.MAX_ANSWER + 1)}, by=lina)
    assert [next(iter(page.written()))[2] for page in writings.pages(lina)] == ["Pourquoi ce métier ?", "Un atelier"]
    services.write_page(stage, 1, {}, by=lina)
    assert [page.number for page in writings.pages(lina)] == [0]


@pytest.mark.both_engines
def test_erased_and_forgotten(context: Flask, world: World, stages: Stages) -> None:
    lina = _write(world, stages)
    services.erase(by=lina)
    assert db.session.scalar(select(func.count(DiaryPage.id))) == db.session.scalar(select(func.count(Report.id))) == 0
    _write(world, stages)
    assert services.forget(date(2027, 8, 30)) == 0
    assert len(writings.pages(lina)) == 1
    assert services.forget(date(2027, 8, 31)) == 2
    assert writings.everything(lina) == []
    assert services.forget(date(2027, 8, 31)) == 0


def test_the_student_takes_it_out(app: Flask, client: FlaskClient, world: World, stages: Stages) -> None:
    lina = world.sign_in(client, Role.STUDENT)
    assert lina.get("/mon-carnet.json").status_code == 404  # nothing is written
    answer = lina.post(
        "/mon-carnet", data={"jour": "1", "seen": "Un vélo <b>& l’établi</b>\nÀ réparer", "met": "Élise"}
    )
    assert answer.status_code == 303
    data = json.loads(lina.get("/mon-carnet.json").data)
    assert data["stages"][0]["pages"][0]["answers"][0]["text"] == "Un vélo <b>& l’établi</b>\nÀ réparer"
    exported = lina.get("/mon-carnet.html")
    assert "&lt;b&gt;&amp; l’établi" in exported.text
    assert "attachment" in exported.headers["Content-Disposition"]
    assert lina.get("/mon-carnet.pdf").data.startswith(b"%PDF")
    for path in ("/mon-carnet.json", "/mon-carnet.html", "/mon-carnet.pdf", "/mon-carnet"):
        assert lina.get(path).headers["Cache-Control"] == "no-store"
    lina.post("/mon-carnet/effacer")
    assert lina.get("/mon-carnet.json").status_code == 404


def test_a_report_takes_passages_of_the_diary(client: FlaskClient, world: World, stages: Stages) -> None:
    lina = world.sign_in(client, Role.STUDENT)
    assert lina.get("/mon-rapport.pdf").status_code == 404
    lina.post("/mon-carnet", data={"jour": "2", "seen": "J’ai changé un câble de frein."})
    page = lina.get("/mon-rapport").text
    assert 'value="2:seen"' in page
    lina.post("/mon-rapport", data={"seen": "Mardi.", "take_seen": ["2:seen", "9:nothing"], "keep": "Oser."})
    page = lina.get("/mon-rapport").text
    assert "Mardi.\n\nJ’ai changé un câble de frein." in page
    assert lina.get("/mon-rapport.pdf").data.startswith(b"%PDF")


def test_too_long_and_strange_words_are_kept_on_the_page(client: FlaskClient, world: World, stages: Stages) -> None:
    lina = world.sign_in(client, Role.STUDENT)
    long = "é" * (prompts.MAX_ANSWER + 1)
    answer = lina.post("/mon-carnet", data={"jour": "1", "seen": long, "met": "<script>alert(1)</script>"})
    assert answer.status_code == 422
    assert long in answer.text
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;" in answer.text
    for day in ("", "-1", "99", "x", "1.5"):
        assert lina.post("/mon-carnet", data={"jour": day, "seen": "x"}).status_code == 404
    assert MONDAY.weekday() == 0
