"""A student does not come, or has an accident: the structure says so in one tap, the school knows at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.accounts.models import User
from app.audit import services as audit
from app.hosts import queries as host_queries
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.discretion import About, scan
from app.kernel.errors import Conflict, Hidden, Invalid
from app.messaging import services as messaging
from app.placements import hours, incident_emails
from app.placements.models import Placement
from app.placements.queries import stage
from app.placements.stage_models import Absence, Accident
from app.placements.stage_rules import MAX_CIRCUMSTANCES, Facts


def expected_today(placements: Sequence[Placement]) -> dict[int, Absence | None]:
    """The placements of which today is a day of stage, each with the absence already told."""
    happening = [placement for placement in placements if placement.state in stage.HAPPENING]
    days, today = hours.of_all(happening), clock.today()
    return {p.id: stage.absence_of(p.id, today) for p in happening if today in days[p.id].dates}


def report_absence(placement: Placement, *, by: Actor) -> Absence:
    """The student has not come today: head, class teachers and coordination are told. A second tap changes nothing."""
    by.demand(Permission.PLACEMENT_REPORT, placement)
    with transaction():
        row = _happening(placement.id)
        today = clock.today()
        if today not in hours.of(row).dates:
            raise Conflict(_("Aucun jour de stage aujourd’hui pour %(name)s.", name=row.student.first_name))
        known = stage.absence_of(row.id, today)
        if known is not None and known.arrived_at is None:
            return known
        if known is None:
            known = Absence(placement_id=row.id, placement=row, day=today, reported_by_id=by.user_id)
            db.session.add(known)
        else:  # had come, and is gone again
            known.arrived_at, known.seen_at, known.seen_by_id = None, None, None
            known.reported_at = clock.now()
        audit.record("absence.report", known, by=by, placement=row.id, day=str(today))
        messaging.post_all(incident_emails.absence(known, person) for person in _told(row))
        return known


def report_arrival(placement: Placement, *, by: Actor) -> None:
    """The student has come after all; those who were told of the absence are told."""
    by.demand(Permission.PLACEMENT_REPORT, placement)
    with transaction():
        row = locked(Placement, placement.id)
        known = stage.absence_of(row.id, clock.today()) if row else None
        if row is None or known is None or known.arrived_at is not None:
            return
        known.arrived_at = clock.now()
        audit.record("absence.arrival", known, by=by, placement=row.id)
        messaging.post_all(incident_emails.arrival(known, person) for person in _told(row))


def acknowledge_absence(absence_id: int, *, by: Actor) -> Absence:
    """Somebody of the school has seen the alert and takes care of it."""
    with transaction():
        row = locked(Absence, absence_id)
        if row is None:
            raise Hidden(_("Cette absence n’existe pas."))
        by.demand(Permission.PLACEMENT_FOLLOW, row)
        _see(row, "absence.see", by)
        return row


def report_accident(placement: Placement, request_key: str, *, by: Actor) -> Accident:
    """Tell the school of an accident at once; its circumstances are written afterwards. One key, one accident."""
    by.demand(Permission.PLACEMENT_REPORT, placement)
    known = stage.accident_by_key(request_key)
    if known is not None:
        by.demand(Permission.PLACEMENT_REPORT, known)
        return known
    with transaction():
        row = _happening(placement.id)
        found = Accident(
            placement_id=row.id,
            placement=row,
            request_key=request_key,
            reported_by_id=by.user_id,
            happened_on=clock.today(),
            place=f"{row.slot.offer.site.address}, {row.slot.offer.site.town}"[:200],
        )
        try:
            with db.session.begin_nested():
                db.session.add(found)
        except IntegrityError:  # two taps at the same instant
            known = stage.accident_by_key(request_key)
            if known is None:
                raise
            return known
        audit.record("accident.report", found, by=by, placement=row.id)
        messaging.post_all(incident_emails.accident(found, person) for person in _told(row))
        return found


def report_accident_by_link(placement: Placement, *, by: Actor) -> Accident:
    """From a personal link, where no form holds a key: one accident a day and student, a second tap is the same one."""
    return report_accident(placement, f"link-{placement.id}-{clock.today():%Y%m%d}", by=by)


def complete_facts(accident: Accident, facts: Facts, *, by: Actor) -> Accident:
    """The circumstances. Raises `Invalid` when they speak of somebody's health, or lie in the future."""
    _demand_either(accident, by)
    problems = _fact_problems(facts, accident)
    if problems:
        raise Invalid(_("Quelques réponses sont à corriger."), problems)
    with transaction():
        row = locked(Accident, accident.id)
        if row is None:
            raise Hidden(_("Cet accident n’existe pas."))
        if row.declared_at is not None:
            raise Conflict(_("La déclaration est partie : ses faits ne changent plus ici."))
        values = {name: getattr(facts, name) for name in Facts.__dataclass_fields__}
        if all(getattr(row, name) == value for name, value in values.items()):
            return row
        for name, value in values.items():
            setattr(row, name, value)
        audit.record("accident.facts", row, by=by, placement=row.placement_id)
        return row


