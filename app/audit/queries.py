"""Reading the journal."""

from __future__ import annotations

from sqlalchemy import Select, select

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.audit.models import JournalEntry
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
