"""The migrated schema equals the models, up and down, on both engines."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    inspect,
    select,
    text,
)

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
        migrated = _checks(), _triggers()
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        db.create_all()
        assert migrated == (_checks(), _triggers())
        db.drop_all()
        upgrade()


def _checks() -> dict[tuple[str, str | None], str]:
    """Every CHECK of the schema, which Alembic does not compare."""
    inspector = inspect(db.engine)
    return {
        (table, check["name"]): " ".join(check["sqltext"].split())
        for table in inspector.get_table_names()
        for check in inspector.get_check_constraints(table)
    }


def _triggers() -> set[str]:
    """Every trigger as the engine keeps it, with the function that it calls."""
    found = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT pg_get_triggerdef(oid) || pg_get_functiondef(tgfoid) FROM pg_trigger WHERE NOT tgisinternal"
        ),
    }[db.engine.dialect.name]
    with db.engine.connect() as connection:
        return {" ".join(sql.split()) for sql in connection.scalars(text(found))}


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name.split("_")[0]) for path in VERSIONS.glob("*.py"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.both_engines
def test_hours_written_once_become_hours_day_by_day_and_back(app: Flask) -> None:
    with app.app_context():
        db.drop_all()
        upgrade(revision="0001")
        old = {"days": "lun,mar,jeu", "lunch_starts_at": time(12), "lunch_ends_at": time(12, 45)}
        _an_offer(starts_at=time(9, 30), ends_at=time(16), **old)
        upgrade()
        pieces = [["09:30", "12:00"], ["12:45", "16:00"]]
        assert _the_offer() == {"mon": pieces, "tue": pieces, "thu": pieces}
        downgrade(revision="0001")
        offer = MetaData()
        table = Table("placement_offer", offer, autoload_with=db.engine)
        row = db.session.execute(select(table.c.days, table.c.lunch_ends_at)).one()
        assert (row.days, row.lunch_ends_at) == (old["days"], old["lunch_ends_at"])
        db.session.remove()
        upgrade()


def _an_offer(**hours: Any) -> None:
    """An offer of 0001 and what it stands on; the tables of that day are no longer those of the models."""
    _insert("territory")
    _insert("commune")
    days = {"wishes_close_on": date(2026, 12, 1), "publish_on": date(2026, 12, 2)}
    _insert("campaign", max_wishes=6, phase="collecting", **days)
    _insert("host_organization", siren="999000001", family="association", kind="association", state="verified")
    _insert("host_site", siret="99900000100018")
    _insert("placement_offer", state="draft", **hours)


def _insert(name: str, **values: Any) -> None:
    table = Table(name, MetaData(), autoload_with=db.engine, resolve_fks=False)
    blank: dict[Any, Any] = {
        Boolean: False,
        Integer: 1,
        Float: 50.0,
        String: "",
        DateTime: datetime(2026, 11, 1, tzinfo=UTC),
        Date: date(2026, 11, 1),
        JSON: [],
    }
    needed = {
        column.name: next((value for kind, value in blank.items() if isinstance(column.type, kind)), "")
        for column in table.columns
        if not column.nullable
    }
    with db.engine.begin() as connection:
        connection.execute(table.insert().values({**needed, **values}))


def _the_offer() -> Any:
    table = Table("placement_offer", MetaData(), autoload_with=db.engine, resolve_fks=False)
    with db.engine.connect() as connection:
        found = connection.execute(select(table.c.schedule)).scalar_one()
    return json.loads(found) if isinstance(found, str) else found
