"""The database, its two engines' recipes, and the only place where a transaction is committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CursorResult, DateTime, Delete, Enum, MetaData, Update, event, text
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on both engines (SQLite forgets time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(enum: type[Any], name: str) -> Enum:
    """A column type for a `StrEnum`, stored by value with a CHECK constraint, the same on both engines."""
    return Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [m.value for m in members],
    )


T = TypeVar("T", bound=Base)

_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Declare that what follows only reads: on SQLite its transactions take no write lock."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """The exception to `reading`: a page that must note a refusal writes, after ending what it read so far."""
    release()
    token = _reading.set(False)
    try:
        yield
    finally:
        _reading.reset(token)


def _on_connect(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    # secure_delete: what is erased is overwritten in the file, not only forgotten by the table.
    wanted = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000", "secure_delete=ON")
    for pragma in wanted:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")


event.listen(Engine, "connect", _on_connect)
event.listen(Engine, "begin", _on_begin)


_DEPTH, _AFTER = "passerelle.depth", "passerelle.after_commit"


@contextmanager
def transaction() -> Iterator[Session]:
    """One verb, one transaction; nested ones join the outermost, which alone commits.

    Callbacks given to `after_commit` run once the outermost transaction is durable, and never if it fails.
    """
    session = db.session()
    depth = session.info.get(_DEPTH, 0)
    session.info[_DEPTH] = depth + 1
    try:
        yield session
        session.flush()
        if depth == 0:
            session.commit()
    except BaseException:
        if depth == 0:
            session.rollback()
            session.info.pop(_AFTER, None)
        raise
    finally:
        session.info[_DEPTH] = depth
    if depth == 0:
        for callback, _steps in session.info.pop(_AFTER, []):
            callback()


def after_commit(callback: Callable[[], object]) -> None:
    """Run `callback` when the current transaction is durable (jobs are enqueued this way, never before).

    Asked for in a savepoint that is rolled back, it never runs.
    """
    session = db.session()
    session.info.setdefault(_AFTER, []).append((callback, _open_steps(session)))


def _open_steps(session: Session) -> list[SessionTransaction]:
    """The savepoints that are open, innermost first."""
    step, found = session.get_nested_transaction(), []
    while step is not None and step.nested:
        found.append(step)
        step = step.parent
    return found


def _on_undone(session: Session, undone: SessionTransaction) -> None:
    if _AFTER in session.info:
        session.info[_AFTER] = [(callback, steps) for callback, steps in session.info[_AFTER] if undone not in steps]


event.listen(Session, "after_soft_rollback", _on_undone)


def locked(model: type[T], key: int | str) -> T | None:
    """The row, freshly read and locked until the end of the transaction (SQLite: the whole database already is)."""
    return db.session.get(model, key, with_for_update=True, populate_existing=True)


def affected(statement: Update | Delete) -> int:
    """Run an UPDATE or a DELETE in the current transaction; how many rows it found."""
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount


def release() -> None:
    """End a transaction that only read, so that what follows (a long computation, a network call) holds no lock."""
    db.session.rollback()


def database_answers() -> bool:
    """Whether the database can be asked anything at all."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
