"""Requests for the tests."""

from __future__ import annotations

from app.access.policy import Role
from app.kernel.holdings import SubjectKind
from app.privacy.models import PrivacyRequest
from app.privacy.rules import RequestDraft
from app.privacy.services import asking
from app.privacy.states import Right
from tests.world import Land


def draft(land: Land, right: Right, words: str = "", key: str = "k1", **more: object) -> RequestDraft:
    """What the land's student asks about themselves; `more` changes fields of the draft."""
    given = {"user_id": land.users[Role.STUDENT], "asked_by": "Lina", **more}
    return RequestDraft(
        right=right,
        subject_kind=SubjectKind.STUDENT,
        subject_id=land.student_id,
        words=words,
        request_key=key,
        **given,  # type: ignore[arg-type]  # the fields of the dataclass
    )


def asked(land: Land, right: Right, words: str = "", key: str = "k1") -> PrivacyRequest:
    return asking.ask(draft(land, right, words, key), by=land.actor(Role.STUDENT))
