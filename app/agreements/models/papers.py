"""The agreement, its stops, its parties; its files; and the request to prepare those of a class.

One agreement is one student's stage with one host or several (an itinerary): one document, as many host parties.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.accounts.models import User
from app.agreements.states import BY_ACCOUNT, AgreementState, Medium, PartyRole, SignatureState
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.placements.models import Placement
from app.schools.models import LegalGuardian, School, SchoolClass, Student
from app.web.languages import FRENCH

if TYPE_CHECKING:
    from app.agreements.models.signing import SigningDelegation

_KEEP = "Cinq ans après la signature, dans l’archive restreinte"
_SEEN = "signataires de la convention, établissement, coordination"
_NAME = personal("identity", "Savoir qui signe", seen_by=_SEEN, keep=_KEEP)
_REACH = personal(
    "contact", "Envoyer le lien et le code de signature", seen_by="établissement, coordination", keep=_KEEP
)
_LIVE = text("state <> 'void' AND amends_id IS NULL")


class Agreement(Model):
    __tablename__ = "agreement"
    __table_args__ = (
        Index(
            "uq_agreement_live", "student_id", "campaign_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
        ),
        CheckConstraint("state IN ('draft', 'void') OR content_digest IS NOT NULL", name="open_has_digest"),
        CheckConstraint("state <> 'signed' OR signed_at IS NOT NULL", name="signed_has_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"), index=True)  # an avenant to a signed one
    reference: Mapped[str] = mapped_column(
        String(16), unique=True
    )  # printed, and in the QR code; says nothing by itself
    template_version: Mapped[str] = mapped_column(String(40))
    both_guardians: Mapped[bool] = mapped_column(default=False)  # « les deux parents doivent signer »
    state: Mapped[AgreementState] = mapped_column(
        choice(AgreementState, "agreement_state"), default=AgreementState.DRAFT, index=True
    )
    # What parties typed, by part ("school", "host:12", "family", "pedagogy"); the rest is read from the rooms below.
    typed: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info=personal("school", "Remplir la convention", seen_by=_SEEN, keep=_KEEP)
    )
    # The frozen content which people sign, and its SHA-256 (canonical JSON). Empty while a draft.
    content: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, info=personal("school", "La convention signée", seen_by=_SEEN, keep=_KEEP)
    )
    content_digest: Mapped[str | None] = mapped_column(String(64))
    pdf_id: Mapped[int | None] = mapped_column(ForeignKey("stored_document.id"))  # what people sign
    signed_pdf_id: Mapped[int | None] = mapped_column(ForeignKey("stored_document.id"))  # with who signed, when
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    archived_at: Mapped[datetime | None] = mapped_column(Moment, index=True)  # the year is over: see app/privacy
    void_reason: Mapped[str] = mapped_column(
        String(500),
        default="",
        info=personal("trace", "Savoir pourquoi une convention est annulée", seen_by=_SEEN, keep=_KEEP),
    )
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    student: Mapped[Student] = relationship()
    school: Mapped[School] = relationship()
    amends: Mapped[Agreement | None] = relationship(remote_side="Agreement.id")
    pdf: Mapped[StoredDocument | None] = relationship(foreign_keys=[pdf_id])
    signed_pdf: Mapped[StoredDocument | None] = relationship(foreign_keys=[signed_pdf_id])
    hosts: Mapped[list[AgreementHost]] = relationship(
        order_by="AgreementHost.position", cascade="all, delete-orphan", back_populates="agreement"
    )
    parties: Mapped[list[Party]] = relationship(
        order_by="Party.position", cascade="all, delete-orphan", back_populates="agreement"
    )

    @property
    def scope(self) -> Scope:
        of_student = self.student.scope
        return Scope(
            territory_id=self.territory_id,
            school_id=self.school_id,
            class_id=of_student.class_id,
            student_id=self.student_id,
        )


class AgreementHost(Model):
    """One stop of the itinerary: the placement it comes from, its days and hours."""

    __tablename__ = "agreement_host"
    __table_args__ = (
        UniqueConstraint("agreement_id", "position"),
        UniqueConstraint("agreement_id", "placement_id"),
        CheckConstraint("first_day <= last_day", name="days_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"), index=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    days: Mapped[str] = mapped_column(String(40), default="", server_default="")  # `Placement.days` when written
    first_day: Mapped[date]
    last_day: Mapped[date]
    # ISO day → list of ["HH:MM", "HH:MM"] intervals; what app.regulations reads as a Schedule.
    schedule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    agreement: Mapped[Agreement] = relationship(back_populates="hosts")
    placement: Mapped[Placement] = relationship()

    @property
    def scope(self) -> Scope:
        return self.placement.scope


class Party(Model):
    """One person of one agreement: signs (head, host, guardian, student) or takes note (teacher, tutor)."""

    __tablename__ = "agreement_party"
    __table_args__ = (
        UniqueConstraint("agreement_id", "position"),
        UniqueConstraint("agreement_id", "role", "host_id", "guardian_id"),
        CheckConstraint(
            "state <> 'signed' OR (signed_at IS NOT NULL AND signed_digest IS NOT NULL)", name="signed_is_whole"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    role: Mapped[PartyRole] = mapped_column(choice(PartyRole, "party_role"))
    is_required: Mapped[bool] = mapped_column(default=True)  # a second guardian is informed and may sign
    host_id: Mapped[int | None] = mapped_column(ForeignKey("agreement_host.id", ondelete="CASCADE"))
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("legal_guardian.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)  # who signs from an account
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("signing_delegation.id"))
    name: Mapped[str] = mapped_column(String(160), default="", info=_NAME)
    title: Mapped[str] = mapped_column(String(120), default="", info=_NAME)
    email: Mapped[str] = mapped_column(String(254), default="", info=_REACH)
    phone: Mapped[str] = mapped_column(String(30), default="", info=_REACH)
    state: Mapped[SignatureState] = mapped_column(
        choice(SignatureState, "signature_state"), default=SignatureState.AWAITED, index=True
    )
    medium: Mapped[Medium | None] = mapped_column(choice(Medium, "signature_medium"))
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_digest: Mapped[str | None] = mapped_column(String(64))  # content_digest of what was signed
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("stored_document.id"))
    decline_reason: Mapped[str] = mapped_column(
        String(500),
        default="",
        info=personal("trace", "Savoir pourquoi une convention n’est pas signée", seen_by=_SEEN, keep=_KEEP),
    )

    agreement: Mapped[Agreement] = relationship(back_populates="parties")
    host: Mapped[AgreementHost | None] = relationship()
    guardian: Mapped[LegalGuardian | None] = relationship()
    delegation: Mapped[SigningDelegation | None] = relationship()
    user: Mapped[User | None] = relationship()
    scan: Mapped[StoredDocument | None] = relationship(foreign_keys=[scan_id])

    @property
    def language(self) -> str:
        """The one in which this person reads and is written to."""
        return self.guardian.language if self.guardian else FRENCH.code

    @property
    def by_link(self) -> bool:
        """Whether this person is asked by a personal link, and not from an account."""
        return self.user_id is None or self.role not in BY_ACCOUNT

    @property
    def scope(self) -> Scope:
        of_agreement = self.agreement.scope
        of_host = self.host.scope if self.host else None
        return Scope(
            territory_id=of_agreement.territory_id,
            school_id=of_agreement.school_id,
            class_id=of_agreement.class_id,
            student_id=of_agreement.student_id,
            organization_id=of_host.organization_id if of_host else None,
            site_id=of_host.site_id if of_host else None,
        )


class StoredDocument(Model):
    """A file outside the web root, named by its digest; a byte that changed is seen when it is read."""

    __tablename__ = "stored_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))  # agreement, scan, report, certificate
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)


class AgreementBatch(Model):
    """A request to prepare the agreements of a class, and to open those that are complete; resumed after a kill."""

    __tablename__ = "agreement_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territory.id"), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="CASCADE"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    opens: Mapped[bool] = mapped_column(default=True)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    # student id → the sentences that say why the signatures of this one were not opened
    refusals: Mapped[dict[str, Any]] = mapped_column(
        JSON,
        default=dict,
        info=personal("school", "Dire ce qui manque à une convention", seen_by="établissement", keep=_KEEP),
    )
    asked_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(Moment, index=True)

    school_class: Mapped[SchoolClass] = relationship()

    @property
    def scope(self) -> Scope:
        return self.school_class.scope
