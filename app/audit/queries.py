"""Reading the journal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, select

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.audit.models import JournalEntry
from app.kernel import clock
from app.kernel.database import db

COLUMNS = ScopeColumns(territory=JournalEntry.territory_id)


def visible_to(actor: Actor) -> Select[tuple[JournalEntry]]:
    return select(JournalEntry).where(visible(actor, Permission.JOURNAL_VIEW, COLUMNS))


def history(actor: Actor, object_type: str, object_id: int) -> list[JournalEntry]:
    """The life of one object, oldest first."""
    statement = (
        visible_to(actor)
        .where(JournalEntry.object_type == object_type, JournalEntry.object_id == object_id)
        .order_by(JournalEntry.id)
    )
    return list(db.session.scalars(statement))


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader of the journal asked for; empty means: do not narrow. `room` is the first word of the action."""

    room: str = ""
    user_id: int | None = None
    first: date | None = None
    last: date | None = None

    @property
    def is_active(self) -> bool:
        return self != Filter()


@dataclass(frozen=True, slots=True)
class Line:
    entry: JournalEntry
    who: str


PER_PAGE = 50


def page(actor: Actor, wanted: Filter, number: int) -> tuple[Pagination, list[Line]]:
    """One page of the journal, newest first, with the name of who acted."""
    statement = visible_to(actor)
    if wanted.room:
        statement = statement.where(JournalEntry.action.startswith(f"{wanted.room}.", autoescape=True))
    if wanted.user_id is not None:
        statement = statement.where(JournalEntry.user_id == wanted.user_id)
    if wanted.first is not None:
        statement = statement.where(JournalEntry.at >= _midnight(wanted.first))
    if wanted.last is not None:
        statement = statement.where(JournalEntry.at < _midnight(wanted.last + timedelta(days=1)))
    found = db.paginate(
        statement.order_by(JournalEntry.id.desc()), page=max(1, number), per_page=PER_PAGE, error_out=False
    )
    names = _names({entry.user_id for entry in found.items if entry.user_id is not None})
    return found, [Line(entry, names.get(entry.user_id, "")) for entry in found.items]


def people(actor: Actor) -> list[tuple[int, str]]:
    """Who appears in the journal that the actor reads, by name."""
    ids = db.session.scalars(
        visible_to(actor).with_only_columns(JournalEntry.user_id).where(JournalEntry.user_id.is_not(None)).distinct()
    )
    names = _names({user_id for user_id in ids if user_id is not None})
    return sorted(((key, name) for key, name in names.items() if key is not None), key=lambda item: item[1])


def _names(user_ids: Collection[int]) -> dict[int | None, str]:
    """Accounts live on a floor above, which this room may not import: their table is enough for a name."""
    if not user_ids:
        return {}
    users = JournalEntry.metadata.tables["user"]
    rows = db.session.execute(select(users.c.id, users.c.display_name).where(users.c.id.in_(sorted(user_ids))))
    return dict(rows.tuples().all())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.PARIS)
