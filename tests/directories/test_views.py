"""The coordinator's pages: drop, preview, confirm; and the list of structures to call."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.access.policy import Role
from app.directories import views
from app.kernel.database import db
from tests.directories import excerpts
from tests.world import World, siret


def send(client: FlaskClient, data: bytes, **more: str) -> TestResponse:
    return client.post(
        "/fichiers-officiels",
        data={"file": (io.BytesIO(data), "fichier.csv"), **more},
        content_type="multipart/form-data",
    )


def spaced(page: str) -> str:
    """With ordinary spaces."""
    return page.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def coordinator(client: FlaskClient, world: World) -> FlaskClient:
    return world.sign_in(client, Role.COORDINATOR)


def test_a_list_is_dropped_previewed_confirmed_and_seen(coordinator: FlaskClient) -> None:
    assert "Importer un fichier officiel" in coordinator.get("/structures").text
    dropped = send(coordinator, excerpts.SIAE.encode())
    assert dropped.status_code == 303
    page = coordinator.get(dropped.location).text
    for said in ("3 lignes lues", "LE FIL DOUX", siret(excerpts.A), "CEDEX", "hors du territoire", "à vérifier"):
        assert said in page
    done = coordinator.post(dropped.location, follow_redirects=True)
    assert "2 lignes ajoutées." in done.text
    assert "LE FIL DOUX" in done.text
    assert "À appeler" in done.text
    assert coordinator.post(dropped.location).status_code == 404, "a file is confirmed once"
    usual = coordinator.get("/structures").text
    assert "2 structures à appeler" in usual
    assert "LE FIL DOUX" not in usual


def test_a_change_says_what_was_and_what_will_be(coordinator: FlaskClient) -> None:
    page = spaced(coordinator.get(send(coordinator, excerpts.SCHOOLS.encode()).location).text)
    assert "adresse, de « rien » à « 51 rue René Cassin »" in page, page
    assert "Collège Gérard Philipe" in page


def test_a_national_table_is_compared_only(coordinator: FlaskClient) -> None:
    dropped = send(coordinator, excerpts.ROME.encode())
    page = coordinator.get(dropped.location).text
    assert "flask directories import" in page
    assert ">Enregistrer<" not in page
    assert coordinator.post(dropped.location).status_code == 403
    assert coordinator.post(dropped.location, data={"step": "abandon"}).status_code == 303


@pytest.mark.parametrize(
    ("data", "more", "said"),
    [
        (b"", {}, "Ce fichier est vide"),
        (b"a;b\n1;2\n", {}, "Aucun genre de fichier reconnu"),
        (excerpts.SIAE.encode(), {"family": "sirene"}, "pas les colonnes"),
        (excerpts.SIAE.encode(), {"family": "autre"}, "field__error"),
        (excerpts.SIAE.encode(), {"family": "   "}, "field__error"),
        (excerpts.SIAE.encode(), {"group": "x" * 90}, "trop long"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(
    coordinator: FlaskClient, data: bytes, more: dict[str, str], said: str
) -> None:
    answer = send(coordinator, data, **more)
    assert answer.status_code == 422
    assert said in spaced(answer.text)


def test_without_a_file_or_with_a_giant_the_page_answers(
    coordinator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert coordinator.post("/fichiers-officiels", data={}).status_code == 422
    monkeypatch.setattr(views, "MAX_BYTES", 1_000 - 1024 * 1024)  # the envelope of the form has a megabyte
    assert send(coordinator, b"x" * 5_000).status_code == 413


def test_what_a_file_says_is_text(coordinator: FlaskClient) -> None:
    line = f"<script>alert(1)</script>;;ACI;{siret(excerpts.A)};;;62110;Hénin-Beaumont;62;;;;;"
    page = coordinator.get(send(coordinator, excerpts.siae(line).encode()).location).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


def test_the_preview_costs_a_few_statements_whatever_the_length(app: Flask, coordinator: FlaskClient) -> None:
    heading, *lines = excerpts.SIAE.strip().split("\r\n")
    many = [lines[0].replace(siret(excerpts.A), siret(excerpts.A, n)) for n in range(1, 40)]
    location = send(coordinator, "\n".join([heading, *many]).encode()).location
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    assert "39 lignes lues" in spaced(coordinator.get(location).text)
    assert len(statements) <= 16, statements


def test_the_coordinations_page_of_a_school_tells_its_index_and_its_teachers_does_not(
    app: Flask, coordinator: FlaskClient, world: World
) -> None:
    coordinator.post(send(coordinator, excerpts.IPS.encode()).location)
    page = f"/colleges/{world.here.school_id}"
    assert "95,1" in coordinator.get(page).text
    teacher = world.sign_in(app.test_client(), Role.TEACHER).get(page)
    assert teacher.status_code == 200
    assert "95,1" not in teacher.text
