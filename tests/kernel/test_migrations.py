"""The migrated schema equals the models, up and down, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app.kernel.database import db

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


@pytest.mark.both_engines
def test_up_equals_the_models_and_down_leaves_nothing(app: Flask) -> None:
    with app.app_context():
        db.drop_all()
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name.split("_")[0]) for path in VERSIONS.glob("*.py"))
    assert numbers == list(range(1, len(numbers) + 1))
