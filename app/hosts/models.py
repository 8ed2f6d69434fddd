"""Structures of the social and solidarity economy, the places where they work, and the people who answer for them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.accounts.models import User
from app.campaigns.models import Commune
from app.hosts.kinds import EssFamily as EssFamily
from app.hosts.kinds import HostKind as HostKind
from app.hosts.states import HostState
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.geography import Point
from app.kernel.personal import impersonal, personal

_SIGNS = personal(
    "identity",
    "Signer la convention au nom de la structure",
    seen_by="établissement, famille, coordination",
    keep="Cinq ans dans la convention archivée",
)


class MemberRole(StrEnum):
    OWNER = "owner"
    TUTOR = "tutor"


class HostOrganization(Model):
    __tablename__ = "host_organization"
    __table_args__ = (
        UniqueConstraint("territory_id", "siren"),
        CheckConstraint("length(siren) = 9", name="siren_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    siren: Mapped[str | None] = mapped_column(String(9))  # not known yet when a student found the structure
    name: Mapped[str] = mapped_column(String(160))
    legal_form: Mapped[str] = mapped_column(String(4))
    family: Mapped[EssFamily] = mapped_column(choice(EssFamily, "ess_family"))
    kind: Mapped[HostKind] = mapped_column(choice(HostKind, "host_kind"))
    mission: Mapped[str] = mapped_column(Text, default="")
    ess_sentence: Mapped[str] = mapped_column(String(300), default="")
    employees: Mapped[int | None]
    representative_name: Mapped[str] = mapped_column(String(120), default="", info=_SIGNS)
    representative_role: Mapped[str] = mapped_column(String(120), default="", info=_SIGNS)
    representative_email: Mapped[str] = mapped_column(String(254), default="", info=_SIGNS)
    insurer: Mapped[str] = mapped_column(String(120), default="")
    insurance_policy: Mapped[str] = mapped_column(String(60), default="")
    serves_alcohol: Mapped[bool] = mapped_column(default=False)  # a bar to drink on the spot (CT L4153-6)
    phone: Mapped[str] = mapped_column(String(30), default="", info=impersonal())
    state: Mapped[HostState] = mapped_column(choice(HostState, "host_state"), default=HostState.REGISTERED, index=True)
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    request_key: Mapped[str | None] = mapped_column(String(40), unique=True)  # the form that made it, sent once
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    sites: Mapped[list[HostSite]] = relationship(
        order_by="HostSite.id", cascade="all, delete-orphan", back_populates="organization"
    )
    members: Mapped[list[HostMember]] = relationship(cascade="all, delete-orphan", back_populates="organization")

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id, organization_id=self.id)


class HostSite(Model):
    __tablename__ = "host_site"
    __table_args__ = (
        CheckConstraint("length(siret) = 14", name="siret_length"),
        UniqueConstraint("organization_id", "siret"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("host_organization.id", ondelete="CASCADE"), index=True)
    commune_id: Mapped[int] = mapped_column(ForeignKey("commune.id"), index=True)
    siret: Mapped[str | None] = mapped_column(String(14))  # not known yet when a student found the structure
    name: Mapped[str] = mapped_column(String(160))
    address: Mapped[str] = mapped_column(String(200), info=impersonal())
    postcode: Mapped[str] = mapped_column(String(5))
    lat: Mapped[float]
    lon: Mapped[float]
    access: Mapped[str] = mapped_column(String(300), default="")

    organization: Mapped[HostOrganization] = relationship(back_populates="sites")
    commune: Mapped[Commune] = relationship()

    @property
    def point(self) -> Point:
        return Point(self.lat, self.lon)

    @property
    def scope(self) -> Scope:
        return self.organization.scope


class HostMember(Model):
    """Somebody of the structure who has an account here."""

    __tablename__ = "host_member"
    __table_args__ = (UniqueConstraint("organization_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("host_organization.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    role: Mapped[MemberRole] = mapped_column(choice(MemberRole, "member_role"), default=MemberRole.OWNER)
    job_title: Mapped[str] = mapped_column(
        String(120),
        default="",
        info=personal(
            "identity", "Savoir qui appeler", seen_by="coordination", keep="Deux ans après le dernier passage"
        ),
    )

    organization: Mapped[HostOrganization] = relationship(back_populates="members")
    user: Mapped[User] = relationship()
