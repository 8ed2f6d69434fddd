"""From a complete draft to what people sign: checks, content and digest, document, places of the signatories."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from app.agreements import content, hours, pdf, presenting, queries, storage
from app.agreements.fields import Part
from app.agreements.models import Agreement, AgreementHost, Party
from app.agreements.rules import PartyDraft
from app.agreements.states import PartyRole, SignatureState
from app.hosts.models import HostOrganization
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Conflict, Invalid
from app.placements.states import PlacementState
from app.regulations import rules as regulations

_CONFIRMED = frozenset({PlacementState.CONFIRMED, PlacementState.UNDER_WAY})


def demand_ready(agreement: Agreement) -> None:
    """Raise `Conflict` when the stage itself is not sure, `Invalid` when a field is missing or a rule is broken."""
    for host in agreement.hosts:
        if host.placement.state not in _CONFIRMED:
            raise Conflict(_("La structure et la famille doivent d’abord confirmer ce stage."))
    if min(host.first_day for host in agreement.hosts) <= clock.today():
        raise Conflict(_("Le stage a commencé : une convention se signe avant le premier jour."))
    lacks = content.missing(agreement)
    if lacks:
        raise Invalid(
            _("La convention n’est pas complète."), {f"{lack.part}.{lack.field}": lack.sentence for lack in lacks}
        )
    broken = regulations.lines(regulations.blocking(hours.findings(agreement)))
    if broken:
        raise Invalid(
            _("Les horaires ou le lieu ne respectent pas les règles."),
            {f"rule.{n}": line.text for n, line in enumerate(broken)},
        )


def freeze(agreement: Agreement) -> None:
    """Write the content, its digest, the document and the places of the signatories, all awaited."""
    agreement.content = content.build(agreement)
    agreement.content_digest = content.digest(agreement.content)
    seat(agreement)
    data = pdf.render("convention", agreement.template_version, presenting.document(agreement), moment=clock.now())
    document = storage.keep("agreement", data, "application/pdf", agreement.territory_id)
    agreement.pdf_id, agreement.pdf = document.id, document


def signatories(agreement: Agreement) -> Iterator[PartyDraft]:
    """Who signs or takes note, in the order of the document: head, structures, guardians, student, teacher, tutors."""
    school = content.values(agreement, Part.SCHOOL)
    head = queries.head_of(agreement.school_id)
    yield PartyDraft(
        PartyRole.HEAD,
        school["head_name"],
        email=(head.email or "") if head else school["email"],
        user_id=head.id if head else None,
    )
    for host in agreement.hosts:
        yield _representative(agreement, host)
    family = content.values(agreement, Part.FAMILY)
    guardians = {guardian.name: guardian.id for guardian in agreement.student.guardians}
    for prefix in ("guardian", "second"):
        if family[f"{prefix}_name"]:
            yield PartyDraft(
                PartyRole.GUARDIAN,
                family[f"{prefix}_name"],
                email=family[f"{prefix}_email"],
                phone=family[f"{prefix}_phone"],
                required=prefix == "guardian" or agreement.both_guardians,
                guardian_id=guardians.get(family[f"{prefix}_name"]),
            )
    yield PartyDraft(PartyRole.STUDENT, agreement.student.full_name, user_id=agreement.student.user_id)
    teacher = queries.user_by_email(school["teacher_email"], agreement.territory_id)
    yield PartyDraft(
        PartyRole.TEACHER,
        school["teacher_name"],
        email=school["teacher_email"],
        required=False,
        user_id=teacher.id if teacher else None,
    )
    for host in agreement.hosts:
        part = content.values(agreement, f"{Part.HOST}:{host.id}")
        yield PartyDraft(
            PartyRole.TUTOR,
            part["tutor_name"],
            part["tutor_role"],
            part["tutor_email"],
            part["tutor_phone"],
            required=False,
            host_id=host.id,
            user_id=_member(host.placement.slot.offer.organization, part["tutor_email"]),
        )


def _representative(agreement: Agreement, host: AgreementHost) -> PartyDraft:
    part = content.values(agreement, f"{Part.HOST}:{host.id}")
    organization = host.placement.slot.offer.organization
    return PartyDraft(
        PartyRole.HOST,
        part["representative_name"],
        part["representative_role"],
        part["representative_email"],
        part["phone"],
        host_id=host.id,
        user_id=_member(organization, part["representative_email"]),
    )


def _member(organization: HostOrganization, email: str) -> int | None:
    """The account of that address among the structure's own people."""
    wanted = email.casefold()
    return next((m.user_id for m in organization.members if wanted and m.user.email == wanted), None)


def seat(agreement: Agreement) -> None:
    """One row a place: kept when it is there already (its proofs point at it), awaited again."""
    drafts = list(signatories(agreement))
    places = {(party.role, party.host_id, party.guardian_id): party for party in agreement.parties}
    for number, party in enumerate(agreement.parties):
        party.position = -1 - number  # positions are unique: everybody stands up before sitting down
        party.is_required, party.state = False, SignatureState.VOID
    db.session.flush()
    for position, draft in enumerate(drafts):
        party = places.get(draft.key) or Party(role=draft.role, host_id=draft.host_id, guardian_id=draft.guardian_id)
        if party.id is None:
            agreement.parties.append(party)
        party.position = position
        party.name, party.title, party.email, party.phone = draft.name, draft.title, draft.email, draft.phone
        party.is_required, party.user_id = draft.required, draft.user_id
        party.state, party.medium, party.signed_at, party.signed_digest = SignatureState.AWAITED, None, None, None
        party.scan_id, party.decline_reason, party.on_behalf_of_id = None, "", None
        party.asked_at, party.reminded_at = None, None
    db.session.flush()
    db.session.refresh(agreement, ["parties"])
