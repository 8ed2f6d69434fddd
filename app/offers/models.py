"""Offers and their slots. A slot is a week with a number of places; the last one cannot be taken twice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.campaigns.models import Campaign
from app.hosts.models import HostOrganization, HostSite
from app.hosts.states import HostState
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.offers.states import OfferState
from app.regulations.rules import USUAL_WEEK, WeekHours

MAX_CAPACITY = 30
_TUTOR = personal(
    "identity", "Dire à l’élève qui l’accueille", seen_by="élèves, enseignants, coordination", keep="Deux ans"
)


class PlacementOffer(Model):
    __tablename__ = "placement_offer"
    __table_args__ = (UniqueConstraint("campaign_id", "copied_from_id"),)  # one copy a year, however many clicks

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("host_organization.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("host_site.id"), index=True)
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("placement_offer.id"))
    request_key: Mapped[str | None] = mapped_column(String(40), unique=True)  # the form that made it, sent once
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text)
    sector: Mapped[str] = mapped_column(String(40), index=True)
    occupations: Mapped[list[str]] = mapped_column(JSON, default=list)  # ROME codes, or plain labels outside our list
    conditions: Mapped[list[str]] = mapped_column(JSON, default=list)
    levels: Mapped[str] = mapped_column(String(20), default="3e")
    schedule: Mapped[dict[str, Any]] = mapped_column(JSON, default=USUAL_WEEK.to_json)  # read through `hours`
    lunch: Mapped[str] = mapped_column(String(300), default="")
    dress: Mapped[str] = mapped_column(String(300), default="")
    tutor_name: Mapped[str] = mapped_column(String(120), default="", info=_TUTOR)
    tutor_role: Mapped[str] = mapped_column(String(120), default="", info=_TUTOR)
    tutor_email: Mapped[str] = mapped_column(String(254), default="", info=_TUTOR)
    tutor_phone: Mapped[str] = mapped_column(String(30), default="", info=_TUTOR)
    forbidden_works_acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[OfferState] = mapped_column(choice(OfferState, "offer_state"), default=OfferState.DRAFT, index=True)
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    campaign: Mapped[Campaign] = relationship()
    organization: Mapped[HostOrganization] = relationship()
    site: Mapped[HostSite] = relationship()
    slots: Mapped[list[Slot]] = relationship(
        order_by="Slot.monday", cascade="all, delete-orphan", back_populates="offer"
    )

    @property
    def level_list(self) -> list[str]:
        return self.levels.split(",")

    @property
    def hours(self) -> WeekHours:
        """The hours of an ordinary week; `Schedule.for_week(monday, offer.hours)` dates them."""
        return WeekHours.from_json(self.schedule)

    @property
    def is_public(self) -> bool:
        return self.state is OfferState.PUBLISHED and self.organization.state is HostState.VERIFIED

    @property
    def scope(self) -> Scope:
        return Scope(
            territory_id=self.territory_id,
            organization_id=self.organization_id,
            site_id=self.site_id,
            published=self.is_public,
        )


class Slot(Model):
    """Places of an offer in one week. `taken` counts the approved students and the CHECK refuses one too many.

    A capacity of 0 is a week which the structure gave up after it had been published.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("offer_id", "monday"),
        CheckConstraint(f"capacity BETWEEN 0 AND {MAX_CAPACITY}", name="capacity"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="taken_within_capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("placement_offer.id", ondelete="CASCADE"), index=True)
    monday: Mapped[date] = mapped_column(index=True)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)

    offer: Mapped[PlacementOffer] = relationship(back_populates="slots")

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def scope(self) -> Scope:
        return self.offer.scope


def snapshot(offer: PlacementOffer) -> dict[str, Any]:
    """What a copy for another year takes along: everything but weeks, state and acknowledgement."""
    kept = [
        "organization_id",
        "site_id",
        "territory_id",
        "title",
        "description",
        "sector",
        "occupations",
        "conditions",
        "levels",
        "schedule",
        "lunch",
        "dress",
        "tutor_name",
        "tutor_role",
        "tutor_email",
        "tutor_phone",
    ]
    return {name: getattr(offer, name) for name in kept}
