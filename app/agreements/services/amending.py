"""Amendments (avenants): a few harmless fields change after everybody has signed, in a short document of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.agreements import content, evidence, fields, pdf, presenting, queries, rules, storage, versions
from app.agreements.evidence import Event
from app.agreements.models import Agreement, AgreementHost
from app.agreements.services import asking, freezing
from app.agreements.states import TABLE, AgreementState
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Hidden, Invalid
from app.kernel.identifiers import new_code


def amendable(agreement: Agreement, part: str) -> list[fields.Field]:
    """The fields of a part that an amendment may change, as the model of the agreement says."""
    kind, _number = fields.split(part)
    allowed = versions.load("convention", agreement.template_version).amendable
    return [row for row in fields.FIELDS[kind] if f"{kind}.{row.name}" in allowed]


def current_content(agreement: Agreement) -> dict[str, Any]:
    """What holds today: the signed content with its signed amendments."""
    signed = [a.content for a in queries.amendments(agreement.id) if a.state is AgreementState.SIGNED and a.content]
    return content.effective(agreement.content or {}, signed)


def amend(agreement: Agreement, part: str, values: Mapping[str, str], reason: str, *, by: Actor) -> Agreement:
    """Make the amendment, and ask the same people to sign it. The agreement itself stays signed, and unchanged.

    Raises `Conflict` unless everybody has signed, or while another amendment waits; `Invalid` when nothing changes or
    a field may not be changed this way.
    """
    with transaction():
        held = locked(Agreement, agreement.id)
        if held is None or part not in content.parts(held):
            raise Hidden(_("Cette partie n’existe pas dans cette convention."))
        by.demand(Permission.AGREEMENT_PREPARE, held)
        if held.state is not AgreementState.SIGNED or held.amends_id is not None:
            raise Conflict(_("Un avenant change une convention signée par tous. Celle-ci peut encore être modifiée."))
        if any(other.state is not AgreementState.SIGNED for other in queries.amendments(held.id)):
            raise Conflict(_("Un avenant attend déjà ses signatures. Terminez-le ou annulez-le d’abord."))
        changes = _changes(held, part, values)
        amendment = _written(held, changes, reason.strip()[:500])
        db.session.add(amendment)
        db.session.flush()
        amendment.typed = _moved(held, amendment, part, changes)
        _freeze(held, amendment, changes, reason.strip()[:500])
        step = TABLE.step(AgreementState.DRAFT, "open")
        amendment.state, amendment.opened_at = step.target, clock.now()
        audit.record("agreement.amend", held, by=by, amendment=amendment.reference, reason=reason.strip()[:500])
        evidence.record(amendment, Event.OPENED, pdf=amendment.pdf.sha256 if amendment.pdf else None)
        asking.ask(amendment)
        return amendment


def _changes(agreement: Agreement, part: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    kind, _number = fields.split(part)
    allowed = {row.name: row for row in amendable(agreement, part)}
    kept, refused = rules.accepted(kind, values)
    for name in kept:
        if name not in allowed:
            refused[name] = _("Ceci ne se change pas par un avenant : il faut une nouvelle signature de la convention.")
    if refused:
        raise Invalid(_("Des réponses sont à corriger."), refused)
    now, changes = current_content(agreement), []
    for name, after in kept.items():
        path = content.path_of(agreement, part, name)
        try:
            before = content.read_at(now, path)
        except LookupError:
            continue
        if after and after != before:
            label = str(allowed[name].label)
            changes.append(
                {"part": part, "field": name, "path": path, "label": label, "before": before, "after": after}
            )
    if not changes:
        raise Invalid(_("Rien ne change."), {"reason": _("Changez au moins une réponse, ou revenez à la convention.")})
    return changes


def _written(parent: Agreement, changes: list[dict[str, str]], reason: str) -> Agreement:
    return Agreement(
        territory_id=parent.territory_id,
        campaign_id=parent.campaign_id,
        student_id=parent.student_id,
        school_id=parent.school_id,
        student=parent.student,
        school=parent.school,
        amends_id=parent.id,
        reference=new_code(rules.REFERENCE_LENGTH),
        template_version=parent.template_version,
        typed={},
        hosts=[
            AgreementHost(
                placement_id=host.placement_id,
                placement=host.placement,
                position=host.position,
                first_day=host.first_day,
                last_day=host.last_day,
                schedule=host.schedule,
            )
            for host in parent.hosts
        ],
    )


def _moved(parent: Agreement, amendment: Agreement, part: str, changes: list[dict[str, str]]) -> dict[str, Any]:
    """What was typed for the agreement, under the keys of the amendment's own stops, with the changes on top."""
    renamed = dict(zip(content.parts(parent), content.parts(amendment), strict=True))
    typed = {renamed[key]: dict(values) for key, values in parent.typed.items() if key in renamed}
    own = typed.setdefault(renamed[part], {})
    own.update({change["field"]: change["after"] for change in changes})
    return typed


def _freeze(parent: Agreement, amendment: Agreement, changes: list[dict[str, str]], reason: str) -> None:
    said = parent.content or {}
    amendment.content = {
        "format": content.FORMAT,
        "reference": amendment.reference,
        "amends": parent.reference,
        "amended_digest": parent.content_digest,
        "reason": reason,
        "changes": changes,
        **{name: said[name] for name in ("school_year", "school", "student", "hosts", "guardians", "teacher")},
        **{name: said[name] for name in ("insurance", "pedagogy")},
    }
    amendment.content_digest = content.digest(amendment.content)
    freezing.seat(amendment)
    data = pdf.render(
        "convention",
        amendment.template_version,
        presenting.document(amendment),
        layout="avenant",
        moment=clock.now(),
    )
    document = storage.keep("agreement", data, "application/pdf", amendment.territory_id)
    amendment.pdf_id, amendment.pdf = document.id, document
