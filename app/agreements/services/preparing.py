"""The verbs of the paper: prepare, complete a part, open the signatures, change after that, cancel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.agreements import content, evidence, fields, queries, rules
from app.agreements.evidence import Event
from app.agreements.fields import Part
from app.agreements.models import Agreement
from app.agreements.services import asking, drafting, freezing, learning, signing
from app.agreements.states import TABLE, AgreementState
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid
from app.placements.models import Placement
from app.regulations.rules import Schedule, ScheduleError
from app.schools.models import Student


def prepare(placements: Placement | Iterable[Placement], *, by: Actor) -> Agreement:
    """The agreement of these placements of one student: the one there is, or a new draft. Twice changes nothing.

    Several placements are one itinerary, in one document. A placement that joins later is added to a draft; raises
    `Conflict` when the signatures of the agreement are already open without it.
    """
    wanted = [placements] if isinstance(placements, Placement) else list(placements)
    first = _demand_one_student(wanted, by)
    with transaction():
        locked(Student, first.student_id)  # two clicks, two colleagues: one draft
        for placement in wanted:
            db.session.refresh(placement)
            if not placement.is_live:
                raise Conflict(_("Ce stage n’a plus lieu : il n’y a pas de convention à préparer."))
        existing = queries.live_of(first.student_id, first.campaign_id)
        if existing is not None:
            return _joined(existing, wanted, by)
        agreement = drafting.new(wanted)
        audit.record("agreement.prepare", agreement, by=by, to_state=AgreementState.DRAFT, stops=len(wanted))
        return agreement


def complete_part(agreement: Agreement, part: str, values: Mapping[str, object], *, by: Actor) -> Agreement:
    """Keep what one party typed in its own part of a draft. Only what differs from what is known is kept.

    `values` may hold "schedule" for a host's part: ISO day → intervals. Raises `Forbidden` for somebody else's part,
    `Invalid` field by field, `Conflict` when the signatures are open.
    """
    with transaction():
        held = _hold(agreement)
        demand_part(held, part, by)
        if held.state is not AgreementState.DRAFT:
            raise Conflict(_("Les signatures sont ouvertes : un changement passe par le collège."))
        _write(held, part, values, by)
        return held


def open_signatures(agreement: Agreement, *, by: Actor) -> Agreement:
    """Freeze the content, make the document, and ask everybody. A double click changes nothing.

    Raises `Invalid` with one sentence a missing field or broken rule, `Conflict` when the stage is not confirmed.
    """
    with transaction():
        held = _hold(agreement)
        by.demand(Permission.AGREEMENT_PREPARE, held)
        if held.state is AgreementState.OPEN:
            return held
        step = TABLE.step(held.state, "open")
        if drafting.is_astray(held):
            raise Conflict(
                _("Les lieux ou les jours du stage viennent de changer. Relisez la convention dans un instant.")
            )
        freezing.demand_ready(held)
        freezing.freeze(held)
        held.state, held.opened_at = step.target, clock.now()
        audit.record("agreement.open", held, by=by, from_state=AgreementState.DRAFT, to_state=step.target)
        evidence.record(held, Event.OPENED, pdf=held.pdf.sha256 if held.pdf else None)
        asking.ask(held)
        return held


def change_after_opening(
    agreement: Agreement, part: str, values: Mapping[str, object], reason: str, *, by: Actor
) -> Agreement:
    """Change what people are signing, or have signed: every signature is void, those who signed are told, and asked
    again. The same content changes nothing.
    """
    reason = _demand_reason(reason)
    with transaction():
        held = _hold(agreement)
        by.demand(Permission.AGREEMENT_PREPARE, held)
        before = held.state
        step = TABLE.step(before, "change")
        _write(held, part, values, by)
        freezing.demand_ready(held)
        if content.digest(content.build(held)) == held.content_digest:
            return held
        signing.void_signatures(held, reason)
        freezing.freeze(held)
        held.state, held.signed_at, held.signed_pdf_id = step.target, None, None
        audit.record("agreement.change", held, by=by, from_state=before, to_state=step.target, reason=reason)
        evidence.record(held, Event.REOPENED, reason=reason[:200], pdf=held.pdf.sha256 if held.pdf else None)
        asking.ask(held)
        return held


def void(agreement: Agreement, reason: str, *, by: Actor | None) -> Agreement:
    """Cancel an agreement and its amendments; those who had signed are told. `by` None: the stage itself is over."""
    reason = _demand_reason(reason)
    with transaction():
        held = _hold(agreement)
        if by is not None:
            by.demand(Permission.AGREEMENT_PREPARE, held)
        if held.state is AgreementState.VOID:
            return held
        for amendment in queries.amendments(held.id):
            void(amendment, reason, by=by)
        before = held.state
        step = TABLE.step(before, "void")
        if before is not AgreementState.DRAFT:
            signing.void_signatures(held, reason)
        held.state, held.voided_at, held.void_reason = step.target, clock.now(), reason
        audit.record("agreement.void", held, by=by, from_state=before, to_state=step.target, reason=reason)
        return held


def may_fill(agreement: Agreement, part: str, by: Actor) -> bool:
    """Whether this part is the actor's own."""
    try:
        kind, _number = fields.split(part)
    except ValueError:
        return False
    if part not in content.parts(agreement) or by.role not in fields.ROLES[kind]:
        return False
    target = content.stop(agreement, part) if kind is Part.HOST else agreement
    return target is not None and by.can(Permission.AGREEMENT_COMPLETE, target)


