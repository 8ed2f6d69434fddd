"""What was dropped and waits for a yes, and the national tables as they were last imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.campaigns.models import Territory
from app.directories.records import Family
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import impersonal


class DirectoryImport(Model):
    """An official file dropped and not confirmed yet. Its content is forgotten with the decision, or the day after."""

    __tablename__ = "directory_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    family: Mapped[Family] = mapped_column(choice(Family, "directory_family"))
    file_name: Mapped[str] = mapped_column(String(120), default="", info=impersonal())
    reading: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now, index=True)
    applied_at: Mapped[datetime | None] = mapped_column(Moment)

    territory: Mapped[Territory] = relationship()

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)


class ReferenceEntry(Model):
    """One line of a national table (ROME 4.0, legal forms…), by its key; the same for every territory."""

    __tablename__ = "reference_entry"
    __table_args__ = (UniqueConstraint("family", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    family: Mapped[Family] = mapped_column(choice(Family, "reference_family"))
    key: Mapped[str] = mapped_column(String(160))
    values: Mapped[dict[str, str]] = mapped_column(JSON)
    imported_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
