"""What each person reads of a week in two structures, and the form that makes one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.feedback.queries import stages as feedback_stages
from app.kernel.database import db, transaction
from app.placements import links
from app.placements.models import Placement
from app.placements.services import sharing
from app.placements.services.sharing import NEW
from app.placements.states import Answer, PlacementState
from app.placements.week_rules import Division
from tests.agreements import papers
from tests.placements.conftest import Told
from tests.placements.stages import MONDAY, at

THU_FRI = "jeudi 28 et vendredi 29 janvier"


@pytest.fixture
def second(app: Flask, told: Told) -> int:
    """The slot of a structure that is open on Thursday and Friday of Lina's week."""
    with app.app_context():
        slot_id = papers.second_structure(told.land)
        db.session.remove()
    return slot_id


@pytest.fixture
def added(app: Flask, told: Told, second: int) -> int:
    """The placement of Thursday and Friday."""
    with app.app_context():
        first = str(told.placement_id)
        days = Division({0: first, 1: first, 2: first, 3: NEW, 4: NEW})
        week = sharing.arrange(told.placement_id, days, second, "Deux jours", by=told.land.actor(Role.COORDINATOR))
        number = week.placements[-1].id
        db.session.remove()
    return number


def confirm(app: Flask, *ids: int) -> None:
    with app.app_context(), transaction():
        for key in ids:
            row = db.session.get_one(Placement, key)
            row.state, row.host_answer, row.family_answer = PlacementState.CONFIRMED, Answer.YES, Answer.YES


def test_the_coordinator_adds_a_structure_with_one_form(
    app: Flask, told: Told, second: int, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    coordinator = told.world.sign_in(client, Role.COORDINATOR)
    address, first = f"/stages/{told.placement_id}/semaine", str(told.placement_id)
    page = coordinator.get(address).text
    assert "Régie de quartier L’Essor : Prendre soin du quartier (jeudi, vendredi)" in page
    typed = {"slot_id": str(second), "reason": "", **{f"day_{n}": first for n in range(3)}, "day_3": NEW, "day_4": NEW}
    refused = coordinator.post(address, data=typed)
    assert refused.status_code == 422
    assert f'value="{second}" selected' in refused.text or f'selected value="{second}"' in refused.text
    wrong = coordinator.post(address, data=typed | {"reason": "Deux jours", "day_2": NEW})
    assert "n’accueille pas le mercredi" in wrong.text
    for nonsense in ({"slot_id": "99999999"}, {"slot_id": "x"}, {"day_0": "987"}, {"day_0": NEW, "slot_id": ""}):
        assert coordinator.post(address, data=typed | {"reason": "x"} | nonsense).status_code in {404, 422}, nonsense
    assert coordinator.post(address, data=typed | {"reason": "Deux jours"}).status_code == 303
    shown = coordinator.get(f"/stages/{told.placement_id}").text
    assert "Le reste de la semaine" in shown
    assert THU_FRI in shown


def test_the_family_reads_both_and_answers_each(app: Flask, told: Told, added: int, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    address = f"/famille/{told.family_token}"
    page = client.get(address).text
    assert f"Lina ira chez Régie de quartier L’Essor\u00a0: {THU_FRI}." in page
    assert page.index("Ressourcerie du Terril") < page.index("Régie de quartier")
    assert page.count('name="value" value="yes"') == 2
    assert client.post(address, data={"placement_id": added, "value": "yes"}).status_code == 303
    assert client.get(address).text.count('name="value" value="yes"') == 1
    assert client.post(address, data={"placement_id": 987654, "value": "yes"}).status_code == 404
    polish = client.get(address, query_string={"langue": "pl"})
    assert polish.status_code == 200


def test_the_student_has_one_page_two_sheets_two_maps_and_one_calendar(
    app: Flask, told: Told, added: int, client: FlaskClient
) -> None:
    confirm(app, told.placement_id, added)
    student = told.world.sign_in(client, Role.STUDENT)
    page = student.get("/mon-stage").text
    assert "Une semaine, plusieurs structures" in page
    assert f"Chez Régie de quartier L’Essor\u00a0: {THU_FRI}" in page
    sheet = student.get("/mon-stage/feuille").text
    assert sheet.count("stage-sheet__who") == sheet.count("data-map-frame") == 2
    assert sheet.count('<th scope="row">jeudi 28 janvier</th>') == 1
    calendar = student.get("/mon-stage/agenda.ics").text
    assert calendar.count("BEGIN:VEVENT") == 5
    assert calendar.count("SUMMARY:Stage chez Régie") == 2


def test_each_structure_reads_its_own_days_only(app: Flask, told: Told, added: int, client: FlaskClient) -> None:
    confirm(app, told.placement_id, added)
    host = told.world.sign_in(client, Role.HOST)
    sheet = host.get(f"/stages/{told.placement_id}/accueil").text
    assert "mercredi 27 janvier" in sheet
    assert "jeudi 28 janvier" not in sheet
    assert "Essor" not in sheet
    assert host.get(f"/stages/{added}/accueil").status_code == 404
    assert host.get("/mes-stagiaires/agenda.ics").text.count("BEGIN:VEVENT") == 3
    with app.app_context():
        offer = db.session.get_one(Placement, added).slot.offer
        token = links.host_token(offer, "nora@essor.example")
        db.session.remove()
    assert THU_FRI in client.get(f"/accueil/{token}").text


def test_a_half_week_is_on_the_list_of_what_is_to_be_completed(
    app: Flask, told: Told, added: int, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    coordinator = told.world.sign_in(client, Role.COORDINATOR)
    assert coordinator.post(f"/stages/{added}/annuler", data={"reason": "Fermé"}).status_code == 303
    page = coordinator.get("/stages/a-replacer").text
    assert "Semaines à compléter" in page
    assert "Personne à replacer" not in page
    assert f"/stages/{told.placement_id}/semaine" in page
    assert "Une semaine à compléter" in coordinator.get(f"/stages/{told.placement_id}").text
    assert "Les autres jours de la semaine restent à trouver" in client.get(f"/famille/{told.family_token}").text
    student = told.world.sign_in(app.test_client(), Role.STUDENT)
    assert "Des jours restent à trouver" in student.get("/mon-stage").text


def test_each_structure_has_its_own_questions_after_the_stage(app: Flask, told: Told, added: int) -> None:
    with app.app_context(), transaction():
        for key in (told.placement_id, added):
            db.session.get_one(Placement, key).state = PlacementState.COMPLETED
    with app.app_context():
        student = told.land.actor(Role.STUDENT)
        assert [row.id for row in feedback_stages.of_student(student)] == [told.placement_id, added]
        with at(MONDAY + timedelta(days=5)):
            assert {row.id for row in feedback_stages.to_ask(MONDAY.date() + timedelta(days=5))} == {
                told.placement_id,
                added,
            }
