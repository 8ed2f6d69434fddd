"""Pages of schools: the road of a teacher and of a coordinator, and wrong input."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.kernel.database import db
from app.schools.models import LegalGuardian, School, SchoolClass, SchoolWeek, Student
from tests.world import World

SCHOOL = {
    "name": "Collège Jean Macé",
    "uai": "0620071R",
    "postcode": "",
    "address": "",
    "lat": "",
    "lon": "",
    "status": "public",
    "priority_education": "REP",
}


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_coordinator_adds_a_school_and_chooses_its_weeks(app: Flask, client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.COORDINATOR)
    answer = client.post("/colleges/nouveau", data={**SCHOOL, "commune_id": world.here.commune_id})
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Collège Jean Macé" in page
    assert "Aucune semaine choisie" in page
    chosen = client.post(f"{answer.location}/semaines", data={"weeks": ["2027-01-25"]})
    assert chosen.status_code == 303
    assert "du lundi 25 au vendredi 29 janvier" in client.get(answer.location).text
    assert count(app, SchoolWeek) == 5


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"uai": "0620071X"}, "Ce code UAI n’est pas juste"),
        ({"uai": ""}, "Écrivez le code UAI"),
        ({"uai": "🙂"}, "Ce code UAI n’est pas juste"),
        ({"name": ""}, "Remplissez ce champ"),
        ({"name": "x" * 10_000}, "trop long"),
        ({"postcode": "6211"}, "Un code postal a cinq chiffres"),
        ({"lat": "ici"}, "Écrivez un nombre"),
        ({"lat": "NaN", "lon": "2,9"}, "France"),
        ({"lat": "50,4"}, "aucune des deux"),
        ({"lat": "1e400", "lon": "2,9"}, "France"),
        ({"commune_id": "999999"}, "Choisissez une commune"),
        ({"commune_id": ""}, "Choisissez une commune"),
    ],
)
def test_a_wrong_school_comes_back_as_it_was_typed(
    app: Flask, client: FlaskClient, world: World, wrong: dict[str, str], sentence: str
) -> None:
    world.sign_in(client, Role.COORDINATOR)
    data = {**SCHOOL, "commune_id": str(world.here.commune_id), "address": "<script>alert(1)</script>", **wrong}
    answer = client.post("/colleges/nouveau", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert(1)" not in answer.text
    assert count(app, School) == 2


@pytest.mark.parametrize("weeks", [["2027-02-22"], ["demain"], ["2027-01-25", "x" * 10_000]])
def test_a_week_outside_the_campaign_is_refused(client: FlaskClient, world: World, weeks: list[str]) -> None:
    world.sign_in(client, Role.HEAD)
    answer = client.post(f"/colleges/{world.here.school_id}/semaines", data={"weeks": weeks})
    assert answer.status_code == 422
    assert "Choisissez parmi les semaines de la campagne" in answer.text


def test_staff_is_invited_and_an_address_of_another_role_is_refused(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.COORDINATOR)
    url = f"/colleges/{world.here.school_id}/inviter"
    form = {"name": "Nadia Kaci", "email": "nadia@college.example", "role": "teacher"}
    assert client.post(url, data=form).status_code == 303
    taken = client.post(url, data={**form, "email": "host1@passerelle.example"})
    assert taken.status_code == 422
    assert "sert déjà à un autre compte" in taken.text
    wrong = client.post(url, data={**form, "email": "nadia", "role": "admin"})
    assert wrong.status_code == 422
    assert "Cette adresse n’est pas complète" in wrong.text


def test_a_teacher_creates_a_class_pastes_the_list_and_prints_the_cards(
    app: Flask, client: FlaskClient, world: World
) -> None:
    world.sign_in(client, Role.TEACHER)
    answer = client.post(f"/colleges/{world.here.school_id}/classes/nouvelle", data={"name": "3e B", "level": "3e"})
    assert answer.status_code == 303
    url = answer.location
    preview = client.post(url, data={"names": "HADDAD Yanis\nZoé PETIT\nseul\nPETIT Zoé"})
    assert preview.status_code == 200
    assert "3 élèves lus dans votre liste" in preview.text
    assert "Ligne 3" in preview.text
    assert "Cochez seulement si c’est une autre personne" in preview.text
    assert re.findall(r'name="keep" value="(\d)" checked', preview.text) == ["0", "1"]
    confirmed = client.post(
        f"{url}/confirmer",
        data={
            "last_name": ["Haddad", "Petit", "Petit"],
            "first_name": ["Yanis", "Zoé", "Zoé"],
            "homonyms_seen": ["0", "0", "1"],
            "keep": ["0", "1"],
        },
    )
    assert confirmed.status_code == 200
    assert confirmed.text.count('class="access-card"') == 2
    codes = re.findall(r"<strong>([0-9A-Z]{4} [0-9A-Z]{4})</strong>", confirmed.text)
    assert len(set(codes)) == 2
    assert 'src="data:image/svg+xml' in confirmed.text
    with app.app_context():
        code = db.session.scalar(select(SchoolClass.code).where(SchoolClass.name == "3e B"))
    assert code in confirmed.text
    student = app.test_client()
    assert student.post("/connexion", data={"class_code": code, "personal_code": codes[0]}).status_code in {302, 303}
    again = client.post(
        f"{url}/confirmer",
        data={"last_name": "Haddad", "first_name": "Yanis", "homonyms_seen": "0", "keep": "0"},
        follow_redirects=True,
    )
    assert "Ces élèves étaient déjà dans la classe" in again.text


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ("", "Écrivez au moins un élève"),
        ("   \n ", "Écrivez au moins un élève"),
        ("A" * 10_000, "trop long"),
        ("\n".join(f"NOM Prénom{chr(65 + i % 26)}" for i in range(61)), "61 lignes"),
    ],
)
def test_a_list_that_cannot_be_read_comes_back(client: FlaskClient, world: World, names: str, sentence: str) -> None:
    world.sign_in(client, Role.TEACHER)
    answer = client.post(f"/classes/{world.here.class_id}/eleves", data={"names": names})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert names.strip()[:200] in answer.text


def test_a_preview_with_a_wrong_name_keeps_every_line(app: Flask, client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.TEACHER)
    answer = client.post(
        f"/classes/{world.here.class_id}/eleves/confirmer",
        data={
            "last_name": ["Haddad", "<b>Petit</b>"],
            "first_name": ["Yanis", "Zoé"],
            "homonyms_seen": ["0", "²"],
            "keep": ["0", "1"],
            "names": "HADDAD Yanis",
        },
    )
    assert answer.status_code == 422
    assert "&lt;b&gt;Petit&lt;/b&gt;" in answer.text
    assert 'value="Haddad"' in answer.text
    assert count(app, Student) == 6


def test_nobody_ticked_is_said(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.TEACHER)
    answer = client.post(
        f"/classes/{world.here.class_id}/eleves/confirmer",
        data={"last_name": "Haddad", "first_name": "Yanis", "homonyms_seen": "0"},
    )
    assert answer.status_code == 422
    assert "Aucun élève n’est coché" in answer.text


def test_the_list_comes_back_to_be_corrected(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.TEACHER)
    answer = client.post(f"/classes/{world.here.class_id}/eleves", data={"names": "HADDAD Yanis\nseul", "step": "back"})
    assert answer.status_code == 200
    assert "HADDAD Yanis\nseul</textarea>" in answer.text


def test_new_cards_are_asked_for_twice(client: FlaskClient, world: World) -> None:
    world.sign_in(client, Role.TEACHER)
    url = f"/classes/{world.here.class_id}/cartes"
    assert "elles ne marchent plus" in client.get(url).text
    printed = client.post(url)
    assert printed.text.count('class="access-card"') == 3
    assert "no-store" in printed.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"last_name": ""}, "Écrivez le nom"),
        ({"first_name": "<script>"}, "Un nom ne contient que des lettres"),
        ({"first_name": "x" * 10_000}, "trop long"),
        ({"guardian_1_email": "anna"}, "Cette adresse n’est pas complète"),
        ({"guardian_2_email": "paul@mail.example"}, "Écrivez aussi le nom"),
    ],
)
def test_a_wrong_file_comes_back(
    app: Flask, client: FlaskClient, world: World, wrong: dict[str, str], sentence: str
) -> None:
    world.sign_in(client, Role.TEACHER)
    data = {"last_name": "Wojcik", "first_name": "Lina", "guardian_1_name": "Anna 🙂", **wrong}
    answer = client.post(f"/eleves/{world.here.student_id}/modifier", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Anna 🙂" in answer.text
    assert count(app, LegalGuardian) == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Écrivez le nom de la classe"),
        ({"name": "x" * 10_000}, "trop long"),
        ({"name": "3A"}, "existe déjà"),
        ({"level": ""}, "Choisissez un niveau"),
        ({"level": "2de"}, "hoix"),
    ],
)
def test_a_wrong_class_comes_back(
    app: Flask, client: FlaskClient, world: World, wrong: dict[str, str], sentence: str
) -> None:
    world.sign_in(client, Role.HEAD)
    url = f"/colleges/{world.here.school_id}/classes/nouvelle"
    answer = client.post(url, data={"name": "3C", "level": "3e", **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert count(app, SchoolClass) == 2
