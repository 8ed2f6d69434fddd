"""Delivery of the outbox: each message claimed by one worker, handed over in steps, each durable before the next.

A worker may die anywhere. Dead before HANDED: nothing was accepted, the message is queued again. Dead after HANDED:
the server may or may not have it, so it becomes UNCERTAIN and a person decides. `claim` numbers the claims: a worker
which is slow rather than dead finds its number overtaken before the final dot, and lets go.
"""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import update

from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import affected, reading, release, transaction
from app.kernel.jobs import jobs
from app.messaging import queries
from app.messaging.models import OutboxMessage
from app.messaging.rules import retry_delay
from app.messaging.states import DELIVERIES, DeliveryState
from app.messaging.transport import Folder, NoAnswer, Parcel, Refused, Smtp, Transport, Unreachable
from app.settings import Settings

LEASE = timedelta(minutes=5)


class ClaimLost(Exception):
    """Another worker has taken the message over; nothing more may be done to it."""


@jobs.task
def drain() -> None:
    """Send everything that is due, over one connection, until nothing is left or the server is away."""
    with reading():
        due = queries.has_due()
        release()
    if not due:
        return
    transport = _transport()
    try:
        transport.open()
    except Unreachable as error:
        _note_unreachable(str(error))
        return
    seen: list[int] = []
    try:
        while (parcel := _claim(seen)) is not None:
            seen.append(parcel.id)
            try:
                _deliver(transport, parcel)
            except Unreachable:
                return
    finally:
        transport.close()


@jobs.every_minute
def sweep() -> None:
    """Repair what dead workers left long ago, and send what is due."""
    recover(older_than=LEASE)
    drain()


@jobs.at_start
def recover_at_start() -> None:
    recover(older_than=timedelta(0))


def recover(older_than: timedelta) -> None:
    """Queue again what was claimed and not handed over; flag what was handed over and never answered."""
    with transaction():
        for row in queries.left_behind(before=clock.now() - older_than):
            if row.state is DeliveryState.SENDING:
                row.state = DELIVERIES.step(row.state, "postpone").target
                row.claim += 1
                row.not_before = clock.now()
            else:
                _doubt(row, "L’envoi a été interrompu au moment où le serveur allait répondre.")


def _claim(seen: list[int]) -> Parcel | None:
    with transaction():
        row = queries.next_due(skip=seen)
        if row is None:
            return None
        row.state = DELIVERIES.step(row.state, "claim").target
        row.claim += 1
        row.claimed_at = clock.now()
        return Parcel(
            id=row.id,
            claim=row.claim,
            message_id=row.message_id,
            to_email=row.to_email,
            to_name=row.to_name,
            subject=row.subject,
            text=row.text,
            html=row.html,
            created_at=row.created_at,
        )


def _deliver(transport: Transport, parcel: Parcel) -> None:
    """Send one claimed message. Raises `Unreachable` when there is no connection left to go on with."""
    try:
        transport.send(parcel, before_commitment=lambda: _hand(parcel))
    except ClaimLost:
        transport.abandon()
    except Refused as refusal:
        _refused(parcel, str(refusal), permanent=refusal.permanent)
    except NoAnswer as silence:
        _step(parcel, "doubt", str(silence))
        raise Unreachable(str(silence)) from silence
    except Unreachable as error:
        _refused(parcel, str(error), permanent=False)
        raise
    else:
        _step(parcel, "deliver")


def _hand(parcel: Parcel) -> None:
    """Make durable, just before the final dot, that the server may have the message from now on."""
    with transaction():
        changed = affected(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == parcel.id,
                OutboxMessage.claim == parcel.claim,
                OutboxMessage.state == DeliveryState.SENDING,
            )
            .values(state=DeliveryState.HANDED, claimed_at=clock.now())
        )
        if changed != 1:
            raise ClaimLost


def _refused(parcel: Parcel, error: str, *, permanent: bool) -> None:
    with transaction():
        row = queries.claimed(parcel.id, parcel.claim)
        if row is None:
            return
        row.attempts += 1
        delay = None if permanent else retry_delay(row.attempts)
        if delay is None:
            _give_up(row, error)
            return
        row.state = DELIVERIES.step(row.state, "postpone").target
        row.not_before = clock.now() + delay
        row.last_error = error[:300]


def _step(parcel: Parcel, action: str, error: str = "") -> None:
    with transaction():
        row = queries.claimed(parcel.id, parcel.claim)
        if row is None or row.state is DELIVERIES[action].target:
            return
        if action == "doubt":
            _doubt(row, error)
            return
        row.state = DELIVERIES.step(row.state, action).target
        row.sent_at, row.text, row.html, row.last_error = clock.now(), "", "", ""


def _doubt(row: OutboxMessage, error: str) -> None:
    step = DELIVERIES.step(row.state, "doubt")
    audit.record("message.doubt", row, by=None, from_state=row.state, to_state=step.target, kind=row.kind)
    row.state, row.last_error = step.target, error[:300]


def _give_up(row: OutboxMessage, error: str) -> None:
    step = DELIVERIES.step(row.state, "give_up")
    audit.record("message.give_up", row, by=None, from_state=row.state, to_state=step.target, kind=row.kind)
    row.state, row.last_error = step.target, error[:300]


def _note_unreachable(error: str) -> None:
    """Nobody's fault: what waits goes on waiting, and the page says why."""
    with transaction() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.state == DeliveryState.QUEUED, OutboxMessage.not_before <= clock.now())
            .values(last_error=error[:300])
        )


def _transport() -> Transport:
    settings: Settings = current_app.config["SETTINGS"]
    if settings.mail == "folder":
        return Folder(settings.instance / "mail", settings.mail_from)
    return Smtp(settings)