def demand_part(agreement: Agreement, part: str, by: Actor) -> None:
    """Raise `Hidden` for a part that does not exist, `Forbidden` for somebody else's."""
    if part not in content.parts(agreement):
        raise Hidden(_("Cette partie n’existe pas dans cette convention."))
    if not may_fill(agreement, part, by):
        raise Forbidden(_("Cette partie est remplie par quelqu’un d’autre."))


def _hold(agreement: Agreement) -> Agreement:
    held = locked(Agreement, agreement.id)
    if held is None:
        raise Hidden(_("Cette convention n’existe plus."))
    return held


def _demand_reason(reason: str) -> str:
    reason = reason.strip()[:500]
    if not reason:
        raise Invalid(_("Dites pourquoi."), {"reason": _("Dites pourquoi : c’est écrit à ceux qui ont signé.")})
    return reason


def _demand_one_student(placements: list[Placement], by: Actor) -> Placement:
    if not placements or len({placement.student_id for placement in placements}) != 1:
        raise Invalid(_("Une convention est celle d’un seul élève."))
    for placement in placements:
        by.demand(Permission.AGREEMENT_PREPARE, placement)
    return placements[0]


def _joined(agreement: Agreement, wanted: list[Placement], by: Actor) -> Agreement:
    """The agreement there is, with the stops it did not have yet."""
    known = {host.placement_id for host in agreement.hosts}
    if all(placement.id in known for placement in wanted):
        return agreement
    if agreement.state is not AgreementState.DRAFT:
        raise Conflict(_("La convention de cet élève est déjà à la signature : annulez-la avant d’ajouter un lieu."))
    drafting.follow(agreement, [host.placement for host in agreement.hosts] + [p for p in wanted if p.id not in known])
    audit.record("agreement.add_stop", agreement, by=by, stops=len(agreement.hosts))
    return agreement


def _write(agreement: Agreement, part: str, values: Mapping[str, object], by: Actor) -> None:
    if part not in content.parts(agreement):
        raise Hidden(_("Cette partie n’existe pas dans cette convention."))
    kind, _number = fields.split(part)
    texts = {name: str(value) for name, value in values.items() if name != "schedule"}
    kept, refused = rules.accepted(kind, texts)
    if "schedule" in values:
        refused.update(_write_schedule(agreement, part, values["schedule"]))
    if refused:
        raise Invalid(_("Des réponses sont à corriger."), refused)
    learnt = learning.learn(agreement, part, kept)
    known = content.known_values(agreement, part)
    typed = {**agreement.typed.get(part, {}), **kept}
    own = {name: value for name, value in typed.items() if value and value != known.get(name, "")}
    if learnt or own != agreement.typed.get(part, {}):
        agreement.typed = {**agreement.typed, part: own}
        audit.record("agreement.complete_part", agreement, by=by, part=part, fields=", ".join(sorted(kept)))


def _write_schedule(agreement: Agreement, part: str, hours: object) -> dict[str, str]:
    host = content.stop(agreement, part)
    if host is None:
        return {}
    try:
        schedule = Schedule.from_json(hours)
    except ScheduleError:
        return {"schedule": _("Ces horaires ne se suivent pas : relisez chaque jour.")}
    if not schedule.dates:
        return {"schedule": _("Indiquez au moins un jour de présence.")}
    monday = host.placement.slot.monday
    if any(not 0 <= (day - monday).days < 7 for day in schedule.dates):
        return {"schedule": _("Ces jours ne sont pas dans la semaine du stage.")}
    others = [row for row in agreement.hosts if row.id != host.id]
    if any(day in Schedule.from_json(row.schedule).dates for row in others for day in schedule.dates):
        return {"schedule": _("Un de ces jours est celui d’une autre structure : la coordination répartit la semaine.")}
    host.schedule = schedule.to_json()
    host.first_day, host.last_day = schedule.dates[0], schedule.dates[-1]
    return {}
