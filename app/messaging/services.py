"""The verbs of the outbox: post, send again, settle a doubt. Delivery itself is in `delivery.py`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from email.utils import parseaddr

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict
from app.kernel.jobs import enqueue
from app.messaging import delivery, queries
from app.messaging.models import OutboxMessage
from app.messaging.rules import Message, Pace, leaves_at, pace_of
from app.messaging.states import DELIVERIES, DeliveryState
from app.settings import Settings

_ENQUEUED = "messaging.enqueued_in"


def post(message: Message, *, urgent: bool | None = None) -> bool:
    """Put a mail in the outbox, inside the caller's transaction. False when its `dedupe_key` is already there.

    `urgent`: whether it leaves at once or with the mail of the day; by default what `rules.PACES` says of its kind.
    """
    return post_all([message], urgent=urgent) == 1


def post_all(messages: Iterable[Message], *, urgent: bool | None = None) -> int:
    """Put many mails in the outbox; returns how many were new."""
    with transaction():
        by_key = {message.dedupe_key: message for message in messages}
        for key in queries.known_keys(by_key):
            del by_key[key]
        rows = [_row(message, urgent) for message in by_key.values()]
        if not rows:
            return 0
        try:
            with db.session.begin_nested():
                db.session.add_all(rows)
        except IntegrityError:  # somebody posted one of the same keys at this very moment: one by one
            rows = [row for row in (_row(m, urgent) for m in by_key.values()) if _inserted(row)]
        if any(row.state is DeliveryState.QUEUED for row in rows):
            deliver_after_commit()
    return len(rows)


def _inserted(row: OutboxMessage) -> bool:
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def _row(message: Message, urgent: bool | None) -> OutboxMessage:
    pace = pace_of(message.kind) if urgent is None else (Pace.NOW if urgent else Pace.DAILY)
    row = new_row(message)
    row.pace = pace
    settings: Settings = current_app.config["SETTINGS"]
    if pace is Pace.DAILY and settings.group_mails:
        row.state, row.not_before = DeliveryState.HELD, leaves_at(clock.now().astimezone(clock.PARIS))
    return row


def new_row(message: Message) -> OutboxMessage:
    """The row of a message that may leave at once."""
    settings: Settings = current_app.config["SETTINGS"]
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost"
    return OutboxMessage(
        territory_id=message.territory_id,
        dedupe_key=message.dedupe_key,
        message_id=f"{uuid.uuid4().hex}@{domain}"[:120],
        kind=message.kind,
        to_email=message.to_email,
        to_name=message.to_name,
        subject=message.subject,
        text=message.text,
        html=message.html,
        url=message.url[:500],
        language=message.language,
        state=DeliveryState.QUEUED,
    )


def deliver_after_commit() -> None:
    """One job for all the messages of a transaction."""
    session = db.session()
    current = session.get_transaction()
    if session.info.get(_ENQUEUED) is not current:
        session.info[_ENQUEUED] = current
        enqueue(delivery.drain)


def resend(message: OutboxMessage, *, by: Actor) -> None:
    """Queue again a message that failed or whose arrival is in doubt."""
    with transaction():
        row = _lock(message, by)
        if row.state is DeliveryState.QUEUED:
            return
        _move(row, "resend", by)
        row.attempts, row.not_before, row.last_error = 0, clock.now(), ""
        deliver_after_commit()


def confirm(message: OutboxMessage, *, by: Actor) -> None:
    """Note that a message in doubt did arrive: its addressee says so."""
    with transaction():
        row = _lock(message, by)
        if row.state is DeliveryState.SENT:
            return
        _move(row, "confirm", by)
        row.sent_at, row.text, row.html, row.last_error = clock.now(), "", "", ""


def _lock(message: OutboxMessage, by: Actor) -> OutboxMessage:
    by.demand(Permission.DELIVERY_VIEW, message)
    row = locked(OutboxMessage, message.id)
    if row is None:
        raise Conflict(_("Ce message n’existe plus."))
    return row


def _move(row: OutboxMessage, action: str, by: Actor) -> None:
    step = DELIVERIES.step(row.state, action)
    audit.record(f"message.{action}", row, by=by, from_state=row.state, to_state=step.target, kind=row.kind)
    row.state = step.target
