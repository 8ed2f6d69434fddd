"""How a party signs and what proves it: links, codes, the file of proof, delegations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Scope
from app.accounts.models import User
from app.agreements.models.papers import Party
from app.agreements.states import Channel
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal
from app.schools.models import School

_PROOF = personal(
    "trace",
    "Prouver la signature",
    seen_by="établissement, coordination",
    keep="Cinq ans après la signature, dans l’archive restreinte",
)


class SigningLink(Model):
    """A personal link to one act of one party. Only its digest is kept; spent by the act, renewed by its owner."""

    __tablename__ = "signing_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("agreement_party.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(
        String(64), unique=True, info=personal("security", "Signer sans compte", seen_by="personne", keep="30 jours")
    )
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    party: Mapped[Party] = relationship()


class SigningCode(Model):
    """The one-time code of one act of signing: few tries, few minutes, and only what it covers."""

    __tablename__ = "signing_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("agreement_party.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)  # asked for from an account
    # [party, content digest] of each signature which the person had before their eyes when asking for the code.
    covers: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    channel: Mapped[Channel] = mapped_column(choice(Channel, "code_channel"))
    code_digest: Mapped[str] = mapped_column(
        String(200), info=personal("security", "Signer sans compte", seen_by="personne", keep="Un jour")
    )
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    # Where it was typed, for the signatures of a batch which the worker writes one by one until `finished_at`.
    used_from: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info=personal("trace", "Prouver la signature", seen_by="personne", keep="Un jour")
    )
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class Evidence(Model):
    """The file of proof of an agreement: rows are added, never changed, and each holds the digest of the one before."""

    __tablename__ = "signing_evidence"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("agreement_party.id"))
    number: Mapped[int]
    event: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(64), default="", info=_PROOF)
    content_digest: Mapped[str] = mapped_column(String(64), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info=_PROOF)
    previous_digest: Mapped[str] = mapped_column(String(64), default="")
    digest: Mapped[str] = mapped_column(String(64))


class EvidenceRelease(Model):
    """An agreement whose file of proof is being destroyed, by erasure or at the end of its years.

    A row lives inside one transaction: no other ever sees it.
    """

    __tablename__ = "signing_evidence_release"

    agreement_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class SigningDelegation(Model):
    """In writing, a school head lets another member of staff sign agreements between two dates."""

    __tablename__ = "signing_delegation"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="days_in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    head_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    delegate_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    decided_on: Mapped[date]  # the date of the written decision
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    school: Mapped[School] = relationship()
    head: Mapped[User] = relationship(foreign_keys=[head_user_id])
    delegate: Mapped[User] = relationship(foreign_keys=[delegate_user_id])

    @property
    def scope(self) -> Scope:
        return self.school.scope
