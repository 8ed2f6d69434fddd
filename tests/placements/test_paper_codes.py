"""Any code that we print is typed on one page, which two addresses open, and leads where its paper does."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.accounts.models import Throttle
from app.hosts import services as hosts
from app.kernel.database import db
from app.placements import queries, services
from app.placements.states import Side
from app.schools import services as schools
from app.schools.queries import paper
from tests.hosts.team_kit import invited, structure
from tests.placements.conftest import Told
from tests.world import Land


def _letter(told: Told, side: Side) -> str:
    return services.printed_code(queries.codes_of([told.placement_id], side)[told.placement_id])


def _slip(land: Land) -> str:
    student = next(s for s in paper.of_classes([land.class_id]) if s.id == land.student_id)
    return schools.slips([student], by=land.actor(Role.TEACHER))[student.id][0].code


def _invitation(land: Land) -> str:
    return hosts.print_code(structure(land), invited(land).id, by=land.actor(Role.HOST))


def test_every_paper_opens_its_own_page(app: Flask, told: Told, client: FlaskClient) -> None:
    with app.app_context():
        codes = {
            "/reponse/": _letter(told, Side.FAMILY),
            "/reponse/.": _letter(told, Side.HOST),
            "/parents/": _slip(told.land),
            "/rejoindre?code=": _invitation(told.land),
        }
        db.session.remove()
    for path, code in codes.items():
        for typed in (code, f" {code.lower()} ", code.replace(" ", "-")):
            answer = client.post("/reponse", data={"code": typed})
            assert answer.status_code == 303
            assert answer.location.startswith(path.removesuffix("."))
        assert client.get(answer.location).status_code == 200
    with app.app_context():
        assert db.session.scalars(select(Throttle)).all() == [], "a good code is no failure"
        db.session.remove()


def test_a_student_is_led_to_the_page_of_the_cards(app: Flask, told: Told, client: FlaskClient) -> None:
    """The class's code is recognised, and counted as a try; the personal code is told from nothing else."""
    answer = client.post("/reponse", data={"code": "classe 1"})
    assert (answer.status_code, answer.location) == (303, "/connexion?classe=CLASSE1")
    page = client.get(answer.location).text
    assert "C’est le code de ta classe" in page
    assert 'value="CLASSE1"' in page
    with app.app_context():
        student = next(s for s in paper.of_classes([told.land.class_id]) if s.id == told.land.student_id)
        (card,) = schools.reissue_cards([student], by=told.land.actor(Role.TEACHER))
        db.session.remove()
    refused = client.post("/reponse", data={"code": card.personal_code})
    assert refused.status_code == 422
    assert re.search(r'href="/connexion"[^>]*>Tu es élève', refused.text)
    with app.app_context():
        assert [row.failures for row in db.session.scalars(select(Throttle))] == [2]
        db.session.remove()


def test_the_addresses_on_paper_open_the_same_page(client: FlaskClient) -> None:
    slip, letter = (client.get(address).text for address in ("/parents", "/reponse"))
    assert slip.count('action="/reponse"') == letter.count('action="/reponse"') == 1


def test_a_parent_finds_the_page_from_every_way_in(client: FlaskClient) -> None:
    for page in ("/", "/connexion", "/connexion/adresse"):
        assert 'href="/parents"' in client.get(page).text
    assert 'href="/reponse"' in client.get("/rejoindre").text
