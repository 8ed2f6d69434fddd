"""Published placements: what student, family, teacher and host have been told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import Model, Moment
from app.offers.models import Slot
from app.schools.models import Student


class Placement(Model):
    __tablename__ = "placement"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), unique=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    published_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    campaign: Mapped[Campaign] = relationship()
    student: Mapped[Student] = relationship()
    slot: Mapped[Slot] = relationship()

    @property
    def scope(self) -> Scope:
        of_student = self.student.scope
        return Scope(
            territory_id=self.territory_id,
            school_id=of_student.school_id,
            class_id=of_student.class_id,
            student_id=self.student_id,
            organization_id=self.slot.offer.organization_id,
        )
