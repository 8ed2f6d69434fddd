"""The mail of the day: what waits for one address leaves as one mail, once a day at most.

Everything that concerns one address happens in one transaction. A worker killed in the middle has done nothing; two
workers at once are told apart by the unique key (address, day), and the messages of the second wait for the morning.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.kernel import clock
from app.kernel.database import db, reading, release, transaction
from app.kernel.jobs import jobs
from app.messaging import emails, queries, services
from app.messaging.models import OutboxMessage
from app.messaging.rules import READABLE_FOR, Pace, next_morning
from app.messaging.states import DELIVERIES, DeliveryState


@jobs.every_minute
def gather() -> None:
    """Make the mail of the day of every address for which something is due, and forget the old ones."""
    with reading():
        addresses = queries.addresses_due()
        release()
    for address in addresses:
        _gather(address)
    _forget()


def _gather(address: str) -> None:
    now = clock.now().astimezone(clock.PARIS)
    with transaction():
        held = queries.held_for(address)
        if not held:
            return
        if _has_had_its_mail(address, now.date()):
            for row in held:
                row.not_before = next_morning(now)
            return
        try:
            with db.session.begin_nested():
                _leave(held, daily_key(address, now.date()))
        except IntegrityError:  # another worker made this address's mail of the day at this very moment
            db.session.expire_all()


def _leave(held: list[OutboxMessage], key: str) -> None:
    if len(held) == 1:
        [row] = held
        row.state = DELIVERIES.step(row.state, "release").target
        row.daily_key, row.not_before = key, clock.now()
        db.session.flush()
        services.deliver_after_commit()
        return
    whole = services.new_row(emails.digest(held, key))
    whole.daily_key, whole.pace = key, Pace.DAILY
    db.session.add(whole)
    db.session.flush()
    services.deliver_after_commit()
    for row in held:
        row.state = DELIVERIES.step(row.state, "group").target
        row.digest_id, row.html = whole.id, ""
    db.session.flush()


def _has_had_its_mail(address: str, day: date) -> bool:
    return queries.mail_of_the_day(address, daily_key(address, day), _midnight(day))


def daily_key(address: str, day: date) -> str:
    """What is unique among the mails of the day, without the address in it."""
    return hashlib.sha256(f"{address.lower()}|{day.isoformat()}".encode()).hexdigest()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.PARIS)


def _forget() -> None:
    """Erase the text and the links of what was grouped long ago."""
    old = clock.now() - READABLE_FOR
    with reading():
        found = queries.grouped_before(old)
        release()
    if found:
        with transaction() as session:
            session.execute(
                update(OutboxMessage)
                .where(
                    OutboxMessage.state == DeliveryState.GROUPED,
                    OutboxMessage.created_at < old,
                    OutboxMessage.text != "",
                )
                .values(text="", url="")
            )
