"""A provider that lies, or is down: each lie is refused with a sentence, and a way on."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64encode
from pydantic import ValidationError

from app.accounts import gateway
from app.kernel import clock
from app.settings import IdentityProvider, Settings
from tests.accounts.providers import free_port
from tests.world import World

KEY, OTHER = RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})


@dataclass
class Liar:
    """Answers as a provider does, but for what `lies` changes."""

    provider: IdentityProvider
    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=lambda: {"sub": "1"})
    metadata: dict[str, Any] = field(default_factory=dict)
    sign: Any = None
    token_status: int = 200

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        issuer = self.provider.issuer
        if path.endswith("openid-configuration"):
            return 200, {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks",
                "userinfo_endpoint": f"{issuer}/me",
                **self.metadata,
            }
        if path == "/jwks":
            return 200, {"keys": [KEY.as_dict(private=False)]}
        if path == "/me":
            return 200, self.userinfo
        return self.token_status, {
            "access_token": "a",
            "token_type": "Bearer",
            "id_token": (self.sign or _signed)(self._honest() | self.claims),
        }

    def _honest(self) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        return {
            "iss": self.provider.issuer,
            "aud": self.provider.client_id,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "teacher1@passerelle.example",
            "email_verified": True,
        }


def _signed(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, KEY)


@contextmanager
def _serving(liar: Liar) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def _reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = liar.answer(urlsplit(self.path).path)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _reply  # noqa: N815  # the names that its parent looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", urlsplit(liar.provider.issuer).port or 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _provider() -> IdentityProvider:
    return IdentityProvider(
        id="ent",
        label="ENT",
        issuer=f"http://127.0.0.1:{free_port()}",
        client_id="passerelle",
        audience="school",
    )


@pytest.fixture
def liar(app: Flask) -> Iterator[Liar]:
    liar = Liar(_provider())
    app.config["SETTINGS"].sso = [liar.provider]
    with _serving(liar):
        yield liar


def _come_back(client: FlaskClient, liar: Liar, **more: str) -> Any:
    asked = parse_qs(urlsplit(client.get("/connexion/portail/ent").location).query)
    liar.nonce = asked["nonce"][0]
    return client.get("/connexion/retour/ent", query_string={"code": "c", "state": asked["state"][0], **more})


def test_an_honest_answer_is_believed(client: FlaskClient, world: World, liar: Liar) -> None:
    """Without this the lies below could be refused for another reason."""
    assert _come_back(client, liar).location == "/"


def _written(head: dict[str, str], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token by hand: the library refuses to write such ones."""
    parts = b".".join(urlsafe_b64encode(json.dumps(part).encode()) for part in (head, claims))
    return (parts + b"." + urlsafe_b64encode(sign(parts))).decode()


def _unsigned(claims: dict[str, Any]) -> str:
    return _written({"alg": "none"}, claims, lambda _parts: b"")


def _with_the_public_key(claims: dict[str, Any]) -> str:
    """The key confusion: what everybody knows, taken for a shared secret."""
    public = KEY.as_pem(private=False)
    return _written({"alg": "HS256", "kid": "1"}, claims, lambda parts: hmac.digest(public, parts, "sha256"))


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "for another site": {"claims": {"aud": "somebody-else"}},
    "for several, not asked by us": {"claims": {"aud": ["passerelle", "x"], "azp": "x"}},
    "an older nonce": {"claims": {"nonce": "older"}},
    "no nonce": {"claims": {"nonce": ""}},
    "too old": {"claims": {"exp": 1_000_000_000, "iat": 999_999_000}},
    "from tomorrow": {"claims": {"iat": 9_000_000_000, "exp": 9_100_000_000}},
    "no subject": {"claims": {"sub": ""}},
    "an endless subject": {"claims": {"sub": "x" * 300}, "userinfo": {"sub": "x" * 300}},
    "userinfo of somebody else": {"userinfo": {"sub": "2", "email": "head1@passerelle.example"}},
    "not signed": {"sign": _unsigned},
    "signed by another": {"sign": lambda claims: jwt.encode({"alg": "RS256", "kid": "1"}, claims, OTHER)},
    "signed with the public key": {"sign": _with_the_public_key},
    "no token at all": {"sign": lambda _claims: "not a token"},
    "another hash of the access token": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
}


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_lie_opens_nothing_and_is_told(client: FlaskClient, world: World, liar: Liar, lie: str) -> None:
    for name, value in LIES[lie].items():
        setattr(liar, name, value)
    answer = _come_back(client, liar)
    assert answer.status_code == 422
    assert "La réponse de « ENT » n’est pas sûre" in answer.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert 'href="/connexion/adresse"' in answer.text
    assert client.get("/mon-compte").status_code == 302


