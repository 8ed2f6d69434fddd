"""A logout token that lies ends nobody's session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt

from app.accounts import rules
from app.accounts.models import ExternalAccount
from app.kernel import clock
from app.kernel.database import db
from tests.accounts.test_lying_provider import OTHER, Liar, _come_back, _provider, _serving, _signed, _unsigned
from tests.world import World

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def liar(app: Flask, client: FlaskClient, world: World) -> Iterator[Liar]:
    """A provider by which the client has come in, as the teacher."""
    liar = Liar(_provider())
    app.config["SETTINGS"].sso = [liar.provider]
    with _serving(liar):
        assert _come_back(client, liar).location == "/"
        yield liar


def _claims(liar: Liar, **more: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    honest = {"iss": liar.provider.issuer, "aud": liar.provider.client_id, "sub": "1", "iat": now, "exp": now + 120}
    return {**honest, "jti": "j", "events": {EVENT: {}}, **more}


def _end(app: Flask, token: str, provider: str = "ent") -> int:
    return app.test_client().post(f"/connexion/fin/{provider}", data={"logout_token": token}).status_code


def test_an_honest_one_is_believed_and_somebody_unknown_changes_nothing(
    app: Flask, client: FlaskClient, liar: Liar
) -> None:
    assert _end(app, _signed(_claims(liar, sub="nobody"))) == 200
    assert client.get("/mon-compte").status_code == 200
    app.config["WTF_CSRF_ENABLED"] = True  # it carries its own proof
    assert _end(app, _signed(_claims(liar))) == 200
    assert client.get("/mon-compte").status_code == 302


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "for another site": {"aud": "somebody-else"},
    "too old": {"iat": 1_000_000_000},
    "over": {"exp": 1_000_000_000},
    "an ID token": {"nonce": "n"},
    "no event": {"events": {}},
    "another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "the event is no object": {"events": {EVENT: True}},
    "no subject": {"sub": None},
    "no number": {"jti": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_ends_nothing(app: Flask, client: FlaskClient, liar: Liar, lie: str) -> None:
    claims = {name: value for name, value in _claims(liar, **LIES[lie]).items() if value is not None}
    assert _end(app, _signed(claims)) == 400
    assert client.get("/mon-compte").status_code == 200


def test_a_token_signed_by_nobody_or_by_another_ends_nothing(app: Flask, client: FlaskClient, liar: Liar) -> None:
    claims = _claims(liar)
    for token in ("", "x.y.z", _unsigned(claims), jwt.encode({"alg": "RS256", "kid": "1"}, claims, OTHER)):
        assert _end(app, token) == 400
    assert _end(app, _signed(claims), "other") == 404
    assert client.get("/mon-compte").status_code == 200


def test_guessing_is_slowed(app: Flask, client: FlaskClient, liar: Liar) -> None:
    answers = {_end(app, "x.y.z") for _ in range(20 * rules.FREE_FAILURES + 1)}
    assert answers == {400, 429}


def test_a_subject_is_of_its_issuer(app: Flask, client: FlaskClient, world: World, liar: Liar) -> None:
    """The same number at another provider is somebody else."""
    with app.app_context():
        linked = db.session.scalars(db.select(ExternalAccount)).one()
        linked.issuer = "https://another.example"
        db.session.commit()
    assert _end(app, _signed(_claims(liar))) == 200
    assert client.get("/mon-compte").status_code == 200
