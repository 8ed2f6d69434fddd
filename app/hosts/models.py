"""Structures of the social and solidarity economy, the places where they work, and the people who answer for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.accounts.models import User
from app.campaigns.models import Commune
from app.hosts.kinds import EssFamily as EssFamily
from app.hosts.kinds import HostKind as HostKind
from app.hosts.kinds import MemberRole as MemberRole
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


_TEAM = "responsables de la structure, coordination"
_UNTIL_ACCEPTED = "Jusqu’à la réponse, un an au plus"

# Where a tutor works. An owner works everywhere, and has no line here.
_MEMBER_SITE = Table(
    "host_member_site",
    Model.metadata,
    Column("member_id", ForeignKey("host_member.id", ondelete="CASCADE"), primary_key=True),
    Column("site_id", ForeignKey("host_site.id", ondelete="CASCADE"), primary_key=True, index=True),
)
_INVITATION_SITE = Table(
    "host_invitation_site",
    Model.metadata,
    Column("invitation_id", ForeignKey("host_invitation.id", ondelete="CASCADE"), primary_key=True),
    Column("site_id", ForeignKey("host_site.id", ondelete="CASCADE"), primary_key=True),
)


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

    def answering_at(self, site_id: int) -> list[HostMember]:
        """Who can be written to about this place: its tutors first, then the owners."""
        reached = [m for m in self.members if m.user.is_active and m.user.email and m.answers_at(site_id)]
        return sorted(reached, key=lambda m: (m.role is MemberRole.OWNER, m.id))


class HostSite(Model):
    __tablename__ = "host_site"
    __table_args__ = (
        CheckConstraint("length(siret) = 14", name="siret_length"),
        CheckConstraint("commune_id IS NOT NULL OR other_town <> ''", name="has_a_town"),
        CheckConstraint("commune_id IS NULL OR (lat IS NOT NULL AND lon IS NOT NULL)", name="located_in_its_commune"),
        UniqueConstraint("organization_id", "siret"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("host_organization.id", ondelete="CASCADE"), index=True)
    # None: a student's own find in a commune that is not of the territory, of which the postal town alone is known.
    commune_id: Mapped[int | None] = mapped_column(ForeignKey("commune.id"), index=True)
    other_town: Mapped[str] = mapped_column(String(80), default="", server_default="")
    siret: Mapped[str | None] = mapped_column(String(14))  # not known yet when a student found the structure
    name: Mapped[str] = mapped_column(String(160))
    address: Mapped[str] = mapped_column(String(200), info=impersonal())
    postcode: Mapped[str] = mapped_column(String(5))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    access: Mapped[str] = mapped_column(String(300), default="")

    organization: Mapped[HostOrganization] = relationship(back_populates="sites")
    commune: Mapped[Commune | None] = relationship()

    @property
    def town(self) -> str:
        return self.commune.name if self.commune is not None else self.other_town

    @property
    def is_located(self) -> bool:
        """Whether a map and a distance know this place; what a public offer or the matcher reads always is."""
        return self.lat is not None and self.lon is not None

    @property
    def point(self) -> Point:
        """Raises `ValueError` for a place that is not located."""
        if self.lat is None or self.lon is None:
            raise ValueError(f"site {self.id} has no coordinates")
        return Point(self.lat, self.lon)

    @property
    def scope(self) -> Scope:
        return replace(self.organization.scope, site_id=self.id)


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
    sites: Mapped[list[HostSite]] = relationship(secondary=_MEMBER_SITE, order_by="HostSite.id", lazy="selectin")

    def answers_at(self, site_id: int) -> bool:
        return self.role is MemberRole.OWNER or any(site.id == site_id for site in self.sites)

    @property
    def scope(self) -> Scope:
        return self.organization.scope


class HostInvitation(Model):
    """A colleague who is awaited in the team: by a mailed link, or by the code of a paper when no address is known.

    `epoch` moves on with each link that replaces another. Accepted, the line says only that the link has served.
    """

    __tablename__ = "host_invitation"
    __table_args__ = (UniqueConstraint("organization_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("host_organization.id", ondelete="CASCADE"), index=True)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(
        String(160), info=personal("identity", "Inviter un collègue", seen_by=_TEAM, keep=_UNTIL_ACCEPTED)
    )
    email: Mapped[str | None] = mapped_column(
        String(254), info=personal("contact", "Inviter un collègue", seen_by=_TEAM, keep=_UNTIL_ACCEPTED)
    )
    job_title: Mapped[str] = mapped_column(
        String(120), default="", info=personal("identity", "Savoir qui appeler", seen_by=_TEAM, keep=_UNTIL_ACCEPTED)
    )
    role: Mapped[MemberRole] = mapped_column(choice(MemberRole, "invited_role"))
    code_digest: Mapped[str | None] = mapped_column(
        String(64),
        unique=True,
        info=personal("security", "Entrer dans l’équipe par un papier", seen_by="personne", keep=_UNTIL_ACCEPTED),
    )
    epoch: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    organization: Mapped[HostOrganization] = relationship()
    invited_by: Mapped[User | None] = relationship()
    sites: Mapped[list[HostSite]] = relationship(secondary=_INVITATION_SITE, order_by="HostSite.id", lazy="selectin")

    @property
    def scope(self) -> Scope:
        return self.organization.scope
