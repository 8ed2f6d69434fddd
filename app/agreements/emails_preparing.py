"""Messages about the paper itself: a part to complete."""

from __future__ import annotations

from datetime import date

from app.agreements import filling
from app.agreements.models import Agreement
from app.messaging import rendering
from app.messaging.rules import Message


def to_complete(
    agreement: Agreement,
    part: str,
    lacking: list[str],
    *,
    name: str,
    email: str,
    day: date,
    has_account: bool,
    language: str,
) -> Message:
    """To a structure or a family: what is missing, and where to write it. Those of a day leave as one mail."""
    url = (
        rendering.page_url("agreements.part", agreement_id=agreement.id, part=part)
        if has_account
        else rendering.page_url("agreements.part_by_link", token=filling.token_for(agreement, part))
    )
    return rendering.build(
        "agreement_to_complete",
        to_email=email,
        to_name=name,
        dedupe_key=f"agreement_to_complete:{agreement.id}:{part}:{email.lower()}:{day.isoformat()}",
        territory_id=agreement.territory_id,
        language=language,
        agreement=agreement,
        student=agreement.student,
        lacking=lacking,
        url=url,
    )