def test_the_answer_of_another_provider_is_refused(client: FlaskClient, world: World, liar: Liar) -> None:
    assert _come_back(client, liar, iss="https://evil.example").status_code == 422
    assert client.get("/mon-compte").status_code == 302


def test_an_address_verified_elsewhere_is_not_this_one(client: FlaskClient, world: World, liar: Liar) -> None:
    """ID token: an address, unverified. Userinfo: `email_verified`, of another address."""
    liar.claims = {"email_verified": None}
    liar.userinfo = {"sub": "1", "email": "other@mail.example", "email_verified": True}
    assert _come_back(client, liar).status_code == 422
    liar.claims = {"email_verified": "true"}  # a word, not a truth
    assert _come_back(client, liar).status_code == 422


def test_a_provider_that_calls_itself_otherwise_is_not_visited(client: FlaskClient, world: World, liar: Liar) -> None:
    liar.metadata = {"issuer": "https://evil.example"}
    answer = client.get("/connexion/portail/ent")
    assert answer.status_code == 503
    assert "ne répond pas" in answer.text


def test_a_provider_that_is_down_is_said_and_others_are_offered(app: Flask, client: FlaskClient, world: World) -> None:
    app.config["SETTINGS"].sso = [_provider()]
    answer = client.get("/connexion/portail/ent")
    assert answer.status_code == 503
    assert "ne répond pas en ce moment" in answer.text
    assert 'href="/connexion"' in answer.text


@pytest.mark.parametrize("change", [{"token_status": 500}, {"metadata": {"userinfo_endpoint": "http://127.0.0.1:1/"}}])
def test_a_provider_that_falls_on_the_way_back_is_said(
    client: FlaskClient, world: World, liar: Liar, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(liar, name, value)
    answer = _come_back(client, liar)
    assert answer.status_code in {422, 503}
    assert "Recommencer avec ENT" in answer.text
    assert client.get("/mon-compte").status_code == 302


def test_its_description_is_asked_once_an_hour(client: FlaskClient, world: World, liar: Liar) -> None:
    _come_back(client, liar)
    liar.metadata = {"issuer": "https://evil.example"}
    assert client.get("/connexion/portail/ent").status_code == 303
    gateway._known.clear()
    assert client.get("/connexion/portail/ent").status_code == 503


def test_an_unknown_portal_does_not_exist(client: FlaskClient, world: World) -> None:
    for path in ("/connexion/portail/x", "/connexion/retour/x", "/deconnexion/x", "/deconnexion/x/sortir"):
        assert client.get(path).status_code == 404


GOOD = {"id": "ent", "label": "ENT", "issuer": "https://ent.example", "client_id": "x", "audience": "school"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://ent.example"},
        {"id": "../x"},
        {"audience": "everybody"},
        {"roles": {"a": "admin"}, "role_claim": "r", "territory": "t"},
        {"roles": {"a": "teacher"}},
        {"secrett": "typo"},
    ],
    ids=str,
)
def test_a_wrong_setting_stops_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(sso=[{**GOOD, **wrong}])


def test_providers_come_from_the_environment_and_from_a_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sso.toml"
    file.write_text(
        '[[provider]]\nid = "pro"\nlabel = "Pro"\nissuer = "https://pro.example"\nclient_id = "y"\n'
        'audience = "professional"\n'
    )
    monkeypatch.setenv("PASSERELLE_SSO", json.dumps([GOOD]))
    monkeypatch.setenv("PASSERELLE_SSO_FILE", str(file))
    assert [provider.id for provider in Settings().sso] == ["ent", "pro"]
    file.write_text(file.read_text().replace("pro.example", "ent.example"))
    with pytest.raises(ValidationError, match="same issuer"):
        Settings()
