"""What the pages of the papers show: parts and who fills them, counts, what changed since, the document itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from app.access.actor import Actor
from app.agreements import content, evidence, fields, pdf, presenting, queries, rules, storage
from app.agreements import hours as hours_of
from app.agreements.content import Missing
from app.agreements.fields import Part
from app.agreements.models import Agreement, AgreementBatch, Party
from app.agreements.services import preparing, watching
from app.agreements.states import AgreementState, SignatureState
from app.kernel import clock
from app.kernel.errors import Invalid
from app.placements.models import Placement
from app.regulations import rules as regulations
from app.regulations.rules import Line, Schedule
from app.schools.models import SchoolClass


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part on the page of an agreement: `mine` when the actor may write in it."""

    key: str
    title: str
    lacks: list[Missing]
    mine: bool
    who: str
    values: list[tuple[str, str]]


def parts(agreement: Agreement, actor: Actor) -> list[PartRow]:
    """The parts, in the order of the document; what somebody else fills shows no value to a structure or a family."""
    rows = []
    for key in content.parts(agreement):
        kind, _number = fields.split(key)
        mine = preparing.may_fill(agreement, key, actor)
        stop = content.stop(agreement, key)
        title = str(fields.TITLES[kind])
        if stop is not None:
            title = _("%(part)s : %(name)s", part=title, name=stop.placement.slot.offer.organization.name)
        rows.append(PartRow(key, title, content.missing_of(agreement, key), mine, who(kind), []))
    return rows


def who(kind: Part) -> str:
    """Who fills a part, in words."""
    return {
        Part.SCHOOL: _("l’établissement"),
        Part.PEDAGOGY: _("le professeur"),
        Part.HOST: _("la structure"),
        Part.FAMILY: _("la famille"),
    }[kind]


def hours(agreement: Agreement, typed: Mapping[int, Schedule] | None = None) -> tuple[Line, ...]:
    """What the rules say of the hours, as the page shows it; `typed`: those being written, by stop."""
    try:
        return regulations.lines(hours_of.findings(agreement, typed))
    except Invalid:
        return ()


def changed(agreement: Agreement) -> tuple[str, ...]:
    """The fields which the registers now tell otherwise than the text that people sign, or have signed."""
    if agreement.content is None or agreement.amends_id or agreement.state is AgreementState.VOID:
        return ()
    found = [path for path, _before, _after in content.differences(agreement.content, content.build(agreement))]
    return tuple(dict.fromkeys(label_of(path) for path in found))


def label_of(path: str) -> str:
    """The French label of a place in the content: « Tuteur » for "hosts.0.tutor_name"."""
    steps = path.split(".")
    last = steps[-1]
    for kind, rows in fields.FIELDS.items():
        for row in rows:
            if row.name == last and (kind is Part.HOST) == (steps[0] == "hosts"):
                return str(row.label)
    known = {"schedule": _("Les jours et les heures"), "teacher": _("Professeur référent"), "guardians": _("Famille")}
    return next((known[step] for step in steps if step in known), _("Élève"))


def signed(agreement: Agreement) -> list[Party]:
    """Who has signed this very content."""
    return [
        party
        for party in agreement.parties
        if party.state is SignatureState.SIGNED and party.signed_digest == agreement.content_digest
    ]


def progress(agreement: Agreement) -> tuple[int, int]:
    """(signatures given, signatures that "signed by all" waits for)."""
    needed = [party for party in agreement.parties if party.is_required]
    given = [party for party in needed if party in signed(agreement)]
    return len(given), len(needed)


def document(agreement: Agreement) -> bytes:
    """The document of an agreement as it is now: final and kept, or to sign, or a draft."""
    if agreement.content is None:
        values = presenting.draft(agreement, content.build(agreement))
        return pdf.render("convention", agreement.template_version, values, moment=clock.now())
    if agreement.state is AgreementState.SIGNED:
        if agreement.signed_pdf is None:
            watching.archive(agreement.id)  # now rather than within the minute: what leaves is what is kept
        kept = agreement.signed_pdf
        return storage.read(kept) if kept is not None else watching.final(agreement)
    if agreement.pdf is None:
        return watching.final(agreement)
    return storage.read(agreement.pdf)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A student of a class: their placement, their agreement if there is one, and what stops it."""

    placement: Placement
    agreement: Agreement | None
    lacks: list[Missing]
    given: int
    needed: int
    since: datetime | None
    refusals: list[str]


def classroom(school_class: SchoolClass) -> dict[str, Any]:
    """All that the page of a class shows, in a fixed number of statements."""
    batch = queries.last_batch(school_class.id)
    agreements = {agreement.student_id: agreement for agreement in queries.of_class(school_class.id)}
    rows, seen = [], set()
    for placement in queries.placements_of_class(school_class.id):
        if placement.student_id not in seen:
            seen.add(placement.student_id)
            rows.append(_class_row(placement, agreements.get(placement.student_id), batch))
    states = [row.agreement.state for row in rows if row.agreement is not None]
    return {
        "school_class": school_class,
        "rows": rows,
        "batch": batch,
        "counts": {state: states.count(state) for state in AgreementState},
        "without": len(rows) - len(states),
    }


def _class_row(placement: Placement, agreement: Agreement | None, batch: AgreementBatch | None) -> ClassRow:
    refusals = batch.refusals.get(str(placement.student_id), []) if batch else []
    if agreement is None:
        return ClassRow(placement, None, [], 0, 0, None, refusals)
    is_draft = agreement.state is AgreementState.DRAFT
    given, needed = progress(agreement)
    return ClassRow(
        placement,
        agreement,
        content.missing(agreement) if is_draft else [],
        given,
        needed,
        agreement.signed_at or agreement.opened_at or agreement.created_at,
        refusals if is_draft else [],
    )


def faults(agreement: Agreement) -> list[str]:
    """For `flask agreements verify`: everything that does not hold of one agreement, each in a sentence."""
    found = [fault.sentence for fault in evidence.verify(agreement)]
    if agreement.signed_pdf is not None:
        try:
            storage.read(agreement.signed_pdf)
        except storage.Damaged as damage:
            found.append(_("Le document final est abîmé (%(fault)s).", fault=damage.fault))
    return found


@dataclass(frozen=True, slots=True)
class PublicFace:
    """What anybody may know of an agreement whose reference they hold."""

    state: AgreementState
    initials: str
    school: str
    first_day: date
    last_day: date
    digest: str
    opened_at: datetime | None
    signed_at: datetime | None
    voided_at: datetime | None
    is_amendment: bool


def public_face(agreement: Agreement) -> PublicFace:
    """Initials, school and dates; no name."""
    student = agreement.student
    return PublicFace(
        state=agreement.state,
        initials=f"{student.first_name[:1]}. {student.last_name[:1]}.",
        school=agreement.school.name,
        first_day=min(host.first_day for host in agreement.hosts),
        last_day=max(host.last_day for host in agreement.hosts),
        digest=rules.short_digest(agreement.content_digest or ""),
        opened_at=agreement.opened_at,
        signed_at=agreement.signed_at,
        voided_at=agreement.voided_at,
        is_amendment=agreement.amends_id is not None,
    )


def same_file(agreement: Agreement, digest: str) -> str:
    """ "signed": the final document; "asked": the one that people are asked to sign; "other": anything else."""
    if agreement.signed_pdf is not None and agreement.signed_pdf.sha256 == digest:
        return "signed"
    if agreement.pdf is not None and agreement.pdf.sha256 == digest:
        return "asked"
    return "other"
