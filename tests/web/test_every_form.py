"""Every form of every page, filled with what people should not send: an answer each time, nothing lost."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.accounts.models import User
from app.kernel import clock
from app.kernel.database import db
from tests.access.test_endpoints import CALLS, GUARDED, SIGNED_IN
from tests.world import World

NASTY = {
    "nothing": "",
    "spaces": "   ",
    "long": "é" * 10_000,
    "emoji": "🦄🦄",
    "script": "<script>alert(1)</script>",
    "quotes": "\"' OR 1=1 --",
    "control": "a\x00b\u202ec\ud800".encode("utf-8", "replace").decode(),
    "huge number": "1000000000",
    "negative": "-1",
    "a date in the holidays": "2027-02-22",
    "a wrong SIRET": "12345678901234",
}
_NOT_FORMS = ("/deconnexion", "/parties-du-site")  # signing out; the samples of the style guide
ANSWERS = {200, 302, 303, 400, 403, 404, 409, 413, 422, 429}


@dataclass
class FoundForm:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)  # name → kind


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.forms, self._open = page, [], None

    forms: list[FoundForm]
    _open: FoundForm | None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self._open = FoundForm(a.get("action") or self.page, (a.get("method") or "get").lower())
            self.forms.append(self._open)
        elif self._open is not None and tag in {"input", "textarea", "select", "button"} and a.get("name"):
            kind = a.get("type") or "text" if tag == "input" else tag
            self._open.fields[str(a["name"])] = kind

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def _forms_of(client: FlaskClient, role: Role | None, world: World) -> dict[tuple[str, tuple[str, ...]], FoundForm]:
    found = {}
    calls = [c for c in (CALLS if role is None else GUARDED) if c.method == "GET"]
    for call in calls:
        path = call.path(world.here)
        answer = client.get(path)
        if answer.status_code != 200 or "text/html" not in answer.content_type:
            continue
        parser = _Forms(path)
        parser.feed(answer.text)
        for form in parser.forms:
            if form.method == "post" and not form.action.startswith(_NOT_FORMS):
                found[(re.sub(r"\d+", "n", form.action), tuple(sorted(form.fields)))] = form
    return found


@pytest.mark.parametrize("role", [None, *SIGNED_IN], ids=lambda role: role.value if role else "signed out")
def test_no_form_breaks_or_loses_what_was_typed(app: Flask, world: World, role: Role | None) -> None:
    app.config["WTF_CSRF_ENABLED"] = False

    def somebody() -> FlaskClient:
        """Signed in anew each time: some forms close the sessions of whoever sends them."""
        client = app.test_client()
        if role is not None:
            with app.app_context():
                user = db.session.get(User, world.admin_id if role is Role.ADMIN else world.here.users[role])
                assert user is not None
                key = user.get_id()
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = key, True
                session["proved"] = int(clock.now().timestamp())
        return client

    forms = _forms_of(somebody(), role, world)
    assert forms or role is Role.OBSERVER
    for form in forms.values():
        for name, nasty in NASTY.items():
            data = {n: nasty for n, kind in form.fields.items() if n != "csrf_token"}
            answer = somebody().post(form.action, data=data)
            assert "/connexion" not in (answer.location or ""), f"{form.action} with {name} met a signed-out visitor"
            where = f"{form.action} with {name}"
            assert answer.status_code in ANSWERS, f"{where}: {answer.status_code}"
            page = answer.text if answer.mimetype == "text/html" else ""  # a file that is handed out is no page
            assert "<script>alert(1)" not in page, where
            if answer.status_code == 422 and name in {"emoji", "script", "quotes"}:
                _nothing_lost(form, page, nasty, where)


def _nothing_lost(form: FoundForm, page: str, nasty: str, where: str) -> None:
    typed = [n for n, kind in form.fields.items() if kind in {"text", "textarea", "email", "search"}]
    shown = html.unescape(page).count(nasty)
    assert shown >= len(typed), f"{where}: {shown} of {len(typed)} texts are still there"
