"""Reading the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, and_, func, or_, select

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.kernel import clock
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from app.messaging.rules import Pace
from app.messaging.states import DeliveryState

COLUMNS = ScopeColumns(territory=OutboxMessage.territory_id)
PER_PAGE = 50


def visible_to(actor: Actor) -> Select[tuple[OutboxMessage]]:
    return select(OutboxMessage).where(visible(actor, Permission.DELIVERY_VIEW, COLUMNS))


def visible_message(actor: Actor, message_id: int) -> OutboxMessage:
    """The message, or `Hidden`."""
    message = db.session.get(OutboxMessage, message_id)
    actor.reveal(Permission.DELIVERY_VIEW, message)
    assert message is not None
    return message


def page(actor: Actor, state: DeliveryState | None, number: int) -> Pagination:
    """One page of the actor's messages, those that need a person first, then the newest."""
    statement = visible_to(actor)
    if state is not None:
        statement = statement.where(OutboxMessage.state == state)
    needs_somebody = OutboxMessage.state.in_([DeliveryState.UNCERTAIN, DeliveryState.FAILED])
    statement = statement.order_by(needs_somebody.desc(), OutboxMessage.id.desc())
    return db.paginate(statement, page=max(1, number), per_page=PER_PAGE, error_out=False)


def counts(actor: Actor) -> dict[DeliveryState, int]:
    """How many messages of the actor's territory are in each state."""
    statement = (
        select(OutboxMessage.state, func.count())
        .where(visible(actor, Permission.DELIVERY_VIEW, COLUMNS))
        .group_by(OutboxMessage.state)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def known_keys(keys: Iterable[str]) -> set[str]:
    """Those of `keys` for which a message exists."""
    wanted, known = list(keys), set[str]()
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        known |= set(db.session.scalars(select(OutboxMessage.dedupe_key).where(OutboxMessage.dedupe_key.in_(part))))
    return known


def addresses_due() -> list[str]:
    """The addresses for which a held message may leave now, in lower case."""
    address = func.lower(OutboxMessage.to_email)
    statement = select(address).where(
        OutboxMessage.state == DeliveryState.HELD, OutboxMessage.not_before <= clock.now()
    )
    return list(db.session.scalars(statement.distinct().order_by(address)))


def held_for(address: str) -> list[OutboxMessage]:
    """Everything held for this address, due or not, locked, the oldest first."""
    return list(
        db.session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.state == DeliveryState.HELD, func.lower(OutboxMessage.to_email) == address)
            .order_by(OutboxMessage.id)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )


def mail_of_the_day(address: str, daily_key: str, since: datetime) -> bool:
    """Whether this address has its grouped mail of the day, or was sent something pressing since then."""
    statement = select(OutboxMessage.id).where(
        or_(
            OutboxMessage.daily_key == daily_key,
            and_(
                func.lower(OutboxMessage.to_email) == address,
                OutboxMessage.pace == Pace.NOW,
                OutboxMessage.created_at >= since,
            ),
        )
    )
    return db.session.scalar(statement.limit(1)) is not None


def grouped_before(moment: datetime) -> bool:
    """Whether a grouped message older than `moment` still has its text."""
    statement = select(OutboxMessage.id).where(
        OutboxMessage.state == DeliveryState.GROUPED, OutboxMessage.created_at < moment, OutboxMessage.text != ""
    )
    return db.session.scalar(statement.limit(1)) is not None


def grouped_in(daily_key: str) -> list[OutboxMessage]:
    """The messages of a grouped mail, in the order in which they were written."""
    digest = select(OutboxMessage.id).where(OutboxMessage.daily_key == daily_key).scalar_subquery()
    return list(
        db.session.scalars(select(OutboxMessage).where(OutboxMessage.digest_id == digest).order_by(OutboxMessage.id))
    )


def has_due() -> bool:
    statement = select(OutboxMessage.id).where(
        OutboxMessage.state == DeliveryState.QUEUED, OutboxMessage.not_before <= clock.now()
    )
    return db.session.scalar(statement.limit(1)) is not None


def next_due(skip: Iterable[int] = ()) -> OutboxMessage | None:
    """The oldest message that may leave now, locked; a message locked by another worker is passed over."""
    statement = (
        select(OutboxMessage)
        .where(
            OutboxMessage.state == DeliveryState.QUEUED,
            OutboxMessage.not_before <= clock.now(),
            OutboxMessage.id.not_in(list(skip)),
        )
        .order_by(OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return db.session.scalar(statement)


def left_behind(before: datetime) -> list[OutboxMessage]:
    """What a worker took before then and did not finish, locked; what another worker holds now is passed over."""
    statement = select(OutboxMessage).where(
        OutboxMessage.state.in_([DeliveryState.SENDING, DeliveryState.HANDED]), OutboxMessage.claimed_at <= before
    )
    return list(db.session.scalars(statement.with_for_update(skip_locked=True)))


def claimed(message_id: int, claim: int) -> OutboxMessage | None:
    """The message, locked, if this claim on it still holds."""
    return db.session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.claim == claim)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
