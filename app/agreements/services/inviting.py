"""Telling a structure and a family which of their lines are still blank."""

from __future__ import annotations

from collections.abc import Iterator

from app.access.actor import Actor
from app.access.policy import Permission
from app.agreements import content, emails_preparing
from app.agreements.fields import Part
from app.agreements.models import Agreement
from app.agreements.states import AgreementState
from app.kernel import clock
from app.kernel.database import transaction
from app.messaging import services as messaging
from app.messaging.rules import Message
from app.web import languages


def invite(agreement: Agreement, *, by: Actor) -> int:
    """Write to whoever must complete a part and can be written to. Returns the messages queued, one a part and day."""
    with transaction():
        by.demand(Permission.AGREEMENT_PREPARE, agreement)
        if agreement.state is not AgreementState.DRAFT:
            return 0
        return ask_for_missing(agreement)


def ask_for_missing(agreement: Agreement) -> int:
    """As `invite`, for the house itself; inside the caller's transaction."""
    return messaging.post_all(_messages(agreement))


def _messages(agreement: Agreement) -> Iterator[Message]:
    for part in content.parts(agreement):
        language = _language(agreement, part)
        with languages.speaking(language):
            lacks = [lack.sentence for lack in content.missing_of(agreement, part)]
        if not lacks or part in {Part.SCHOOL, Part.PEDAGOGY}:
            continue
        for name, email, has_account in _who(agreement, part):
            yield emails_preparing.to_complete(
                agreement,
                part,
                lacks,
                name=name,
                email=email,
                day=clock.today(),
                has_account=has_account,
                language=language,
            )


def _language(agreement: Agreement, part: str) -> str:
    """A family reads in its own language, a structure in French."""
    guardians = agreement.student.guardians if part == Part.FAMILY else []
    return guardians[0].language if guardians else languages.FRENCH.code


def _who(agreement: Agreement, part: str) -> Iterator[tuple[str, str, bool]]:
    stop = content.stop(agreement, part)
    if stop is None:
        family = content.values(agreement, Part.FAMILY)
        if family["guardian_email"]:
            yield family["guardian_name"], family["guardian_email"], False
        return
    offer = stop.placement.slot.offer
    organization = offer.organization
    members = [member.user for member in organization.answering_at(offer.site_id)]
    for user in members:
        yield user.display_name, user.email or "", True
    if not members and organization.representative_email:
        yield organization.representative_name or organization.name, organization.representative_email, False
