"""Reading the outbox."""

from __future__ import annotations

from collections.abc import Iterable

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, select

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.kernel import clock
from app.kernel.database import db
from app.messaging.models import OutboxMessage
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
