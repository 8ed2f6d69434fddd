"""Pages of people who work in several schools, and of colleagues who help each other back in."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.access.policy import Role
from app.audit.models import JournalEntry
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.schools import services
from app.schools.models import ClassTeacher, School, SchoolClass, StaffRole
from tests.schools.test_staff import second_school, user
from tests.world import World, add


def hired(app: Flask, world: World, *emails: str) -> list[int]:
    """New teachers of the school; their accounts."""
    with app.test_request_context():
        school, by = db.session.get_one(School, world.here.school_id), world.here.actor(Role.COORDINATOR)
        people = [services.invite_staff(school, email, "Nadia Kaci", StaffRole.TEACHER, by=by) for email in emails]
        return [member.user_id for member in people]


def test_a_teacher_of_two_schools_sees_both_and_only_the_classes_taught(
    app: Flask, world: World, client: FlaskClient
) -> None:
    with app.test_request_context():
        other, by = second_school(world.here), world.here.actor(Role.COORDINATOR)
        services.invite_staff(other, user(world.here, Role.TEACHER).email or "", "", StaffRole.TEACHER, by=by)
        class_id = db.session.scalars(select(SchoolClass.id).where(SchoolClass.school_id == other.id)).one()
    world.sign_in(client, Role.TEACHER)
    page = client.get("/mes-classes").text
    shown = re.compile(r">\s*3B\s*<")  # a token may hold the same two signs
    assert "Collège Jean Macé" in page
    assert "Collège François Rabelais" in page
    assert not shown.search(page)
    assert client.get(f"/classes/{class_id}").status_code == 404
    with app.app_context():
        add(ClassTeacher(class_id=class_id, user_id=world.here.users[Role.TEACHER]))
        db.session.commit()
    assert shown.search(client.get("/mes-classes").text)
    assert client.get(f"/classes/{class_id}").status_code == 200


def test_a_colleague_sends_and_a_head_hands_over(app: Flask, world: World, client: FlaskClient) -> None:
    (lost,) = hired(app, world, "nadia@college.example")
    teacher, head = world.here.users[Role.TEACHER], world.here.users[Role.HEAD]
    path, head_path = (f"/colleges/{world.here.school_id}/equipe/{number}/acces" for number in (lost, head))
    world.sign_in(client, Role.TEACHER)
    assert path in client.get(f"/colleges/{world.here.school_id}").text
    assert "Afficher un lien" not in client.get(path).text
    assert client.post(path, data={"way": "hand"}).status_code == 403
    assert client.get(head_path).status_code == 403
    assert client.post(path, data={"way": "send"}).status_code == 303
    world.sign_in(client, Role.HEAD)
    sheet = client.post(path, data={"way": "hand"})
    assert sheet.status_code == 200
    assert "/lien/" in sheet.text
    with app.app_context():
        sent = db.session.scalars(select(OutboxMessage.to_email).where(OutboxMessage.kind == "access_link")).all()
        assert sent == ["nadia@college.example"]
        lines = db.session.execute(
            select(JournalEntry.action, JournalEntry.user_id).where(JournalEntry.object_id == lost)
        )
        assert {("account.send_link", teacher), ("account.hand_link", head)} <= {tuple(line) for line in lines}


def test_the_page_of_a_school_costs_the_same_for_one_colleague_and_for_twelve(
    app: Flask, world: World, client: FlaskClient
) -> None:
    def cost() -> int:
        statements: list[str] = []

        def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert client.get(f"/colleges/{world.here.school_id}").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len([s for s in statements if s.lstrip().upper().startswith("SELECT")])

    world.sign_in(client, Role.HEAD)
    cost()  # what is loaded once and kept
    few = cost()
    hired(app, world, *(f"p{number}@college.example" for number in range(11)))
    assert cost() == few
