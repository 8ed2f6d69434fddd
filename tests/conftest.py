"""One fresh database a test, with real commits: a copied SQLite file, or a PostgreSQL database made from a template.

A test (or module) marked `both_engines` runs on both. Everything else runs on SQLite.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app
from app.kernel.clock import PARIS
from app.kernel.database import db
from app.settings import Settings
from tests import postgres
from tests.world import World, build_world


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
    with time_machine.travel(datetime(2026, 11, 23, 10, 0, tzinfo=PARIS), tick=True):
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    app = create_app(Settings(environment="test", instance=folder, database_url=f"sqlite:///{folder / 'db'}"))
    with app.app_context():
        db.create_all()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        db.engine.dispose()
    return folder / "db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    reason = postgres.missing()
    if reason:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres.server() as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE template_passerelle"))
        engine.dispose()
        template = make_url(url).set(database="template_passerelle").render_as_string(hide_password=False)
        app = create_app(Settings(environment="test", database_url=template))
        with app.app_context():
            db.create_all()
            db.engine.dispose()
        yield url


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "test.db")
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_passerelle"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def app(engine: str, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(
        Settings(
            environment="test", instance=tmp_path / "instance", database_url=engine, jobs="off", tiles_url=""
        )
    )
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def world(app: Flask) -> World:
    """Two territories with everything in them, committed; see `tests/world.py`."""
    with app.app_context():
        return build_world()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()
