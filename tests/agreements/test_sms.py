"""Text messages: a log file by default; any provider by HTTP, against a real server here."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from pydantic import SecretStr

from app.agreements import gateway_sms
from app.agreements.gateway_sms import NotSent, mobile
from app.agreements.services import asking
from app.agreements.states import PartyRole, SignatureState
from app.settings import Settings
from tests.agreements.signing_kit import Case
from tests.world import World

PHONE = "06 12 34 56 78"


@dataclass
class Provider:
    port: int = 0
    answer: int = 200
    received: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's own name
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            found.received.append((self.command, self.path, dict(self.headers), body))
            self.send_response(found.answer)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        do_GET = do_POST  # noqa: N815  # the same

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def settings(provider: Provider, **more: Any) -> Settings:
    usual = {"sms": "http", "sms_url": f"http://127.0.0.1:{provider.port}/send", "sms_secret": SecretStr("s3cret")}
    return Settings(environment="test", **{**usual, **more})


def test_json_with_a_secret_in_a_header(provider: Provider) -> None:
    headers = {"Content-Type": "application/json", "Authorization": "Bearer {secret}"}
    gateway_sms.send(settings(provider, sms_headers=headers), "+33612345678", 'Dit : "été" \\ {secret}')
    method, path, sent, body = provider.received[0]
    assert (method, path, sent["Authorization"]) == ("POST", "/send", "Bearer s3cret")
    assert json.loads(body) == {"to": "+33612345678", "text": 'Dit : "été" \\ {secret}'}


def test_a_form_and_an_address(provider: Provider) -> None:
    url = f"http://127.0.0.1:{provider.port}/v1/{{to}}?key={{secret}}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    gateway_sms.send(
        settings(provider, sms_url=url, sms_headers=form, sms_body="to={to}&msg={text}"), "+33612345678", "a&b=c é"
    )
    _method, path, _headers, body = provider.received[0]
    assert path == "/v1/%2B33612345678?key=s3cret"
    assert parse_qs(body) == {"to": ["+33612345678"], "msg": ["a&b=c é"]}


@pytest.mark.parametrize("answer", [400, 401, 500, 302])
def test_a_refusal_is_told(provider: Provider, answer: int) -> None:
    provider.answer = answer
    with pytest.raises(NotSent):
        gateway_sms.send(settings(provider), "+33612345678", "x")
    assert len(provider.received) == 1


def test_nobody_there_or_no_address() -> None:
    with pytest.raises(NotSent):
        gateway_sms.send(Settings(environment="test", sms="http", sms_url="http://127.0.0.1:9/"), "+33612345678", "x")
    with pytest.raises(NotSent):
        gateway_sms.send(Settings(environment="test", sms="http", sms_url="file:///etc/passwd"), "+33612345678", "x")


def test_in_production_a_log_reaches_nobody() -> None:
    kept = Settings(environment="production", secret_key=SecretStr("x" * 40))
    assert not gateway_sms.reaches_people(kept)
    assert gateway_sms.reaches_people(Settings(environment="test"))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("07.12.34.56.78", "+33712345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("+48 512 345 678", "+48512345678"),
        ("03 21 00 00 00", None),
        ("+33 3 21 00 00 00", None),
        ("", None),
        ("bonjour", None),
    ],
)
def test_only_mobile_numbers(typed: str, number: str | None) -> None:
    assert mobile(typed) == number


def test_a_parent_without_mail_signs_by_text_messages(app: Flask, world: World) -> None:
    case = Case.of(app, world.here, guardians=({"email": "", "phone": PHONE},))
    client, log = app.test_client(), app.config["SETTINGS"].instance / "sms.log"

    def texts() -> list[str]:
        return [json.loads(line)["text"] for line in log.read_text().splitlines()] if log.exists() else []

    with app.app_context():
        asking.text_links()
        asking.text_links()
    assert len(texts()) == 1
    address = texts()[0].split("/signer/")[1].split("/")[1]
    assert "•• •• •• 56 78" in client.get(case.path(address)).text
    assert client.post(case.path(address, "/code"), data=case.consent(channel="sms")).status_code == 303
    code = texts()[1].split(" : ")[1][:6]
    assert client.post(case.path(address, "/signature"), data={"code": code}).status_code == 303
    parent = case.party(PartyRole.GUARDIAN)
    assert parent.state is SignatureState.SIGNED
    assert [row.facts.get("channel") for row in case.events(parent) if row.event == "signed"] == ["sms"]


def test_when_the_message_does_not_leave_another_way_is_open(app: Flask, world: World) -> None:
    case = Case.of(app, world.here, guardians=({"phone": PHONE},))
    kept = app.config["SETTINGS"]
    kept.sms, kept.sms_url = "http", "http://127.0.0.1:9/"
    token = case.token("anna@famille.example")
    client = app.test_client()
    assert client.post(case.path(token, "/code"), data=case.consent(channel="sms")).status_code == 409
    assert client.post(case.path(token, "/code"), data=case.consent(channel="mail")).status_code == 303
