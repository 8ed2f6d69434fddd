from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.access.policy import Role
from app.audit.models import JournalEntry
from app.kernel.database import db, release
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.placements.services import incidents
from app.placements.stage_models import Absence, Accident
from app.placements.stage_rules import Facts
from tests.papers import is_accessible, text_of
from tests.placements.conftest import tokens
from tests.placements.stages import MONDAY, at, mails, placement_of, ready
from tests.world import World

FACTS = {
    "happened_on": "2027-01-25",
    "happened_at": "09:10",
    "place": "Atelier vélos",
    "circumstances": "Lina a glissé sur le sol mouillé en portant une roue.",
    "present": "Karim Lefebvre",
    "witnesses": "",
}


@pytest.fixture
def stage(app: Flask, deciding: World) -> World:
    return ready(app, deciding)


@pytest.mark.both_engines
def test_one_tap_tells_the_school_at_once_and_only_once(context: Flask, stage: World) -> None:
    land = stage.here
    host = land.actor(Role.HOST)
    with at(MONDAY):
        first = incidents.report_absence(placement_of(land), by=host)
        assert incidents.report_absence(placement_of(land), by=host).id == first.id
        told = {mail.to_email for mail in mails("incident_absence")}
        assert told == {f"{role}1@passerelle.example" for role in ("head", "teacher", "coordinator")}
        assert len(mails("incident_absence")) == 3
        for mail in mails("incident_absence"):
            assert "Lina" in mail.text
            assert "Wojcik" not in mail.text + mail.html + mail.subject
        seen = incidents.acknowledge_absence(first.id, by=land.actor(Role.TEACHER))
        when = seen.seen_at
        incidents.acknowledge_absence(first.id, by=land.actor(Role.HEAD))
        assert db.session.get_one(Absence, first.id).seen_at == when
        assert db.session.get_one(Absence, first.id).seen_by_id == land.users[Role.TEACHER]
        incidents.report_arrival(placement_of(land), by=host)
        incidents.report_arrival(placement_of(land), by=host)
        assert len(mails("incident_arrival")) == 3
    lines = db.session.scalars(select(JournalEntry.action).where(JournalEntry.object_type == "Absence")).all()
    assert lines == ["absence.report", "absence.see", "absence.arrival"]


def test_who_left_again_is_reported_again(context: Flask, stage: World) -> None:
    host = stage.here.actor(Role.HOST)
    with at(MONDAY):
        incidents.report_absence(placement_of(stage.here), by=host)
        incidents.report_arrival(placement_of(stage.here), by=host)
    with at(MONDAY + timedelta(hours=5)):
        assert incidents.report_absence(placement_of(stage.here), by=host).is_open
    assert len(mails("incident_absence")) == 6


def test_the_buttons_serve_the_days_of_the_stage_alone(context: Flask, stage: World) -> None:
    land = stage.here
    host = land.actor(Role.HOST)
    for moment in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=5), MONDAY + timedelta(days=7)):
        with at(moment):
            with pytest.raises(Conflict):
                incidents.report_absence(placement_of(land), by=host)
            with pytest.raises(Conflict):
                incidents.report_accident(placement_of(land), "key", by=host)
    with at(MONDAY), pytest.raises(Conflict):
        incidents.report_absence(placement_of(land, 1), by=host)  # not confirmed
    for stranger in (stage.there.actor(Role.HOST), land.actor(Role.TEACHER)):
        with at(MONDAY), pytest.raises(Forbidden):
            incidents.report_absence(placement_of(land), by=stranger)