def acknowledge_accident(accident_id: int, *, by: Actor) -> Accident:
    with transaction():
        row = _accident(accident_id, by)
        _see(row, "accident.see", by)
        return row


def declare(accident_id: int, *, by: Actor) -> Accident:
    """Note that the declaration has been sent; the facts are then closed."""
    with transaction():
        row = _accident(accident_id, by)
        if row.declared_at is None:
            _see(row, "accident.see", by)
            row.declared_at = clock.now()
            audit.record("accident.declare", row, by=by, placement=row.placement_id)
        return row


def _accident(accident_id: int, by: Actor) -> Accident:
    row = locked(Accident, accident_id)
    if row is None:
        raise Hidden(_("Cet accident n’existe pas."))
    by.demand(Permission.PLACEMENT_FOLLOW, row)
    return row


def _see(row: Absence | Accident, action: str, by: Actor) -> None:
    if row.seen_at is None:
        row.seen_at, row.seen_by_id = clock.now(), by.user_id
        audit.record(action, row, by=by, placement=row.placement_id)


def _demand_either(accident: Accident, by: Actor) -> None:
    by.demand(Permission.PLACEMENT_REPORT if by.role is Role.HOST else Permission.PLACEMENT_FOLLOW, accident)


def _happening(placement_id: int) -> Placement:
    """The placement under lock, between its first and its last day."""
    row = locked(Placement, placement_id)
    if row is None:
        raise Hidden(_("Ce stage n’existe pas."))
    dates = hours.of(row).dates
    if row.state not in stage.HAPPENING or not dates or not dates[0] <= clock.today() <= dates[-1]:
        raise Conflict(_("Ce bouton sert pendant la semaine du stage. Pour autre chose, écrivez au collège."))
    return row


def _told(placement: Placement) -> Iterable[User]:
    """Head, teachers of the class, coordination: each once, those who have an address."""
    school_class = placement.student.school_class
    people: Iterator[User] = iter(
        [
            *stage.heads(school_class.school_id),
            *stage.class_teachers(school_class.id),
            *host_queries.coordinators(placement.territory_id),
        ]
    )
    return list({person.id: person for person in people if person.email}.values())


def _fact_problems(facts: Facts, accident: Accident) -> dict[str, str]:
    problems: dict[str, str] = {}
    first: date = min(hours.of(accident.placement).dates, default=accident.happened_on)
    if not first <= facts.happened_on <= clock.today():
        problems["happened_on"] = _("Choisissez un jour du stage, au plus tard aujourd’hui.")
    if len(facts.circumstances) > MAX_CIRCUMSTANCES:
        problems["circumstances"] = _("Ce texte est trop long : %(n)s caractères au plus.", n=MAX_CIRCUMSTANCES)
    for name in ("circumstances", "place", "witnesses", "present"):
        words = scan(getattr(facts, name), about=About.STAGE).health
        if words:
            problems[name] = _(
                "Seulement les faits : ce qui touche à la santé s’écrit à la main sur le papier. Retirez %(words)s.",
                words=", ".join(f"« {word} »" for word in words),
            )
    return problems
