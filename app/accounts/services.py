"""The verbs of accounts: signing in, invitations, one-time links, codes of access cards."""

from __future__ import annotations

import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import update

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.accounts import emails, queries, throttling
from app.accounts.models import OneTimeLink, User
from app.accounts.rules import LINK_LIFETIME, LinkPurpose, password_problem
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import affected, db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.identifiers import new_code, normalise_code
from app.messaging import services as messaging

PERSONAL_CODE_LENGTH = 8
MAY_INVITE = {
    Role.ADMIN: frozenset({Role.COORDINATOR, Role.OBSERVER, Role.ADMIN}),
    Role.COORDINATOR: frozenset({Role.COORDINATOR, Role.TEACHER, Role.HEAD, Role.HOST, Role.OBSERVER}),
}


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _decoy() -> str:
    """A hash to verify against when there is no account, so that both answers take the same time."""
    return _hasher().hash(secrets.token_urlsafe(16))


def digest(text: str, *, purpose: str) -> str:
    """A keyed digest (HMAC-SHA256): worthless without the server's key, and searchable."""
    key = hmac.digest(current_app.config["SECRET_KEY"].encode(), purpose.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def code_digest(class_code: str, personal_code: str) -> str:
    return digest(f"{normalise_code(class_code)}:{normalise_code(personal_code)}", purpose="access-card")


def sign_in_with_password(email: str, password: str, *, address: str) -> User:
    """The user, or `Invalid` with one sentence that never says which of the two was wrong."""
    keys = (f"email:{email.strip().lower()}", f"address:{address}")
    throttling.demand_open(*keys)
    with transaction():
        user = queries.by_email(email)
        known = user is not None and user.is_active and user.password_hash is not None
        right = _verify(user.password_hash if user and known and user.password_hash else _decoy(), password)
        if user is not None and known and right:
            throttling.forget(*keys)
            user.last_seen_at = clock.now()
            if _hasher().check_needs_rehash(user.password_hash or ""):
                user.password_hash = _hasher().hash(password)
            return user
    throttling.count_failure(*keys)
    raise Invalid(_("L’adresse ou le mot de passe ne sont pas les bons. Vérifiez les deux, ou demandez un lien."))


def check_password(user: User, password: str, *, address: str) -> None:
    """Whether somebody who is signed in knows the password; `Invalid` on field `password` otherwise. Throttled."""
    keys = (f"email:{user.email}", f"address:{address}")
    throttling.demand_open(*keys)
    if user.password_hash is not None and _verify(user.password_hash, password):
        throttling.forget(*keys)
        return
    throttling.count_failure(*keys)
    sentence = _("Ce mot de passe n’est pas le bon.")
    raise Invalid(sentence, {"password": sentence})


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher().verify(stored, password)
    except VerificationError:
        return False


def sign_in_with_card(class_code: str, personal_code: str, *, address: str) -> User:
    """The student of this card, or `Invalid` with a sentence that says what to do."""
    keys = (f"class:{normalise_code(class_code)}:{address}", f"address:{address}")
    throttling.demand_open(*keys)
    with transaction():
        user = queries.by_code_digest(code_digest(class_code, personal_code))
        if user is not None and user.is_active:
            throttling.forget(*keys)
            user.last_seen_at = clock.now()
            return user
    throttling.count_failure(*keys)
    raise Invalid(_("Ces deux codes ne vont pas ensemble. Recopie-les depuis ta carte, ou demande à ton professeur."))


def issue_card_code(user: User, class_code: str) -> str:
    """A new personal code, returned once; the former card stops working and open sessions close."""
    with transaction():
        code = new_code(PERSONAL_CODE_LENGTH)
        if user.code_digest is not None:
            user.session_epoch += 1
        user.code_digest = code_digest(class_code, code)
        return code


def set_password(user: User, password: str) -> None:
    """Store a new password (argon2id); every other session of the account is closed."""
    problem = password_problem(password, about=(user.email or "", (user.email or "").partition("@")[0]))
    if problem:
        raise Invalid(problem, {"password": problem})
    with transaction():
        user.password_hash = _hasher().hash(password)
        user.session_epoch += 1


def change_own_password(user: User, password: str) -> None:
    """As `set_password`, journalled."""
    with transaction():
        set_password(user, password)
        audit.record("account.change_password", user, by=None)


def send_link(email: str, *, address: str) -> None:
    """Mail a one-time link if the account exists; says nothing either way."""
    throttling.demand_open(f"link:{address}", f"link:{email.strip().lower()}")
    with transaction():
        user = queries.by_email(email)
        if user is not None and user.is_active:
            messaging.post(emails.sign_in_link(user, new_token(user, LinkPurpose.SIGN_IN)))
    throttling.count_failure(f"link:{address}", f"link:{email.strip().lower()}")


def new_token(user: User, purpose: LinkPurpose) -> str:
    token = secrets.token_urlsafe(24)
    db.session.add(
        OneTimeLink(
            user_id=user.id,
            purpose=purpose,
            token_digest=digest(token, purpose="one-time-link"),
            expires_at=clock.now() + LINK_LIFETIME[purpose],
        )
    )
    return token


def use_link(token: str) -> User:
    """The user of a fresh link, which is spent by this call; `Conflict` says how to get another one."""
    with transaction():
        link = queries.link(digest(token, purpose="one-time-link"))
        if link is None or link.expires_at < clock.now():
            raise Conflict(_("Ce lien n’est plus valable. Demandez-en un nouveau, il arrive en une minute."))
        spent = affected(
            update(OneTimeLink)
            .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
            .values(used_at=clock.now())
            .execution_options(synchronize_session=False)
        )
        if spent != 1:
            raise Conflict(_("Ce lien a déjà servi. Demandez-en un nouveau, il arrive en une minute."))
        user = db.session.get(User, link.user_id)
        if user is None or not user.is_active:
            raise Conflict(_("Ce compte est fermé. Écrivez à la coordination."))
        user.last_seen_at = clock.now()
        return user


def invite(email: str, name: str, role: Role, territory_id: int | None, *, by: Actor) -> User:
    """An account without password, and the mail that lets its owner in. The same invitation twice sends one mail.

    Raises `Invalid` on field `email` when the address already serves another role.
    """
    by.demand(Permission.ACCOUNT_INVITE)
    if role not in MAY_INVITE.get(by.role, frozenset()) or (
        by.role is not Role.ADMIN and territory_id != by.territory_id
    ):
        raise Forbidden(_("Vous ne pouvez pas inviter avec ce rôle."))
    with transaction():
        user = queries.by_email(email)
        if user is not None:
            if user.role is not role or user.territory_id != territory_id:
                sentence = _("Cette adresse sert déjà à un autre compte. Demandez une autre adresse à la personne.")
                raise Invalid(sentence, {"email": sentence})
            return user
        user = User(email=email.strip().lower(), display_name=name.strip(), role=role, territory_id=territory_id)
        db.session.add(user)
        db.session.flush()
        messaging.post(emails.invitation(user, new_token(user, LinkPurpose.INVITATION)))
        audit.record("account.invite", user, by=by, to_state=role)
        return user


def renew_invitation(user: User, *, by: Actor) -> None:
    """Mail a new link to somebody who lost the first."""
    by.demand(Permission.ACCOUNT_INVITE, user)
    with transaction():
        messaging.post(emails.invitation(user, new_token(user, LinkPurpose.INVITATION)))
        audit.record("account.renew_invitation", user, by=by)


def register_host_account(email: str, name: str, password: str | None, territory_id: int) -> User:
    """The account of somebody who registers a structure; `Invalid` on field `email` when the address is taken."""
    with transaction():
        if queries.by_email(email) is not None:
            sentence = _("Un compte existe déjà avec cette adresse. Connectez-vous, ou demandez un lien de connexion.")
            raise Invalid(sentence, {"email": sentence})
        user = User(email=email.strip().lower(), display_name=name.strip(), role=Role.HOST, territory_id=territory_id)
        db.session.add(user)
        db.session.flush()
        if password:
            set_password(user, password)
        else:
            messaging.post(emails.invitation(user, new_token(user, LinkPurpose.INVITATION)))
        return user


def create_admin(email: str, name: str, password: str) -> User:
    """The only account made outside the interface (`flask accounts create-admin`)."""
    with transaction():
        if queries.by_email(email) is not None:
            raise Invalid(_("Un compte existe déjà avec cette adresse."), {"email": ""})
        user = User(email=email.strip().lower(), display_name=name.strip(), role=Role.ADMIN)
        db.session.add(user)
        db.session.flush()
        set_password(user, password)
        audit.record("account.create_admin", user, by=None)
        return user


def close_sessions(user_id: int) -> None:
    """Sign the account out everywhere."""
    with transaction():
        user = locked(User, user_id)
        if user is not None:
            user.session_epoch += 1


def student_account(display_name: str, territory_id: int) -> User:
    """An account without e-mail; its card's code comes from `issue_card_code`."""
    user = User(role=Role.STUDENT, display_name=display_name, territory_id=territory_id)
    db.session.add(user)
    db.session.flush()
    return user


def close(user: User) -> None:
    """The account opens no more: code forgotten, sessions ended. Inside the caller's transaction."""
    user.is_active, user.code_digest = False, None
    user.session_epoch += 1
