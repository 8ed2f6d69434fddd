"""The figures of a year that is over: what the page showed, small counts already hidden, and nobody in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import Model, Moment


class FiguresSnapshot(Model):
    """Taken before the first wish of the year is forgotten, and never again."""

    __tablename__ = "figures_snapshot"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), unique=True)
    sheet: Mapped[dict[str, Any]] = mapped_column(JSON)  # see `sheet.of`
    taken_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    campaign: Mapped[Campaign] = relationship()

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)
