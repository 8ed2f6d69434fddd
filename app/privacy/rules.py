"""What a request is, and how long we have: a month, three when a reason is given (GDPR, article 12.3)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date

from app.kernel.holdings import SubjectKind
from app.privacy.states import Right

MONTHS, MONTHS_MORE = 1, 2
FILE_DAYS = 30  # how long an answered request lets its author fetch the file by their link
MOST_OPEN = 5  # requests of one person that wait at the same time
WORDS_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """What somebody asks about somebody; `how` is page, link or letter."""

    right: Right
    subject_kind: SubjectKind
    subject_id: int
    words: str
    request_key: str
    asked_by: str
    user_id: int | None = None
    guardian_id: int | None = None
    how: str = "page"
    received_on: date | None = None  # of a letter: the month runs from that day


@dataclass(frozen=True, slots=True)
class Corrections:
    """New values by « table.column », only those that change; see `services.correcting`."""

    values: dict[str, str] = field(default_factory=dict)


def months_later(day: date, months: int) -> date:
    """The same day `months` later, or the last of that month."""
    year, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + year, month + 1)[1]
    return date(day.year + year, month + 1, min(day.day, last))


def due(asked_on: date) -> date:
    """The last day to answer."""
    return months_later(asked_on, MONTHS)


def extended(asked_on: date) -> date:
    """The last day to answer once a reason for taking longer was given within the first month."""
    return months_later(asked_on, MONTHS + MONTHS_MORE)


def days_left(due_on: date, today: date) -> int:
    """Whole days before the last one; negative once it has passed."""
    return (due_on - today).days
