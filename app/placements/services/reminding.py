"""Silence is recalled, never decided upon: after the reminders a person sees it, with telephone numbers.

Each reminder is a row that is unique, in the transaction that posts its mail: a worker killed in the middle has done
nothing, two workers at once remind once, and a reminder that was due while nobody ran is sent late, once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.kernel import clock
from app.kernel.database import db, locked, reading, release, transaction
from app.kernel.jobs import jobs
from app.messaging import services as messaging
from app.placements import emails, queries
from app.placements.models import Placement, Reminder
from app.placements.rules import PATIENCE, reminder_due
from app.placements.services import telling
from app.placements.states import Answer, PlacementState, Side


@jobs.every_minute
def remind() -> None:
    """Send the reminders that are due today."""
    for side, number, placement_ids in _due():
        _remind(side, number, placement_ids)


def _due() -> list[tuple[Side, int, list[int]]]:
    """(side, number, placements): one line a family, one line an offer; read in a transaction that then ends."""
    now = clock.now()
    first = min(days for line in PATIENCE for after in line.reminders.values() for days in after)
    with reading():
        rows = queries.awaiting(now - timedelta(days=first - 1))
        reminded = queries.reminded([row[0] for row in rows])
        release()
    of_families: list[tuple[Side, int, list[int]]] = []
    of_hosts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for placement_id, offer_id, asked_at, host, family in rows:
        for side, said in ((Side.HOST, host), (Side.FAMILY, family)):
            already = reminded.get((placement_id, side), 0)
            number = _number(asked_at, side, already) if said is Answer.NONE else None
            if number is None:
                continue
            if side is Side.HOST:
                of_hosts[(offer_id, number)].append(placement_id)
            else:
                of_families.append((side, number, [placement_id]))
    return of_families + [(Side.HOST, number, ids) for (_offer, number), ids in sorted(of_hosts.items())]


def _number(asked_at: datetime, side: Side, already: int) -> int | None:
    asked_on = asked_at.astimezone(clock.PARIS).date()
    return reminder_due(asked_on, clock.today(), side, already)


def _remind(side: Side, number: int, placement_ids: Iterable[int]) -> None:
    with transaction():
        silent = [p for p in (locked(Placement, key) for key in sorted(placement_ids)) if p and _is_silent(p, side)]
        if not silent or silent[0].slot.monday <= clock.today():
            return
        try:
            with db.session.begin_nested():
                rows = [Reminder(placement_id=p.id, side=side, number=number) for p in silent]
                db.session.add_all(rows)
        except IntegrityError:  # another worker reminds them at this very moment
            return
        if side is Side.HOST:
            offer = silent[0].slot.offer
            mails = [emails.remind_host(offer, silent, contact, number) for contact in telling.contacts(offer)]
        else:
            guardians = silent[0].student.guardians
            mails = [emails.remind_family(silent[0], guardian, number) for guardian in guardians if guardian.email]
        messaging.post_all(mails)
        for row in rows:
            row.mails = len(mails)


def _is_silent(placement: Placement, side: Side) -> bool:
    return placement.state is PlacementState.AWAITING and placement.answer_of(side) is Answer.NONE
