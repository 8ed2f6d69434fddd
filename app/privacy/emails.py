"""Messages about requests: to the coordination, to who asked, and the last one to who was erased."""

from __future__ import annotations

from app.accounts.models import User
from app.kernel.holdings import Subject, SubjectKind
from app.messaging import rendering
from app.messaging.rules import Message
from app.privacy.models import PrivacyRequest
from app.privacy.states import RIGHTS


def asked(row: PrivacyRequest, coordinator: User) -> Message:
    """To a coordinator: a request waits, with its last day. Neither the name nor the words leave the house."""
    return rendering.build(
        "privacy_asked",
        to_email=coordinator.email or "",
        to_name=coordinator.display_name,
        dedupe_key=f"privacy_asked:{row.request_key}:{coordinator.id}",
        territory_id=row.territory_id,
        right=RIGHTS[row.right],
        due_on=row.due_on,
        url=rendering.page_url("privacy.requests"),
    )


def told(row: PrivacyRequest) -> Message | None:
    """To who asked: answered, refused with why, or later with why. None without an address (a student)."""
    to = _address(row)
    if to is None:
        return None
    email, name, language = to
    return rendering.build(
        "privacy_told",
        to_email=email,
        to_name=name,
        dedupe_key=f"privacy_told:{row.id}:{row.state.value}:{int(bool(row.extension_reason))}",
        territory_id=row.territory_id,
        language=language,
        right=RIGHTS[row.right],
        request=row,
        url=rendering.page_url("privacy.mine") if row.user_id is not None else "",
    )


def erased(row: PrivacyRequest, subject: Subject) -> Message | None:
    """The last mail: what was done, and that this address is now forgotten too. None without an address."""
    to = _address(row)
    if to is None and subject.kind is SubjectKind.STUDENT and subject.emails:
        to = (subject.emails[0], "", "fr")
    if to is None:
        return None
    return rendering.build(
        "privacy_erased",
        to_email=to[0],
        to_name="",
        dedupe_key=f"privacy_erased:{row.id}",
        territory_id=row.territory_id,
        language=to[2],
    )


def _address(row: PrivacyRequest) -> tuple[str, str, str] | None:
    """(address, name, language) of who asked."""
    if row.guardian is not None and row.guardian.email:
        return row.guardian.email, row.guardian.name, row.guardian.language
    if row.user is not None and row.user.email:
        return row.user.email, row.user.display_name, "fr"
    return None
