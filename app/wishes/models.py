"""What a student says: interests, words, what to avoid, how far; then a ranked list of offers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.campaigns.models import Commune
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.geography import TravelMode
from app.kernel.personal import personal
from app.offers.models import PlacementOffer
from app.schools.models import Student

_SEEN = "l’élève, ses professeurs, la coordination"
_KEEP = "Trois mois après la fin de l’année scolaire"
_WISH = personal("preferences", "Trouver un stage qui plaît", seen_by=_SEEN, keep=_KEEP)


class WishListState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"


class InterestProfile(Model):
    """ "Mes envies", one per student."""

    __tablename__ = "interest_profile"
    __table_args__ = (CheckConstraint("max_km IS NULL OR max_km BETWEEN 1 AND 100", name="max_km"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), unique=True)
    interests: Mapped[list[str]] = mapped_column(JSON, default=list, info=_WISH)
    text: Mapped[str] = mapped_column(Text, default="", info=_WISH)
    avoid_text: Mapped[str] = mapped_column(Text, default="", info=_WISH)
    likes: Mapped[list[str]] = mapped_column(JSON, default=list, info=_WISH)
    avoids: Mapped[list[str]] = mapped_column(JSON, default=list, info=_WISH)
    commune_id: Mapped[int | None] = mapped_column(
        ForeignKey("commune.id"), info=personal("contact", "Mesurer le trajet", seen_by=_SEEN, keep=_KEEP)
    )
    travel_mode: Mapped[TravelMode | None] = mapped_column(choice(TravelMode, "travel_mode"), info=_WISH)
    max_km: Mapped[int | None] = mapped_column(info=_WISH)
    typed_by_staff: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    student: Mapped[Student] = relationship()
    commune: Mapped[Commune | None] = relationship()

    @property
    def is_empty(self) -> bool:
        return not (self.interests or self.text.strip() or self.avoid_text.strip() or self.likes or self.avoids)

    @property
    def scope(self) -> Scope:
        return self.student.scope


class WishList(Model):
    """A student's ranked wishes. Submitted, they may still be changed until the deadline."""

    __tablename__ = "wish_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), unique=True)
    state: Mapped[WishListState] = mapped_column(choice(WishListState, "wish_list_state"), default=WishListState.DRAFT)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    typed_by_staff: Mapped[bool] = mapped_column(default=False)

    student: Mapped[Student] = relationship()
    wishes: Mapped[list[Wish]] = relationship(
        order_by="Wish.rank", cascade="all, delete-orphan", back_populates="wish_list"
    )

    @property
    def scope(self) -> Scope:
        return self.student.scope


class Wish(Model):
    __tablename__ = "wish"
    __table_args__ = (
        UniqueConstraint("wish_list_id", "offer_id"),
        UniqueConstraint("wish_list_id", "rank"),
        CheckConstraint("rank >= 1", name="rank"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_list_id: Mapped[int] = mapped_column(ForeignKey("wish_list.id", ondelete="CASCADE"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("placement_offer.id"), index=True, info=_WISH)
    rank: Mapped[int] = mapped_column(info=_WISH)

    wish_list: Mapped[WishList] = relationship(back_populates="wishes")
    offer: Mapped[PlacementOffer] = relationship()
