"""One fresh database a test, with real commits: a copied SQLite file, or a PostgreSQL database made from a template.

A test (or module) marked `both_engines` runs on both. Everything else runs on SQLite.
"""

from __future__ import annotations

import copy
import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app
from app.kernel.clock import PARIS
from app.kernel.database import db
from app.settings import Settings
from tests import addresses, postgres
from tests.world import World, build_world

addresses.remember_builders()

NOVEMBER = datetime(2026, 11, 23, 10, 0, tzinfo=PARIS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_engines") is not None
        metafunc.parametrize("engine", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def a_day_of_november(request: pytest.FixtureRequest) -> Iterator[None]:
    """The world's campaign is in its wishes on 23 November 2026, and stays there whenever the tests are run."""
    if request.node.get_closest_marker("journey") or request.node.get_closest_marker("real_clock"):
        yield
        return
    with time_machine.travel(NOVEMBER, tick=True):
        yield


def _fill(url: str, folder: Path, *, inhabited: bool) -> World | None:
    """Make the schema in an empty database, and the small world in it."""
    app = create_app(Settings(environment="test", instance=folder, database_url=url, jobs="off"))
    with app.app_context():
        db.create_all()
        made = build_world() if inhabited else None
        db.session.remove()
        db.engine.dispose()
    return made


@dataclass
class Templates:
    """The databases that tests start from a copy of: with the schema alone, or with the small world in it."""

    empty: str
    inhabited: str
    world: World

    def of(self, request: pytest.FixtureRequest) -> str:
        return self.inhabited if "world" in request.fixturenames else self.empty


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    folder = tmp_path_factory.mktemp("template")
    with time_machine.travel(NOVEMBER, tick=True):
        _fill(f"sqlite:///{folder / 'empty'}", folder, inhabited=False)
        world = _fill(f"sqlite:///{folder / 'inhabited'}", folder, inhabited=True)
    for name in ("empty", "inhabited"):
        with sqlite3.connect(folder / name) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    assert world is not None
    return Templates(str(folder / "empty"), str(folder / "inhabited"), world)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    reason = postgres.missing()
    if reason:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_templates(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    folder = tmp_path_factory.mktemp("template")
    names = {name: f"template_{name}_{uuid.uuid4().hex[:8]}" for name in ("empty", "inhabited")}
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name in names.values():
            connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    with time_machine.travel(NOVEMBER, tick=True):
        _fill(_named(postgres_server, names["empty"]), folder, inhabited=False)
        world = _fill(_named(postgres_server, names["inhabited"]), folder, inhabited=True)
    assert world is not None
    return Templates(names["empty"], names["inhabited"], world)


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _templates(request: pytest.FixtureRequest, kind: str) -> Templates:
    templates: Templates = request.getfixturevalue(f"{kind}_templates")
    return templates


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database, the small world already in it when the test asks for `world`."""
    template = _templates(request, request.param).of(request)
    if request.param == "sqlite":
        shutil.copy(template, tmp_path / "test.db")
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield _named(server, name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Each test has its own application; compiling its pages again each time would be half of the suite."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("jinja")))


@pytest.fixture
def app(engine: str, tmp_path: Path, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    app = create_app(
        Settings(environment="test", instance=tmp_path / "instance", database_url=engine, jobs="off", tiles_url="")
    )
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture(autouse=True)
def no_context_is_left() -> Iterator[None]:
    """A context that a test leaves behind is the application of every command that a later test runs."""
    before = has_app_context()  # a whole module may share one
    yield
    assert has_app_context() is before


@pytest.fixture
def world(request: pytest.FixtureRequest, engine: str) -> World:
    """Two territories with everything in them, committed; see `tests/world.py`."""
    return copy.deepcopy(_templates(request, "sqlite" if engine.startswith("sqlite") else "postgresql").world)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()
