"""Every look of staff at a student's file is written once a day and a page, and read by head and coordination."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from app.access.endpoints import DECLARATION
from app.access.policy import POLICY, Permission, Role
from app.agreements import filling
from app.agreements import links as agreement_links
from app.agreements.states import PartyRole
from app.kernel.database import db
from app.offers.models import PlacementOffer
from app.placements import links
from app.privacy.looks_models import StudentLook
from app.privacy.looks_rules import FILES, LISTS, PAGES, ROLES, STAFF, TO_A_STUDENT, WHOLE_CLASSES, Page
from app.privacy.queries import looks
from app.settings import Settings
from tests.access.test_endpoints import Call, _of
from tests.agreements.signing_kit import make_known, opened, party
from tests.conftest import NOVEMBER
from tests.privacy import traces
from tests.world import World

# Addresses that are no page to read: fragments, progress, files of one's own.
_NAMES = ("Wojcik", "Lina", "Delattre", "Enzo", "Benali", "Inès")


def _reads() -> list[Call]:
    app = create_app(Settings(environment="test", jobs="off"))
    calls = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            calls += [
                call
                for call in _of(rule, getattr(app.view_functions[rule.endpoint], DECLARATION, None))
                if call.method == "GET" and isinstance(call.declaration, Permission)
            ]
    return [call for call in calls if STAFF & set(POLICY[call.declaration])]  # type: ignore[index]  # a Permission


READS = _reads()


@pytest.mark.parametrize("call", READS, ids=lambda call: call.endpoint)
def test_a_page_about_one_student_is_a_file_or_says_why_not(call: Call) -> None:
    if set(call.arguments) & set(TO_A_STUDENT):
        assert call.endpoint in FILES or call.endpoint in LISTS, f"{call.endpoint} shows a student: looks_rules.py"


def test_the_tables_name_pages_that_exist() -> None:
    known = {call.endpoint for call in READS}
    assert set(FILES) - {"privacy.open_archived"} <= known  # a form hands it out
    assert set(LISTS) <= known
    assert not set(FILES) & set(LISTS)
    assert set(FILES) >= WHOLE_CLASSES
    assert set(PAGES) == set(Page)
    assert set(ROLES) == STAFF


@pytest.mark.parametrize("role", sorted(STAFF))
def test_no_page_names_a_student_unsaid(app: Flask, world: World, role: Role) -> None:
    """Everything that this role may fetch on the small world: when a student's name is in it, a look is written, or it
    is one of the lists."""
    silent = []
    for call in READS:
        assert isinstance(call.declaration, Permission)
        if role not in POLICY[call.declaration] or call.endpoint in LISTS:
            continue
        answer = world.sign_in(app.test_client(), role).get(call.path(world.here))
        named = traces.names(answer.data, _NAMES)  # a page, a PDF, a table, an agenda
        if answer.status_code == 200 and named and call.endpoint not in FILES:
            silent.append(call.endpoint)
    assert not silent


def _written(app: Flask) -> list[tuple[str, Page, int]]:
    with app.app_context():
        rows = db.session.scalars(select(StudentLook).order_by(StudentLook.id))
        return [(row.role.value, row.page, row.student_id) for row in rows]


@pytest.mark.both_engines
def test_a_look_is_written_once_a_day(app: Flask, client: FlaskClient, world: World) -> None:
    lina = world.here.student_id
    teacher = world.sign_in(client, Role.TEACHER)
    for _again in range(3):
        assert teacher.get(f"/eleves/{lina}").status_code == 200
    assert _written(app) == [("teacher", Page.FILE, lina)]
    teacher.get(f"/eleves/{lina}/envies")
    head = world.sign_in(app.test_client(), Role.HEAD)
    head.get(f"/eleves/{lina}")
    assert ("head", Page.FILE, lina) in _written(app)
    with time_machine.travel(NOVEMBER + timedelta(days=1)):
        world.sign_in(app.test_client(), Role.TEACHER).get(f"/eleves/{lina}")
    assert [row for row in _written(app) if row[:2] == ("teacher", Page.FILE)] == [("teacher", Page.FILE, lina)] * 2


def test_neither_a_refused_page_nor_the_students_own_is_a_look(app: Flask, client: FlaskClient, world: World) -> None:
    student = world.sign_in(client, Role.STUDENT)
    for path in ("/mon-espace", "/mes-envies", "/mes-voeux", "/mon-stage"):
        student.get(path)
    stranger = world.sign_in(app.test_client(), Role.TEACHER, world.there)
    assert stranger.get(f"/eleves/{world.here.student_id}").status_code == 404
    assert _written(app) == []


def test_a_proposal_is_a_look_at_its_student(app: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    assert world.sign_in(client, Role.COORDINATOR).get(f"/propositions/{land.proposal_id}").status_code == 200
    assert _written(app) == [("coordinator", Page.PROPOSAL, land.student_ids[0])]


def test_head_and_coordinator_read_who_looked(app: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    world.sign_in(client, Role.TEACHER).get(f"/eleves/{land.student_id}")
    for role in (Role.HEAD, Role.COORDINATOR):
        reader = world.sign_in(app.test_client(), role)
        for path in (f"/colleges/{land.school_id}/consultations", f"/eleves/{land.student_id}/consultations"):
            page = reader.get(path)
            assert page.status_code == 200
            assert "Teacher 1" in page.text
            assert "Fiche de l’élève" in page.text
        assert "Teacher 1" not in reader.get(f"/colleges/{land.school_id}/consultations?qui=host").text
    head = world.sign_in(app.test_client(), Role.HEAD)
    assert f"/colleges/{land.school_id}/consultations" in head.get(f"/colleges/{land.school_id}").text
    teacher = world.sign_in(app.test_client(), Role.TEACHER)
    assert "consultations" not in teacher.get(f"/colleges/{land.school_id}").text


def test_a_list_of_looks_costs_a_few_statements(app: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    teacher = world.sign_in(client, Role.TEACHER)
    for student_id in land.student_ids:
        teacher.get(f"/eleves/{student_id}")
    with app.app_context():
        actor = land.actor(Role.HEAD)
        statements: list[str] = []
        listen = lambda _c, _u, statement, *_rest: statements.append(statement)  # noqa: E731  # a one-line listener
        db.event.listen(db.engine, "before_cursor_execute", listen)
        found = looks.page_of(actor, 1, school_id=land.school_id)
        names = [(look.user.display_name, look.student.school_class.name) for look in found.items if look.user]
        db.event.remove(db.engine, "before_cursor_execute", listen)
    assert len(names) == 3
    assert len(statements) <= 2


def test_a_family_is_told_how_many_looked_and_never_who(app: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    world.sign_in(client, Role.TEACHER).get(f"/eleves/{land.student_id}")
    world.sign_in(client, Role.TEACHER).get(f"/eleves/{land.student_id}/envies")
    world.sign_in(app.test_client(), Role.COORDINATOR).get(f"/eleves/{land.student_id}")
    with app.app_context():
        rows = looks.by_role(land.student_id)
    assert [(row.role, row.people, row.days) for row in rows] == [(Role.TEACHER, 1, 1), (Role.COORDINATOR, 1, 1)]


def test_a_structure_behind_a_personal_link_is_seen_too(app: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    with app.app_context():
        make_known(land)
        agreement = opened(land)
        lina = agreement.student_id
        offer = db.session.get_one(PlacementOffer, land.offer_id)
        arrivals = f"/accueil/{links.host_token(offer, 'host1@passerelle.example')}"
        part = f"/convention/a-completer/{filling.token_for(agreement, f'host:{agreement.hosts[0].id}')}"
        signing = f"/signer/{agreement.reference}/{agreement_links.issue(party(agreement, PartyRole.HOST))}"
        db.session.commit()
        db.session.remove()
    assert client.get(arrivals).status_code == client.get(signing).status_code == client.get(part).status_code == 200
    assert set(_written(app)) == {("host", Page.STAGE, lina), ("host", Page.AGREEMENT, lina)}
    assert len(_written(app)) == 2
    page = world.sign_in(app.test_client(), Role.HEAD).get(f"/eleves/{lina}/consultations")
    assert "Ressourcerie du Terril 1" in page.text
