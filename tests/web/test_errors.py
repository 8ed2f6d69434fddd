"""Error pages speak to people, and tell nothing of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.access.policy import Role
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid
from app.settings import Settings
from tests.world import World


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Hidden("Rien ici."), 404),
        (Forbidden("Pas pour vous."), 403),
        (Conflict("Trop tard."), 409),
        (Invalid("À corriger."), 422),
    ],
)
def test_a_refusal_carries_its_own_sentence(client: FlaskClient, app: Flask, error: Exception, status: int) -> None:
    def view() -> str:
        raise error

    app.add_url_rule("/essai", view_func=view)
    answer = client.get("/essai")
    assert answer.status_code == status
    assert str(error) in answer.text
    assert answer.text.count("<h1") == 1


def test_an_unexpected_failure_says_nothing_of_the_machine(engine: str, tmp_path: Path) -> None:
    app = create_app(Settings(environment="development", instance=tmp_path, database_url=engine, jobs="off"))

    def view() -> str:
        raise RuntimeError("secret détail")

    app.add_url_rule("/essai", view_func=view)
    answer = app.test_client().get("/essai")
    assert answer.status_code == 500
    assert "La panne vient de chez nous" in answer.text
    assert "secret" not in answer.text


def test_headers_hold_on_every_answer(client: FlaskClient, world: World) -> None:
    for path in ("/", "/connexion", "/nulle-part", "/static/css/tokens.css", "/healthz"):
        answer = client.get(path)
        answer.close()
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
    cookie = world.sign_in(client, Role.STUDENT).get("/mon-espace")
    assert cookie.headers["Cache-Control"] == "no-store"


def test_readiness_tells_when_the_database_is_away(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'missing.db'}"
    app = create_app(Settings(environment="test", instance=tmp_path, database_url=url, jobs="off"))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert app.test_client().get("/healthz").status_code == 200
