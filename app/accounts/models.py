"""Accounts. Staff and hosts have an e-mail address; students have none and sign in with their card's codes."""

from __future__ import annotations

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actor import Scope
from app.access.policy import Role
from app.kernel import clock
from app.kernel.database import Model, Moment, choice
from app.kernel.personal import personal

_KEEP = "Un an (élèves) ou deux ans (adultes) après le dernier passage"


class User(UserMixin, Model):  # type: ignore[misc]  # Flask-Login ships no types
    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("role <> 'student' OR email IS NULL", name="student_without_email"),
        CheckConstraint("role = 'student' OR email IS NOT NULL", name="adult_with_email"),
        CheckConstraint("role = 'admin' OR territory_id IS NOT NULL", name="territory_unless_admin"),
        CheckConstraint("role <> 'guardian'", name="guardians_have_no_account"),
        CheckConstraint("email = lower(email)", name="email_in_lower_case"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    display_name: Mapped[str] = mapped_column(
        String(160),
        info=personal("identity", "Savoir à qui l’on parle", seen_by="son entourage sur la plateforme", keep=_KEEP),
    )
    email: Mapped[str | None] = mapped_column(
        String(254),
        unique=True,
        info=personal("contact", "Se connecter et recevoir les messages", seen_by="coordination", keep=_KEEP),
    )
    password_hash: Mapped[str | None] = mapped_column(
        String(200), info=personal("security", "Se connecter", seen_by="personne", keep=_KEEP)
    )
    code_digest: Mapped[str | None] = mapped_column(
        String(64),
        unique=True,
        info=personal("security", "Se connecter avec sa carte", seen_by="personne", keep="La campagne"),
    )
    is_active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    last_seen_at: Mapped[datetime | None] = mapped_column(
        Moment, info=personal("trace", "Oublier les comptes dormants", seen_by="coordination", keep=_KEEP)
    )

    def get_id(self) -> str:
        """Flask-Login's key; it changes with the epoch, which closes every open session at once."""
        return f"{self.id}:{self.session_epoch}"

    @property
    def scope(self) -> Scope:
        return Scope(territory_id=self.territory_id)


class OneTimeLink(Model):
    """A link sent by mail, good once. Only a digest of the token is stored."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    token_digest: Mapped[str] = mapped_column(
        String(64),
        unique=True,
        info=personal("security", "Se connecter sans mot de passe", seen_by="personne", keep="7 jours"),
    )
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Throttle(Model):
    """Failed sign-ins for one key (an account, a class, an address), in the database: every worker counts the same."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(
        String(64),
        primary_key=True,
        info=personal("security", "Arrêter qui essaie des codes au hasard", seen_by="personne", keep="24 heures"),
    )
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    last_failure_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)


class SecondFactor(Model):
    """The authenticator application of one account. The secret is sealed with a key of the server's own."""

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(
        LargeBinary,
        info=personal("security", "Vérifier le code du téléphone", seen_by="personne", keep=_KEEP),
    )
    last_step: Mapped[int] = mapped_column(default=0)  # the step of the last accepted code: none is accepted twice
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)


class RecoveryCode(Model):
    """A code written on paper for the day when the telephone is lost, good once. Only a digest is stored."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_digest: Mapped[str] = mapped_column(
        String(64),
        info=personal("security", "Entrer sans son téléphone", seen_by="personne", keep=_KEEP),
    )
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class ExternalAccount(Model):
    """An account at an identity provider that opens this one: at most one of each provider."""

    __tablename__ = "external_account"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(
        String(255), info=personal("security", "Se connecter par un portail", seen_by="personne", keep=_KEEP)
    )
    shown_name: Mapped[str] = mapped_column(
        String(160),
        default="",
        info=personal("identity", "Reconnaître le compte relié", seen_by="la personne elle-même", keep=_KEEP),
    )
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    last_used_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)


class AnnouncedIdentifier(Model):
    """Who will come with this identifier of a portal, said beforehand by the operator. Only a digest is stored."""

    __tablename__ = "announced_identifier"
    __table_args__ = (UniqueConstraint("issuer", "identifier_digest"), UniqueConstraint("user_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    identifier_digest: Mapped[str] = mapped_column(
        String(64), info=personal("security", "Reconnaître qui vient d’un portail", seen_by="personne", keep=_KEEP)
    )
