"""What a message is, when it may leave, how long to wait before trying again, and what of it a person may read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

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


# An address gets one grouped mail a day, between these hours of Paris, a little after its first message.
GATHER_FOR = timedelta(minutes=10)
DAY_BEGINS, DAY_ENDS = time(8), time(20)
READABLE_FOR = timedelta(days=30)  # the page of a grouped mail


class Pace(StrEnum):
    ASKED = "asked"  # its reader has just asked for it and waits: at once, and it is not counted as a mail of the day
    NOW = "now"  # somebody has something to do today: at once
    DAILY = "daily"  # at most one mail a day and address, whatever their number


_A, _N, _D = Pace.ASKED, Pace.NOW, Pace.DAILY

# Each kind of message with its pace and the reason for it. A kind which is not listed leaves at once.
PACES: dict[str, tuple[Pace, str]] = {
    "sign_in_link": (_A, "the reader waits in front of the sign-in page, and the link dies in thirty minutes"),
    "invitation": (_A, "a colleague has just said that it is coming"),
    "recovery_code_used": (_N, "if it was somebody else, every minute counts"),
    "second_factor_reset": (_N, "if nobody asked for it, every minute counts"),
    "account_linked": (_N, "if it was somebody else, every minute counts"),
    "team_invitation": (_A, "a colleague has just said that it is coming"),
    "access_link": (_A, "somebody nearby has just asked for it with the reader beside them"),
    "team_removed": (_D, "the pages already say it; nothing is asked for"),
    "staff_added": (_D, "a second school to look at can wait for the morning"),
    "host_registered": (_A, "the structure has just registered and looks for it"),
    "host_address_known": (_A, "answers a registration made this very minute"),
    "placement_link_host": (_A, "asked for from the page of an expired link"),
    "placement_link_family": (_A, "asked for from the page of a replaced link"),
    "host_suspend": (_N, "the structure's offers disappear today"),
    "offer_suspend": (_N, "the offer disappears today"),
    "placement_undone_family": (_N, "nobody may go to a place where nobody waits"),
    "placement_undone_host": (_N, "nobody may prepare a day for a student who does not come"),
    "placement_week_host": (_N, "nobody may prepare a day for a student who is elsewhere"),
    "placement_disputed": (_N, "two parents disagree, and the stage stands meanwhile"),
    "host_to_verify": (_D, "the coordinator's list shows it; nothing is lost overnight"),
    "host_verify": (_D, "good news that asks for nothing today"),
    "host_refuse": (_D, "an answer that asks for nothing today"),
    "host_restore": (_D, "good news that asks for nothing today"),
    "offer_publish": (_D, "several offers of one structure are often read the same afternoon"),
    "offer_send_back": (_D, "a correction can wait for the morning"),
    "offer_restore": (_D, "good news that asks for nothing today"),
    "placement_family": (_D, "brothers and sisters are published together; an answer may take days"),
    "placement_week_family": (_D, "an answer may take days"),
    "placement_week_staff": (_D, "the pages of the class show it at once"),
    "placement_class": (_D, "a teacher of several classes gets one mail"),
    "placement_host": (_D, "a structure with several offers gets one mail; an answer may take days"),
    "placement_reminder_family": (_D, "a reminder must not be a second mail of the day"),
    "placement_reminder_host": (_D, "a reminder must not be a second mail of the day"),
    "placement_undone_staff": (_D, "the list of students to place again shows it at once"),
    "placement_find_to_verify": (_D, "the coordinator's list shows it at once"),
    "placement_find_rejected": (_D, "the student reads it on the page; the teacher helps at the next lesson"),
    "repair_family": (_N, "the place they know of no longer waits for the student"),
    "repair_host": (_N, "who comes is not who was expected"),
    "repair_class": (_N, "the class's list is wrong from now on"),
    "stage_unsigned": (_N, "the last working day on which a signature can still be had"),
    "incident_absence": (_N, "a student is missing at this very moment"),
    "incident_accident": (_N, "somebody is hurt, and 48 hours are counted"),
    "incident_arrival": (_N, "those who look for the student must stop"),
    "agreement_code": (_A, "the reader waits in front of the signature with a code that dies soon"),
    "agreement_batch_code": (_A, "the head waits in front of the signatures with a code that dies soon"),
    "agreement_link": (_A, "asked for from the page of an expired link"),
    "agreement_receipt": (_A, "the reader has just signed and keeps the proof"),
    "agreement_batch_receipt": (_A, "the head has just signed and keeps the proof"),
    "agreement_not_me": (_N, "somebody says that a link reached the wrong person"),
    "agreement_declined": (_N, "a signature is refused and the first day comes nearer"),
    "agreement_voided": (_N, "a signature given does not count any more"),
    "agreement_to_sign": (_D, "parents of two students, and heads of many, get one mail"),
    "agreement_to_complete": (_D, "several agreements of one structure are prepared together"),
    "agreement_late": (_D, "a reminder must not be a second mail of the day"),
    "agreement_completed": (_D, "good news that asks for nothing today"),
    "agreement_delegated": (_D, "news that asks for nothing today"),
    "agreement_paper": (_D, "news that asks for nothing today"),
    "feedback_tutor": (_D, "a tutor of several weeks gets one mail; an answer may take two weeks"),
    "feedback_talk": (_N, "a student waits for an adult today"),
    "retention_announced": (_D, "thirty days are left to hold a file back"),
    "privacy_asked": (_D, "there is a month to answer, and the coordinator's list shows it at once"),
    "privacy_told": (_D, "an answer about data can wait for the morning"),
    "privacy_erased": (_N, "the address itself is forgotten once it has left"),
    "digest": (_N, "it is the mail of the day"),
}


def pace_of(kind: str) -> Pace:
    return PACES[kind][0] if kind in PACES else Pace.NOW


def leaves_at(now: datetime) -> datetime:
    """When a held message posted at `now` (an aware local time) may leave: soon, and never in the night."""
    moment = now + GATHER_FOR
    if moment.time() < DAY_BEGINS:
        return datetime.combine(moment.date(), DAY_BEGINS, tzinfo=now.tzinfo)
    return next_morning(moment) if moment.time() >= DAY_ENDS else moment


def next_morning(now: datetime) -> datetime:
    """The beginning of the next day of mail after `now`, an aware local time."""
    return datetime.combine(now.date() + timedelta(days=1), DAY_BEGINS, tzinfo=now.tzinfo)


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to one person. Two messages with the same `dedupe_key` are one mail.

    `kind` names the template, `url` is its one action, `language` is the one it is written in, `territory_id` says
    which coordinators see its delivery (None: the administrator).
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
    url: str = ""
    language: str = "fr"

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
