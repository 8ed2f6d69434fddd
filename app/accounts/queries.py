"""Reading accounts."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.access.visibility import ScopeColumns, visible
from app.accounts.models import AnnouncedIdentifier, ExternalAccount, OneTimeLink, RecoveryCode, SecondFactor, User
from app.kernel.database import db

COLUMNS = ScopeColumns(territory=User.territory_id)


def signed_in(key: str) -> User | None:
    """The active user of a session key `id:epoch`; None once the epoch has moved on."""
    number, _, epoch = key.partition(":")
    if not number.isdigit():
        return None
    user = db.session.get(User, int(number))
    if user is None or not user.is_active or str(user.session_epoch) != epoch:
        return None
    return user


def by_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def visible_to(actor: Actor) -> Select[tuple[User]]:
    """The staff accounts that the actor may invite or help back in (never students')."""
    return select(User).where(visible(actor, Permission.ACCOUNT_INVITE, COLUMNS), User.role != Role.STUDENT)


def by_code_digest(digest: str) -> User | None:
    return db.session.scalar(select(User).where(User.code_digest == digest))


def link(token_digest: str) -> OneTimeLink | None:
    return db.session.scalar(select(OneTimeLink).where(OneTimeLink.token_digest == token_digest))


def visible_user(actor: Actor, user_id: int) -> User:
    """The account, or `Hidden`."""
    user = db.session.scalar(visible_to(actor).where(User.id == user_id))
    actor.reveal(Permission.ACCOUNT_INVITE, user)
    assert user is not None
    return user


def own(actor: Actor) -> User:
    """The actor's own account."""
    user = db.session.get(User, actor.user_id)
    assert user is not None
    return user


def team(actor: Actor, territory_id: int) -> list[User]:
    """Coordinators and observers of a territory; hosts and school staff have their own rooms."""
    statement = visible_to(actor).where(
        User.territory_id == territory_id, User.role.in_([Role.COORDINATOR, Role.OBSERVER])
    )
    return list(db.session.scalars(statement.order_by(User.role, User.display_name)))


def second_factor(user_id: int) -> SecondFactor | None:
    return db.session.get(SecondFactor, user_id)


def recovery_codes(user_id: int) -> list[RecoveryCode]:
    return list(db.session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user_id)))


def recovery_codes_left(user_id: int) -> int:
    unused = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0


def protected(actor: Actor) -> list[User]:
    """Accounts within the actor's reach that have a second factor."""
    statement = visible_to(actor).join(SecondFactor, SecondFactor.user_id == User.id)
    return list(db.session.scalars(statement.order_by(User.display_name, User.id)))


def external_account(issuer: str, subject: str) -> ExternalAccount | None:
    return db.session.scalar(
        select(ExternalAccount).where(ExternalAccount.issuer == issuer, ExternalAccount.subject == subject)
    )


def external_accounts(user_id: int) -> list[ExternalAccount]:
    return list(
        db.session.scalars(
            select(ExternalAccount).where(ExternalAccount.user_id == user_id).order_by(ExternalAccount.id)
        )
    )


def announced(issuer: str, identifier_digest: str) -> AnnouncedIdentifier | None:
    return db.session.scalar(
        select(AnnouncedIdentifier).where(
            AnnouncedIdentifier.issuer == issuer, AnnouncedIdentifier.identifier_digest == identifier_digest
        )
    )


def announced_for(user_id: int, issuer: str) -> AnnouncedIdentifier | None:
    return db.session.scalar(
        select(AnnouncedIdentifier).where(AnnouncedIdentifier.user_id == user_id, AnnouncedIdentifier.issuer == issuer)
    )


def active_user(user_id: int) -> User | None:
    user = db.session.get(User, user_id)
    return user if user is not None and user.is_active else None


def territory_called(slug: str) -> int | None:
    """The room `campaigns` stands above: its table is known here by name, as it is to the foreign key."""
    territory = db.metadata.tables["territory"]
    return db.session.scalar(select(territory.c.id).where(territory.c.slug == slug))
