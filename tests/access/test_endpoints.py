"""Every endpoint inherits its refusals: undeclared, signed out, wrong role, someone else's object, missing CSRF."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from app import create_app
from app.access.endpoints import DECLARATION
from app.access.policy import POLICY, Permission, Relation, Role
from app.kernel.database import db
from app.settings import Settings
from tests.conftest import Templates
from tests.world import Land, World

SIGNED_IN = tuple(role for role in Role if role is not Role.GUARDIAN)
# Links carry their own token instead of an identifier.
TOKENS = {"token": "nothing-known"}


@dataclass(frozen=True)
class Call:
    endpoint: str
    rule: str
    method: str
    arguments: tuple[str, ...]
    declaration: object

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    def path(self, land: Land) -> str:
        path = self.rule
        for name in self.arguments:
            value = TOKENS.get(name) or _identifier(land, name)
            path = path.replace(f"<int:{name}>", str(value)).replace(f"<{name}>", str(value))
        assert "<" not in path, f"tests/world.py has nothing for {path}"
        return path


def _identifier(land: Land, name: str) -> int | str:
    value = getattr(land, name, None)
    if value is None and name == "slot_id":
        return land.slot_ids[0]
    if value is None and name == "user_id":
        return land.users[Role.TEACHER]
    if value is None:
        return 987654
    return int(value)


@pytest.fixture(scope="module")
def shared(
    sqlite_templates: Templates, tmp_path_factory: pytest.TempPathFactory, compiled_templates: FileSystemBytecodeCache
) -> Iterator[Flask]:
    """One site for all these tests: none of them may change anything, which is what they say."""
    folder = tmp_path_factory.mktemp("refusals")
    shutil.copy(sqlite_templates.inhabited, folder / "test.db")
    url = f"sqlite:///{folder / 'test.db'}"
    site = create_app(Settings(environment="test", instance=folder, database_url=url, jobs="off", tiles_url=""))
    site.jinja_env.bytecode_cache = compiled_templates
    yield site
    with site.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(shared: Flask) -> Flask:
    shared.config["WTF_CSRF_ENABLED"] = True
    return shared


@pytest.fixture
def world(sqlite_templates: Templates) -> World:
    return sqlite_templates.world


def _calls() -> Iterator[Call]:
    app = create_app(Settings(environment="test", jobs="off"))
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = app.view_functions[rule.endpoint]
        yield from _of(rule, getattr(view, DECLARATION, None))


def _of(rule: Rule, declaration: object) -> Iterator[Call]:
    for method in sorted((rule.methods or set()) & {"GET", "POST", "DELETE", "PUT", "PATCH"}):
        yield Call(rule.endpoint, rule.rule, method, tuple(sorted(rule.arguments)), declaration)


CALLS = list(_calls())
# No browser sends these: they carry a token that somebody else's key has signed.
SIGNED = frozenset({"accounts.end_from_portal"})
GUARDED = [call for call in CALLS if isinstance(call.declaration, Permission)]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_it_declares_who_may_call_it(call: Call) -> None:
    assert isinstance(call.declaration, Permission | str), f"{call.endpoint} declares nothing"


@pytest.mark.parametrize("call", GUARDED, ids=str)
def test_signed_out_it_leads_to_the_sign_in_page(client: FlaskClient, world: World, call: Call) -> None:
    answer = client.open(call.path(world.here), method=call.method)
    assert answer.status_code == 302
    assert answer.location.startswith("/connexion")


def _wrong_roles(call: Call) -> list[Role]:
    assert isinstance(call.declaration, Permission)
    return [role for role in SIGNED_IN if role not in POLICY[call.declaration]]


@pytest.mark.parametrize("call", GUARDED, ids=str)
def test_every_wrong_role_is_refused(app: Flask, world: World, call: Call) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for role in _wrong_roles(call):
        answer = world.sign_in(app.test_client(), role).open(call.path(world.here), method=call.method)
        assert answer.status_code == 403, f"{role} got {answer.status_code}"


def _reaching_roles(call: Call) -> list[Role]:
    assert isinstance(call.declaration, Permission)
    table = POLICY[call.declaration]
    return [role for role in SIGNED_IN if table.get(role) not in {None, Relation.ANYWHERE}]


@pytest.mark.parametrize("call", [call for call in GUARDED if call.arguments and _reaching_roles(call)], ids=str)
def test_the_other_territory_does_not_exist(app: Flask, world: World, call: Call) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for role in _reaching_roles(call):
        answer = world.sign_in(app.test_client(), role).open(call.path(world.there), method=call.method)
        assert answer.status_code == 404, f"{role} got {answer.status_code}"


@pytest.mark.parametrize(
    "call", [call for call in CALLS if call.method != "GET" and call.endpoint not in SIGNED], ids=str
)
def test_without_its_csrf_token_it_changes_nothing(app: Flask, world: World, call: Call) -> None:
    client = app.test_client()
    if isinstance(call.declaration, Permission):
        world.sign_in(client, next(role for role in SIGNED_IN if role in POLICY[call.declaration]))
    answer = client.open(call.path(world.here), method=call.method)
    assert answer.status_code == 400
    assert "Par sécurité" in answer.text


@pytest.mark.parametrize("call", [call for call in CALLS if call.method == "GET"], ids=str)
def test_a_reader_with_the_right_role_gets_a_page(app: Flask, world: World, call: Call) -> None:
    """No page breaks on the small world; a redirect or a 404 for a thing which does not exist there is an answer."""
    roles = _reaching_roles(call) if isinstance(call.declaration, Permission) else [None]
    for role in roles or [Role.ADMIN]:
        client = app.test_client()
        if role is not None:
            world.sign_in(client, role)
        assert client.get(call.path(world.here)).status_code < 500
