"""A stage is about to begin, or should have begun, and its agreement is not signed by all: who can act is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from app.accounts.models import User
from app.hosts import queries as host_queries
from app.kernel import clock
from app.kernel.database import reading, release, transaction
from app.kernel.jobs import jobs
from app.messaging import services as messaging
from app.messaging.rules import Message
from app.placements import hours, incident_emails, seals
from app.placements.models import Placement
from app.placements.queries import stage
from app.placements.stage_rules import working_day_before
from app.placements.states import PlacementState
from app.regulations.gateway import public_holiday

_WEEK = timedelta(days=7)


def among(placements: Iterable[Placement]) -> list[tuple[Placement, date]]:
    """The confirmed stages whose agreement is not signed by all, from the working day before the first one, with that
    first day.
    """
    confirmed = [placement for placement in placements if placement.state is PlacementState.CONFIRMED]
    signed, days, today = seals.among([p.id for p in confirmed]), hours.of_all(confirmed), clock.today()
    return [
        (placement, days[placement.id].dates[0])
        for placement in confirmed
        if placement.id not in signed
        and days[placement.id].dates
        and working_day_before(days[placement.id].dates[0], _is_closed) <= today
    ]


def _is_closed(day: date) -> bool:
    return public_holiday(day) is not None


@jobs.every_minute
def warn() -> None:
    """Write to the heads and the coordination, once a first day, from the working day before it. Idempotent."""
    with reading():
        found = bool(_late())
        release()
    if not found:
        return
    with transaction():
        messaging.post_all(_mails(_late()))


def _late() -> list[tuple[Placement, date]]:
    today = clock.today()
    rows = stage.beginning(today - timedelta(days=4), today + _WEEK)
    return [(placement, first) for placement, first in among(rows) if first >= today]


def _mails(rows: Sequence[tuple[Placement, date]]) -> Iterator[Message]:
    of_schools: dict[tuple[date, int], list[Placement]] = defaultdict(list)
    of_territories: dict[tuple[date, int], list[Placement]] = defaultdict(list)
    for placement, first in rows:
        of_schools[first, placement.student.school_class.school_id].append(placement)
        of_territories[first, placement.territory_id].append(placement)
    for (first, school_id), placements in of_schools.items():
        yield from _to(stage.heads(school_id), first, placements)
    for (first, territory_id), placements in of_territories.items():
        yield from _to(host_queries.coordinators(territory_id), first, placements)


def _to(people: Iterable[User], first: date, placements: list[Placement]) -> Iterator[Message]:
    for person in people:
        if person.email:
            yield incident_emails.unsigned(placements, first, person)