@pytest.mark.both_engines
def test_two_taps_at_once_are_one_absence_and_one_accident(app: Flask, stage: World) -> None:
    land = stage.here
    problems: list[BaseException] = []
    barrier = threading.Barrier(2)

    def tap() -> None:
        with app.app_context():
            try:
                placement, host = placement_of(land), land.actor(Role.HOST)
                release()  # on SQLite, a transaction that is open holds the whole database
                barrier.wait(timeout=20)
                incidents.report_absence(placement, by=host)
                incidents.report_accident(placement, "same-key", by=host)
            except BaseException as error:
                problems.append(error)
            finally:
                db.session.remove()

    with at(MONDAY):
        threads = [threading.Thread(target=tap) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert problems == []
    with app.app_context():
        assert db.session.scalar(select(func.count(Absence.id))) == 1
        assert db.session.scalar(select(func.count(Accident.id))) == 1
        assert len(mails("incident_accident")) == 3


@pytest.mark.both_engines
def test_facts_are_kept_and_health_is_not(context: Flask, stage: World) -> None:
    land = stage.here
    host, teacher = land.actor(Role.HOST), land.actor(Role.TEACHER)
    with at(MONDAY):
        accident = incidents.report_accident(placement_of(land), "k", by=host)
        day = MONDAY.date()
        facts = Facts(day, None, "Atelier", "Elle a glissé.", "Karim Lefebvre", "")
        incidents.complete_facts(accident, facts, by=host)
        assert db.session.get_one(Accident, accident.id).circumstances == "Elle a glissé."
        for field, value in (("circumstances", "Fracture du poignet"), ("witnesses", "l’infirmière")):
            with pytest.raises(Invalid) as refused:
                incidents.complete_facts(
                    accident,
                    Facts(**{**vars_of(facts), field: value}),
                    by=host,  # type: ignore[arg-type]  # one field
                )
            assert field in refused.value.fields
        with pytest.raises(Invalid) as late:
            incidents.complete_facts(accident, Facts(day + timedelta(days=1), None, "x", "y", "z", ""), by=teacher)
        assert "happened_on" in late.value.fields
        with pytest.raises(Forbidden):
            incidents.complete_facts(accident, facts, by=stage.there.actor(Role.HOST))
        incidents.declare(accident.id, by=teacher)
        incidents.declare(accident.id, by=teacher)
        with pytest.raises(Conflict):
            incidents.complete_facts(accident, Facts(day, None, "a", "b", "c", ""), by=host)
    lines = db.session.scalars(select(JournalEntry.action).where(JournalEntry.object_type == "Accident")).all()
    assert lines == ["accident.report", "accident.facts", "accident.see", "accident.declare"]


def vars_of(facts: Facts) -> dict[str, object]:
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}


def test_the_host_s_morning(app: Flask, stage: World, client: FlaskClient) -> None:
    with app.app_context():
        placement_id = placement_of(stage.here).id
        awaited = placement_of(stage.here, 1).id
    host = stage.sign_in(client, Role.HOST)
    url = f"/stages/{placement_id}"
    assert "Absence ce matin" not in host.get(f"{url}/alerte").text  # in November
    with at(MONDAY):
        host = stage.sign_in(app.test_client(), Role.HOST)
        assert "Absence ce matin" in host.get(f"{url}/alerte").text
        assert host.post(f"{url}/absence").status_code == 303
        page = host.get(f"{url}/alerte").text
        assert "Absence signalée à 9\u00a0h\u00a020" in page
        assert 'href="tel:0321000001"' in page
        assert page.index('href="tel:15"') < page.index('href="tel:0321000001"')
        assert host.post(f"/stages/{awaited}/absence").status_code == 409
        teacher = stage.sign_in(client, Role.TEACHER)
        assert "Absence, Lina Wojcik" in teacher.get("/suivi").text
        with app.app_context():
            absence_id = db.session.scalars(select(Absence.id)).one()
        assert teacher.post(f"/absences/{absence_id}/vue").status_code == 303
        stranger = stage.sign_in(app.test_client(), Role.TEACHER, stage.there)
        assert stranger.post(f"/absences/{absence_id}/vue").status_code == 404
        assert "s’en occupe" in host.get(f"{url}/alerte").text


