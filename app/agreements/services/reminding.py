"""Reminders, by dates and by day: to who has not signed, and to the coordinator when a stage is about to begin."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from app.accounts.models import User
from app.agreements import emails_signing, reminders
from app.agreements.models import Agreement, Party
from app.agreements.queries import awaited
from app.agreements.services import asking
from app.agreements.services.signing import hold
from app.agreements.states import AgreementState, SignatureState
from app.hosts import queries as host_queries
from app.kernel import clock
from app.kernel.database import db, reading, release, transaction
from app.kernel.errors import DomainError
from app.kernel.jobs import jobs
from app.messaging import services as messaging


@jobs.every_minute
def sweep() -> None:
    """Everything that is due today and not done yet. Run twice, it does nothing the second time."""
    if not reminders.awake(clock.now().astimezone(clock.PARIS).time()):
        return
    asking.text_links()
    today = clock.today()
    with reading():
        due = [party.id for party in awaited.by_link() if _due(party, today)]
        release()
    for party_id in due:
        _remind(party_id, today)
    _tell_staff(today)
    _tell_coordinators(today)


def first_day(agreement: Agreement) -> date:
    return min(stop.first_day for stop in agreement.hosts)


def _due(party: Party, today: date) -> bool:
    if party.asked_at is None:
        return False
    reminded = _day(party.reminded_at) if party.reminded_at else None
    return reminders.due(_day(party.asked_at), reminded, first_day(party.agreement), today)


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.PARIS).date()


def _remind(party_id: int, today: date) -> None:
    try:
        with transaction():
            party = hold(party_id)
            wanted = party.state is SignatureState.AWAITED and party.agreement.state is AgreementState.OPEN
            if wanted and _due(party, today):
                asking.send_reminder(party)
    except DomainError:
        return  # gone or replaced since the list was made


def _tell_staff(today: date) -> None:
    """One mail a day at most to each member of staff: everything that awaits them, when something is new or due."""
    with reading():
        by_user: dict[int, list[int]] = defaultdict(list)
        for party in awaited.by_account():
            new = party.reminded_at is None
            if party.user_id is not None and (new or _due(party, today)):
                by_user[party.user_id].append(party.id)
        release()
    for user_id in by_user:
        with transaction():
            user = db.session.get(User, user_id)
            if user is None or not user.is_active or not user.email:
                continue
            mine = awaited.of_user(user_id)
            if mine and messaging.post(emails_signing.to_sign(user, mine, today)):
                for party in mine:
                    party.reminded_at = clock.now()


def _tell_coordinators(today: date) -> None:
    with reading():
        by_territory: dict[int, list[int]] = defaultdict(list)
        for agreement in awaited.agreements():
            if reminders.late(first_day(agreement), today):
                by_territory[agreement.territory_id].append(agreement.id)
        release()
    for territory_id, ids in by_territory.items():
        with transaction():
            coordinators = host_queries.coordinators(territory_id)
            agreements = [agreement for agreement in awaited.agreements() if agreement.id in set(ids)]
            messaging.post_all(emails_signing.late(user, agreements, today) for user in coordinators)
