"""Messages about signatures. What goes to a family is written in the language that the family chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.accounts.models import User
from app.agreements.models import Agreement, Party, SigningCode, SigningDelegation
from app.agreements.states import TAKES_NOTE
from app.messaging import rendering
from app.messaging.rules import Message
from app.web.languages import speaking


def _build(name: str, party: Party, key: str, **context: Any) -> Message:
    agreement = party.agreement
    return rendering.build(
        name,
        to_email=party.email,
        to_name=party.name,
        dedupe_key=f"{name}:{party.id}:{key}",
        territory_id=agreement.territory_id,
        language=party.language,
        party=party,
        agreement=agreement,
        student=agreement.student,
        school=agreement.student.school_class.school,
        takes_note=party.role in TAKES_NOTE,
        **context,
    )


def link(party: Party, token: str, *, reminder: bool = False) -> Message:
    """The personal link to read and sign; `reminder` when it is not the first."""
    url = rendering.page_url("agreements.signing", reference=party.agreement.reference, token=token)
    return _build("agreement_link", party, token[:12], url=url, reminder=reminder)


def link_text(party: Party, token: str) -> str:
    """The same as a text message."""
    url = rendering.page_url("agreements.signing", reference=party.agreement.reference, token=token)
    with speaking(party.language):
        return _("Convention de stage de %(name)s à lire et à signer : %(url)s", name=_first_name(party), url=url)


def code(party: Party, row: SigningCode, digits: str) -> Message:
    return _build("agreement_code", party, str(row.id), code=_spaced(digits))


def code_text(party: Party, digits: str) -> str:
    with speaking(party.language):
        return _(
            "Votre code pour signer la convention de stage de %(name)s : %(code)s. Ne le donnez à personne.",
            name=_first_name(party),
            code=digits,
        )


def batch_code(user: User, row: SigningCode, digits: str, territory_id: int | None) -> Message:
    """One code for a head who signs several agreements at once."""
    return rendering.build(
        "agreement_batch_code",
        to_email=user.email or "",
        to_name=user.display_name,
        dedupe_key=f"agreement_batch_code:{row.id}",
        territory_id=territory_id,
        code=_spaced(digits),
        number=len(row.covers),
    )


def receipt(party: Party, proof: str) -> Message:
    """What was signed, when, and the digests by which it can be checked; sent after each signature by link."""
    return _build("agreement_receipt", party, _moment(party), proof=proof)


def paper_receipt(party: Party, proof: str, uploader: str) -> Message:
    """Somebody put a paper here that this person is said to have signed."""
    return _build("agreement_paper", party, _moment(party), proof=proof, uploader=uploader)


def batch_receipt(user: User, row: SigningCode, parties: Sequence[Party]) -> Message:
    """Everything that one code signed, in one mail."""
    return rendering.build(
        "agreement_batch_receipt",
        to_email=user.email or "",
        to_name=user.display_name,
        dedupe_key=f"agreement_batch_receipt:{row.id}",
        territory_id=user.territory_id,
        parties=parties,
        url=rendering.page_url("agreements.to_sign"),
    )


def completed(party: Party, proof: str) -> Message:
    """Everybody has signed."""
    return _build("agreement_completed", party, str(party.agreement.content_digest)[:12], proof=proof)


def voided(party: Party, reason: str) -> Message:
    """What you signed has changed: your signature counts no more."""
    return _build("agreement_voided", party, _moment(party), reason=reason)


def declined(party: Party, person: User) -> Message:
    return _to_staff("agreement_declined", party, person)


def not_me(party: Party, person: User) -> Message:
    return _to_staff("agreement_not_me", party, person)


def _to_staff(name: str, party: Party, person: User) -> Message:
    agreement = party.agreement
    return rendering.build(
        name,
        to_email=person.email or "",
        to_name=person.display_name,
        dedupe_key=f"{name}:{party.id}:{person.id}:{_count(party)}",
        territory_id=agreement.territory_id,
        party=party,
        student=agreement.student,
        url=rendering.page_url("agreements.follow", agreement_id=agreement.id),
    )


def to_sign(user: User, parties: Sequence[Party], day: date) -> Message:
    """To a member of staff, at most once a day: what awaits their signature."""
    return rendering.build(
        "agreement_to_sign",
        to_email=user.email or "",
        to_name=user.display_name,
        dedupe_key=f"agreement_to_sign:{user.id}:{day.isoformat()}",
        territory_id=user.territory_id,
        parties=parties,
        url=rendering.page_url("agreements.to_sign"),
    )


def late(user: User, agreements: Sequence[Agreement], day: date) -> Message:
    """To a coordinator, once a day: which stages begin soon without all their signatures."""
    return rendering.build(
        "agreement_late",
        to_email=user.email or "",
        to_name=user.display_name,
        dedupe_key=f"agreement_late:{user.id}:{day.isoformat()}",
        territory_id=user.territory_id,
        agreements=agreements,
        day=day,
        url=rendering.page_url("agreements.unsigned"),
    )


def delegated(delegation: SigningDelegation) -> Message:
    return rendering.build(
        "agreement_delegated",
        to_email=delegation.delegate.email or "",
        to_name=delegation.delegate.display_name,
        dedupe_key=f"agreement_delegated:{delegation.id}",
        territory_id=delegation.school.territory_id,
        delegation=delegation,
        url=rendering.page_url("agreements.to_sign"),
    )


def _first_name(party: Party) -> str:
    return party.agreement.student.first_name


def _spaced(digits: str) -> str:
    """« 123 456 » : read at a glance, copied with or without the space."""
    return f"{digits[:3]} {digits[3:]}"


def _moment(party: Party) -> str:
    return str(int(party.signed_at.timestamp())) if party.signed_at else "0"


def _count(party: Party) -> str:
    """Tells one refusal from the next of the same person."""
    return str(len(party.decline_reason)) + (party.asked_at.isoformat()[:10] if party.asked_at else "")
