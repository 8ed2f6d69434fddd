"""A draft and its stops: made from placements, and brought in line with where the student goes now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.agreements import queries, rules, versions
from app.agreements.fields import Part
from app.agreements.models import Agreement, AgreementHost
from app.agreements.states import AgreementState
from app.kernel import clock
from app.kernel.database import db
from app.kernel.identifiers import new_code
from app.placements import hours
from app.placements.models import Placement
from app.regulations.rules import Schedule


def new(placements: Iterable[Placement]) -> Agreement:
    """A draft for these placements of one student, in the session."""
    stops = hours.in_order(placements)
    first = stops[0]
    student = first.student
    agreement = Agreement(
        territory_id=first.territory_id,
        campaign_id=first.campaign_id,
        student_id=first.student_id,
        school_id=student.school_class.school_id,
        student=student,
        school=student.school_class.school,
        reference=new_code(rules.REFERENCE_LENGTH),
        template_version=versions.current("convention", clock.today()).name,
        typed={},
        hosts=[stop_of(placement, n) for n, placement in enumerate(stops)],
    )
    db.session.add(agreement)
    return agreement


def again(former: Agreement, placements: Iterable[Placement]) -> Agreement:
    """A draft in the place of `former`, with all that was typed there and still holds: nobody types it twice."""
    agreement = new(placements)
    agreement.both_guardians = former.both_guardians
    db.session.flush()
    kept = {host.placement_id: host for host in former.hosts}
    typed: dict[str, Any] = {key: row for key, row in former.typed.items() if not key.startswith(f"{Part.HOST}:")}
    for host in agreement.hosts:
        known = kept.get(host.placement_id)
        if known is not None:
            _write(host, _at_same_hours(known, host.placement))
            typed |= {f"{Part.HOST}:{host.id}": former.typed.get(f"{Part.HOST}:{known.id}", {})}
    agreement.typed = typed
    return agreement


def follow(agreement: Agreement, placements: Sequence[Placement]) -> None:
    """Bring a draft in line with the placements: stops that went, that joined, and days that moved."""
    assert agreement.state is AgreementState.DRAFT
    wanted = {placement.id: placement for placement in placements}
    for host in list(agreement.hosts):
        if host.placement_id not in wanted:
            agreement.typed = {key: row for key, row in agreement.typed.items() if key != f"{Part.HOST}:{host.id}"}
            agreement.hosts.remove(host)
        elif host.days != host.placement.days:
            _write(host, _at_same_hours(host, host.placement))
    known = {host.placement_id for host in agreement.hosts}
    for host in agreement.hosts:
        host.position = -1 - host.id  # positions are unique: everybody stands up before sitting down
    db.session.flush()
    for placement in placements:
        if placement.id not in known:
            agreement.hosts.append(stop_of(placement, -1))
    for number, host in enumerate(sorted(agreement.hosts, key=lambda host: (host.first_day, host.placement.stop))):
        host.position = number
    db.session.flush()
    db.session.refresh(agreement, ["hosts"])


def expected(agreement: Agreement) -> list[Placement]:
    """The placements that this agreement should be about: those of its stops that still hold, and what was added."""
    known = {host.placement_id for host in agreement.hosts}
    kept = [host.placement for host in agreement.hosts if host.placement.state not in queries.LOST]
    added = queries.placements_told(agreement.student_id, agreement.campaign_id)
    return [*kept, *(placement for placement in added if placement.id not in known)]


def is_astray(agreement: Agreement) -> bool:
    """Whether the agreement does not say where the student goes, and on which days."""
    wanted = expected(agreement)
    return {placement.id for placement in wanted} != {host.placement_id for host in agreement.hosts} or any(
        host.days != host.placement.days for host in agreement.hosts
    )


def stop_of(placement: Placement, position: int) -> AgreementHost:
    host = AgreementHost(placement_id=placement.id, placement=placement, position=position)
    _write(host, hours.ordinary(placement))
    return host


def _write(host: AgreementHost, schedule: Schedule) -> None:
    days = schedule.dates or (host.placement.slot.monday,)
    host.days, host.schedule = host.placement.days, schedule.to_json()
    host.first_day, host.last_day = days[0], days[-1]


def _at_same_hours(former: AgreementHost, placement: Placement) -> Schedule:
    """The days of the placement, with the hours that were written for those which stay."""
    written = {day.date: day for day in Schedule.from_json(former.schedule).days}
    if former.days == placement.days:
        return Schedule(tuple(written.values()))
    return Schedule(tuple(written.get(day.date, day) for day in hours.ordinary(placement).days))
