"""Territories, their communes, and the yearly campaign with its weeks and phases."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.campaigns.states import Phase
from app.kernel.database import Model, choice
from app.kernel.geography import Point


class Territory(Model):
    __tablename__ = "territory"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    operator: Mapped[str] = mapped_column(String(160))
    contact_email: Mapped[str] = mapped_column(String(254), info={"privacy": None})
    contact_phone: Mapped[str] = mapped_column(String(30), default="", info={"privacy": None})
    is_demo: Mapped[bool] = mapped_column(default=False)

    communes: Mapped[list[Commune]] = relationship(order_by="Commune.name", cascade="all, delete-orphan")

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.id)


class Commune(Model):
    """A commune of a territory, by its INSEE code (never its postcode: 62119 is Dourges by post, Béthune by INSEE)."""

    __tablename__ = "commune"
    __table_args__ = (UniqueConstraint("territory_id", "insee"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    insee: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(80))
    postcode: Mapped[str] = mapped_column(String(5))
    lat: Mapped[float]
    lon: Mapped[float]

    @property
    def point(self) -> Point:
        return Point(self.lat, self.lon)


class Campaign(Model):
    __tablename__ = "campaign"
    __table_args__ = (
        UniqueConstraint("territory_id", "school_year", "name"),
        CheckConstraint("max_wishes BETWEEN 1 AND 20", name="max_wishes"),
        CheckConstraint("offers_open_on <= wishes_open_on AND wishes_open_on < wishes_close_on", name="dates_in_order"),
        CheckConstraint("wishes_close_on <= publish_on", name="publish_after_wishes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    school_year: Mapped[str] = mapped_column(String(9))
    levels: Mapped[str] = mapped_column(String(20), default="3e")
    max_wishes: Mapped[int] = mapped_column(default=6)
    phase: Mapped[Phase] = mapped_column(choice(Phase, "phase"), default=Phase.COLLECTING)
    offers_open_on: Mapped[date]
    wishes_open_on: Mapped[date]
    wishes_close_on: Mapped[date]
    publish_on: Mapped[date]

    territory: Mapped[Territory] = relationship()
    weeks: Mapped[list[CampaignWeek]] = relationship(
        order_by="CampaignWeek.monday", cascade="all, delete-orphan", back_populates="campaign"
    )

    @property
    def level_list(self) -> list[str]:
        return self.levels.split(",")

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)


class CampaignWeek(Model):
    """A week of stage, named by its Monday."""

    __tablename__ = "campaign_week"
    __table_args__ = (UniqueConstraint("campaign_id", "monday"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    monday: Mapped[date]

    campaign: Mapped[Campaign] = relationship(back_populates="weeks")
