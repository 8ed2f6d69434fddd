"""Letting people in who stand at the door: a colleague's account, a lost access handed over or sent by somebody nearby.

Who may help whom is for the room above to say (a structure's owner, a school's head, a coordinator); this room only
makes the link, once, and journals who asked for it.
"""

from __future__ import annotations

from sqlalchemy import update

from app.access.actor import Actor
from app.access.policy import Role
from app.accounts import emails, queries, services, throttling
from app.accounts.models import OneTimeLink, User
from app.accounts.rules import LinkPurpose
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, transaction
from app.kernel.errors import Hidden
from app.messaging import services as messaging

# Never an equal: whoever holds the sheet for a moment could use it.
MAY_HAND = {
    Role.ADMIN: frozenset({Role.COORDINATOR, Role.OBSERVER}),
    Role.COORDINATOR: frozenset({Role.TEACHER, Role.HEAD, Role.HOST, Role.OBSERVER}),
}


def host_account(email: str, name: str, territory_id: int) -> User | None:
    """The host account of this address, made when there is none; None when the address serves somebody else's role."""
    with transaction():
        user = queries.by_email(email)
        if user is None:
            user = User(
                email=email.strip().lower(), display_name=name.strip(), role=Role.HOST, territory_id=territory_id
            )
            db.session.add(user)
            db.session.flush()
        if user.role is not Role.HOST or user.territory_id != territory_id or not user.is_active:
            return None
        return user


def first_link(user: User) -> str:
    """The token by which somebody who has just proved their mailbox signs in."""
    with transaction():
        return services.new_token(user, LinkPurpose.SIGN_IN)


def may_hand_over(user: User, *, by: Actor) -> bool:
    """Whether a coordinator or the administrator may put a way into this account in its owner's hands."""
    return user.role in MAY_HAND.get(by.role, frozenset())


def hand_over(user: User, *, by: Actor | None) -> str:
    """The token of a link to give in the person's own hands. Links not yet used no longer open anything.

    `by` is None at the command line, which helps the administrator, whom nobody stands above.
    """
    with transaction():
        _demand_open(user)
        _spend_all(user)
        token = services.new_token(user, LinkPurpose.INVITATION)
        audit.record("account.hand_link", user, by=by)
        return token


def send(user: User, *, by: Actor) -> None:
    """A link to the address of the account."""
    with transaction():
        _demand_open(user)
        messaging.post(emails.access_link(user, services.new_token(user, LinkPurpose.INVITATION), by.display_name))
        audit.record("account.send_link", user, by=by)


def renew(token: str, *, address: str) -> None:
    """From the page of a link that no longer opens: another one leaves to the same mailbox. Says nothing either way."""
    known = queries.link(services.digest(token, purpose="one-time-link"))
    keys = (f"link:{address}", f"link-renewal:{known.user_id if known else token[:40]}")
    throttling.demand_open(*keys)
    with transaction():
        user = db.session.get(User, known.user_id) if known else None
        if user is not None and user.is_active and user.email:
            messaging.post(emails.sign_in_link(user, services.new_token(user, LinkPurpose.SIGN_IN)))
    throttling.count_failure(*keys)


def _demand_open(user: User) -> None:
    if not user.is_active or not user.email:
        raise Hidden("Ce compte n’existe pas.")


def _spend_all(user: User) -> None:
    db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.user_id == user.id, OneTimeLink.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
