"""What a message is, how long to wait before trying again, and what of it a person may read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_LINK = re.compile(r"(https?://[^/\s<>\"]+)(/[^\s<>\"]*)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to one person. Two messages with the same `dedupe_key` are one mail.

    `kind` names the template; `territory_id` says which coordinators see its delivery (None: the administrator).
    Line breaks in `subject` and `to_name` become spaces, control characters disappear everywhere.
    """

    kind: str
    to_email: str
    to_name: str
    subject: str
    text: str
    html: str
    dedupe_key: str
    territory_id: int | None = None

    def __post_init__(self) -> None:
        for name in ("to_name", "subject", "to_email"):
            object.__setattr__(self, name, " ".join(_CONTROL.sub("", getattr(self, name)).split()))
        for name in ("text", "html"):
            object.__setattr__(self, name, _CONTROL.sub("", getattr(self, name)))
        if not self.to_email or not self.dedupe_key:
            raise ValueError("a message needs an address and a dedupe key")
        object.__setattr__(self, "subject", self.subject[:200])
        object.__setattr__(self, "to_name", self.to_name[:160])


def retry_delay(attempts: int) -> timedelta | None:
    """How long to wait after the `attempts`-th temporary refusal (1 is the first); None: give up."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None


def without_secrets(text: str) -> str:
    """`text` with the end of each link hidden: a personal link opens what only its addressee may see."""
    return _LINK.sub(lambda match: f"{match[1]}/…", text)