def test_an_accident_from_the_tap_to_the_sheet(app: Flask, stage: World, client: FlaskClient) -> None:
    with app.app_context():
        placement_id = placement_of(stage.here).id
    with at(MONDAY):
        host = stage.sign_in(client, Role.HOST)
        answer = host.post(f"/stages/{placement_id}/accident", data={"request_key": "a" * 32})
        assert answer.status_code == 303
        page = host.get(answer.location).text
        assert "Appelez le 15 ou le 112" in page
        assert "Wojcik" not in page
        again = host.post(f"/stages/{placement_id}/accident", data={"request_key": "a" * 32})
        assert again.location == answer.location
        refused = host.post(answer.location, data=FACTS | {"circumstances": "Entorse"})
        assert refused.status_code == 422
        assert "Entorse" in refused.text
        assert host.post(answer.location, data=FACTS).status_code == 303
        school = stage.sign_in(app.test_client(), Role.HEAD)
        told = school.get(answer.location).text
        assert "mercredi 27 janvier à 9\u00a0h\u00a020" in told
        assert "R441-3" in told
        sheet = school.get(f"{answer.location}/declaration").text
        assert "Lina Wojcik" in sheet
        assert "glissé sur le sol mouillé" in sheet
        assert "blank-lines" in sheet
        assert "Wojcik" not in host.get(f"{answer.location}/declaration").text
        _the_file(school.get(f"{answer.location}/declaration.pdf"), host.get(f"{answer.location}/declaration.pdf"))
        assert school.post(f"{answer.location}/suite", data={"suite": "declaree"}).status_code == 303
        assert host.post(answer.location, data=FACTS | {"place": "Ailleurs"}).status_code == 409
        for role, land in ((Role.STUDENT, stage.here), (Role.HOST, stage.there), (Role.HEAD, stage.there)):
            stranger = stage.sign_in(app.test_client(), role, land)
            assert stranger.get(answer.location).status_code == 404
            assert stranger.get(f"{answer.location}/declaration").status_code == 404
            assert stranger.get(f"{answer.location}/declaration.pdf").status_code == 404
            assert stranger.post(answer.location, data=FACTS).status_code == 404


def _the_file(for_school: TestResponse, for_host: TestResponse) -> None:
    """The same facts as an accessible page, kept by no cache; the structure reads a first name."""
    assert for_school.headers["Cache-Control"] == "no-store"
    assert is_accessible(for_school.data)
    text = re.sub(r"\s+", " ", text_of(for_school.data))
    for said in ("Lina Wojcik", "glissé sur le sol mouillé", "mercredi 27 janvier à 9 h 20", "lésions :", "R441-3"):
        assert said in text, said
    assert "Lina" in text_of(for_host.data)
    assert "Wojcik" not in text_of(for_host.data)


def test_a_structure_without_account_tells_from_its_link(app: Flask, client: FlaskClient, stage: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        placement = placement_of(stage.here)
        number, token = placement.id, tokens(stage.here)[0]
    url = f"/accueil/{token}"
    with at(MONDAY - timedelta(days=3)):
        assert "Signaler une absence" not in client.get(url).text
    with at(MONDAY):
        with app.app_context():
            token = tokens(stage.here)[0]  # links live thirty days
        url = f"/accueil/{token}"
        assert "Signaler une absence" in client.get(url).text
        for what in ("absence", "absence", "accident", "accident"):
            assert client.post(f"{url}/alerte", data={"placement_id": number, "what": what}).status_code == 303
        assert "est là, finalement" in client.get(url).text
        there = client.post(
            f"{url}/alerte", data={"placement_id": number, "what": "arrival"}, follow_redirects=True
        ).text
        assert "le collège sait que l’élève est là" in there
        assert "est là, finalement" not in there
        assert client.post(f"{url}/alerte", data={"placement_id": 987654, "what": "absence"}).status_code == 404
        assert client.post(f"{url}/alerte", data={"placement_id": number, "what": "?"}).status_code == 404
        assert client.post("/accueil/nothing/alerte", data={"what": "absence"}).status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Absence)).one().reported_by_id is None
        assert db.session.scalars(select(Accident)).one().placement_id == number
        assert len(mails("incident_absence")) == len(mails("incident_accident")) >= 3


def test_losses_of_a_week_are_mended_from_where_one_sees_them(app: Flask, client: FlaskClient, stage: World) -> None:
    with app.app_context():
        slot_id = placement_of(stage.here).slot_id
    coordinator = stage.sign_in(client, Role.COORDINATOR)
    offer, school = (
        coordinator.get(page).text for page in (f"/offres/{stage.here.offer_id}", f"/colleges/{stage.here.school_id}")
    )
    for page, link in ((offer, f"perte=semaine&amp;numero={slot_id}"), (school, "perte=semaine-du-college")):
        found = re.search(r'href="(/reparation[^"]*' + re.escape(link) + r'[^"]*)"', page)
        assert found is not None, link
        assert coordinator.get(found[1].replace("&amp;", "&")).status_code == 200
    assert (
        "perte=semaine-du-college" not in stage.sign_in(client, Role.HEAD).get(f"/colleges/{stage.here.school_id}").text
    )
