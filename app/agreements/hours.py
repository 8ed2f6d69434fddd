"""The hours of an agreement under the law: its whole itinerary, day by day, at the student's real age on each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from app.agreements import content, versions
from app.agreements.fields import AWAY_FROM_BAR, Part
from app.agreements.models import Agreement, AgreementHost
from app.hosts.states import HostState
from app.kernel.errors import Invalid
from app.regulations import gateway as calendars
from app.regulations import rules as regulations
from app.regulations.rules import Context, Finding, Schedule, ScheduleError, Subject


def itinerary(agreement: Agreement, typed: Mapping[int, Schedule] | None = None) -> Schedule:
    """The days of all the stops together, `typed` (stop → hours being written) instead of those kept.

    Raises `Invalid` when two structures expect the student at once.
    """
    typed = typed or {}
    try:
        return Schedule.joined(typed.get(host.id) or Schedule.from_json(host.schedule) for host in agreement.hosts)
    except ScheduleError as error:
        raise Invalid(
            _("Deux structures attendent l’élève aux mêmes heures. Changez les horaires de l’une d’elles.")
        ) from error


def findings(agreement: Agreement, typed: Mapping[int, Schedule] | None = None) -> tuple[Finding, ...]:
    """Every rule that this agreement breaks, remarks included; see `itinerary` for `typed`."""
    schedule = itinerary(agreement, typed)
    born = content.values(agreement, Part.SCHOOL)["birth_date"]
    subject = Subject(date.fromisoformat(born) if born else None, agreement.student.school_class.level)
    return regulations.check(schedule, subject, _context(agreement, schedule))


def _context(agreement: Agreement, schedule: Schedule) -> Context:
    offers = [host.placement.slot.offer for host in agreement.hosts]
    switches = versions.load("convention", agreement.template_version).switches
    return Context(
        closed_days=_closed(schedule),
        switches=frozenset(switches) if switches is not None else None,
        is_whole=True,
        is_bar=any(_at_the_bar(agreement, host) for host in agreement.hosts),
        host_suspended=any(offer.organization.state is HostState.SUSPENDED for offer in offers),
        hazards_acknowledged=all(offer.forbidden_works_acknowledged_at is not None for offer in offers),
        tutor_named=all(
            content.values(agreement, f"{Part.HOST}:{host.id}")["tutor_name"] != "" for host in agreement.hosts
        ),
        tutor_is_guardian=_tutor_is_guardian(agreement),
    )


def _at_the_bar(agreement: Agreement, host: AgreementHost) -> bool:
    """Whether a structure serves alcohol and has not said that the student will not be at its bar."""
    said = content.values(agreement, f"{Part.HOST}:{host.id}")["bar"]
    return host.placement.slot.offer.organization.serves_alcohol and said != AWAY_FROM_BAR


def _closed(schedule: Schedule) -> dict[date, str]:
    """Without a published school calendar, the public holidays, which are known for every year."""
    if not schedule.dates:
        return {}
    first, last = schedule.dates[0], schedule.dates[-1]
    try:
        return calendars.closed_days(first, last)
    except calendars.UnknownYear:
        return calendars.public_holidays(first, last)


def holidays_unknown(agreement: Agreement) -> bool:
    """Whether the school holidays of these days are not published yet: somebody has to look."""
    try:
        for host in agreement.hosts:
            calendars.closed_days(host.first_day, host.last_day)
    except calendars.UnknownYear:
        return True
    return False


def _tutor_is_guardian(agreement: Agreement) -> bool:
    guardians = {guardian.name.casefold() for guardian in agreement.student.guardians}
    tutors = {content.values(agreement, f"{Part.HOST}:{host.id}")["tutor_name"].casefold() for host in agreement.hosts}
    return bool(guardians & tutors)
