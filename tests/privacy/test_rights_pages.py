"""The pages of the rights: a student, a family by its link, the coordination, and what everybody may read."""

from __future__ import annotations

import html
import json
import re
from datetime import date, timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.kernel.database import db
from app.kernel.holdings import SubjectKind
from app.offers.models import PlacementOffer
from app.placements import links
from app.privacy import declaring, register, rules
from app.privacy.queries import people, requests
from app.privacy.services import answering
from app.privacy.states import Right
from app.schools.models import LegalGuardian, School, Student
from tests.conftest import NOVEMBER
from tests.privacy import traces
from tests.privacy.rights import asked
from tests.wishes.test_views import statements
from tests.world import World


def _key(page: str) -> str:
    found = re.search(r'name="request_key"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_student_asks_and_fetches(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.STUDENT)
    page = client.get("/mes-donnees").get_data(as_text=True)
    assert "Wojcik" in page
    assert "Que veux-tu demander" in page
    bad = client.post("/mes-donnees", data={"request_key": _key(page), "right": "rectification"})
    assert bad.status_code == 422
    sent = {"request_key": _key(page), "right": "rectification", "words": "<script>mon nom</script>"}
    assert client.post("/mes-donnees", data=sent).status_code == 303
    page = client.get("/mes-donnees").get_data(as_text=True)
    assert "&lt;script&gt;mon nom" in page
    file = client.post("/mes-donnees/fichier", data={"format": "json"})
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(file.data)["person"]["name"] == "Lina Wojcik"
    assert client.post("/mes-donnees/fichier", data={"format": "pdf"}).data.startswith(b"%PDF-")


def test_a_family_asks_by_its_link_and_waits_for_the_answer(app: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    with app.app_context():
        token = links.token_for(db.session.get_one(LegalGuardian, land.guardian_id))
    page = client.get(f"/donnees/{token}").get_data(as_text=True)
    assert "Wojcik" not in page, "the first name is enough"
    assert client.post(f"/donnees/{token}/fichier", data={"format": "json"}).status_code == 403
    assert client.post(f"/donnees/{token}", data={"request_key": _key(page), "right": "access"}).status_code == 303
    with app.app_context():
        row = requests.to_answer(land.actor(Role.COORDINATOR))[0]
        answering.answer(row, "", by=land.actor(Role.COORDINATOR))
    file = client.post(f"/donnees/{token}/fichier", data={"format": "json"})
    assert json.loads(file.data)["person"]["name"] == "Lina Wojcik"
    with time_machine.travel(NOVEMBER + timedelta(days=rules.FILE_DAYS + 1), tick=True):
        assert client.post(f"/donnees/{token}/fichier").status_code == 403
    assert client.get("/donnees/anything").status_code == 404


def test_a_coordinator_sees_the_days_left_and_answers(app: Flask, client: FlaskClient, world: World) -> None:
    land = world.here
    with app.app_context():
        number = asked(land, Right.RECTIFICATION, "Mon prénom est Lena").id
    world.sign_in(client, Role.COORDINATOR)
    assert "30 jours" in client.get("/demandes-donnees").get_data(as_text=True).replace("\u00a0", " ")
    assert "Une demande sur des données" in client.get("/tableau-de-bord").get_data(as_text=True)
    page = client.get(f"/demandes-donnees/{number}").get_data(as_text=True)
    assert 'value="Lina"' in page
    assert client.post(f"/demandes-donnees/{number}/refuser", data={"words": ""}).status_code == 422
    sent = {"words": "Corrigé.", "first_name": "Lena", "last_name": "Wojcik", "birth_date": ""}
    assert client.post(f"/demandes-donnees/{number}/repondre", data=sent).status_code == 303
    with app.app_context():
        assert db.session.get_one(Student, land.student_id).first_name == "Lena"
    world.sign_in(client, Role.COORDINATOR, world.there)
    assert client.get(f"/demandes-donnees/{number}").status_code == 404


def test_a_letter_of_a_structures_contact_is_written_down_and_answered(
    app: Flask, client: FlaskClient, world: World
) -> None:
    land = world.here
    world.sign_in(client, Role.COORDINATOR)
    page = client.get("/demandes-donnees/nouvelle?qui=lefebvre").get_data(as_text=True)
    assert "Ressourcerie du Terril 1" in page
    assert "Ressourcerie du Terril 2" not in page
    person = f"contact:{land.organization_id}:Karim Lefebvre"
    sent = {"qui": "lefebvre", "request_key": _key(page), "person": person, "right": "erasure", "words": "Il part."}
    sent["received_on"] = "2026-11-20"
    assert client.post("/demandes-donnees/nouvelle", data=sent | {"received_on": "2026-11-24"}).status_code == 422
    elsewhere = sent | {"person": f"contact:{world.there.organization_id}:Karim Lefebvre"}
    assert client.post("/demandes-donnees/nouvelle", data=elsewhere).status_code == 422
    told = client.post("/demandes-donnees/nouvelle", data=sent)
    assert told.status_code == 303
    with app.app_context():
        assert requests.to_answer(land.actor(Role.COORDINATOR))[0].due_on == date(2026, 12, 20)
    assert client.post(f"{told.location}/repondre", data={"words": ""}).status_code == 303
    with app.app_context():
        offer = db.session.get_one(PlacementOffer, land.offer_id)
        assert (offer.tutor_name, offer.tutor_role) == ("", "")
        assert db.session.get_one(PlacementOffer, world.there.offer_id).tutor_name == "Karim Lefebvre"
    assert "Personne de ce nom" in client.get("/demandes-donnees/nouvelle?qui=lefebvre").get_data(as_text=True)


def test_a_letter_may_be_about_anybody(context: Flask, world: World) -> None:
    by = world.here.actor(Role.COORDINATOR)
    kinds = {word: {person.kind for person in people.named(by, word)} for word in ("wojcik", "teacher", "Zzz", "")}
    assert kinds == {
        "wojcik": {SubjectKind.STUDENT, SubjectKind.GUARDIAN},
        "teacher": {SubjectKind.ACCOUNT},
        "Zzz": set(),
        "": set(),
    }


def test_the_list_of_requests_asks_the_same_however_long(app: Flask, client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.COORDINATOR)
    seen = []
    for number in range(2):
        with app.app_context():
            for right in (Right.ERASURE, Right.OBJECTION):
                asked(world.here, right, key=f"{right.value}-{number}")
        with statements(app) as told:
            assert client.get("/demandes-donnees").status_code == 200
        seen.append(len(told))
    assert seen[0] == seen[1]


def test_the_register_is_read_from_the_columns(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.COORDINATOR)
    page = client.get("/registre").get_data(as_text=True)
    assert "Collège François Rabelais" in page
    file = client.get("/registre.csv").get_data(as_text=True)
    lines = file.splitlines()
    with client.application.app_context():
        assert len(lines) == 1 + len(register.entries())
        assert list(declaring.undeclared()) == []
    assert any(";student;birth_date;" in line for line in lines)
    for path in ("/vos-donnees", "/tes-donnees"):
        assert client.get(path).status_code == 200


def test_the_register_says_all_that_article_30_asks(app: Flask, client: FlaskClient, world: World) -> None:
    """Controllers and how to reach them, officer, processors, people, purposes, data, recipients, transfers, durations,
    safety; on the page, in the spreadsheet and in the PDF."""
    coordinator = world.sign_in(client, Role.COORDINATOR)
    assert "Pas encore dit" in coordinator.get("/registre").text
    app.config["SETTINGS"].data_officer = "Awa Diop, dpd@academie.example"
    app.config["SETTINGS"].processors = ["Hébergeur du Nord, Roubaix", "=Courrier, Lille"]
    with app.app_context():
        db.session.get_one(School, world.there.school_id).name = "Collège d’ailleurs"
        uai = db.session.get_one(School, world.here.school_id).uai
        db.session.commit()
        safety = str(register.SECURITY[0])
    wanted = ["Awa Diop", "Hébergeur du Nord", uai, "Aucun transfert", "Responsables conjoints"]
    told = {
        "page": html.unescape(coordinator.get("/registre").text),
        "csv": coordinator.get("/registre.csv").text,
        "pdf": b" ".join(traces._pdf(coordinator.get("/registre.pdf").data)).decode(),
    }
    for where, text in told.items():
        flat = " ".join(text.split())
        missing = [word for word in [*wanted, " ".join(safety.split())[:40]] if word not in flat]
        assert not missing, where
    assert all("Collège d’ailleurs" not in text for text in told.values())
    assert "Awa Diop" in app.test_client().get("/vos-donnees").text
