"""What the layout of a convention prints: the content in French words, and nothing that the content does not say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from app.agreements import pdf, rules
from app.agreements.fields import STATUSES
from app.agreements.models import Agreement, Party
from app.agreements.states import TAKES_NOTE, Medium, PartyRole, SignatureState
from app.messaging.rendering import page_url
from app.regulations.schedules import Schedule, hours_of
from app.regulations.words import span
from app.web import languages, wording

ROLES = {
    PartyRole.HEAD: "Chef d’établissement",
    PartyRole.HOST: "Pour la structure d’accueil",
    PartyRole.GUARDIAN: "Représentant légal",
    PartyRole.STUDENT: "Élève",
    PartyRole.TEACHER: "Professeur référent",
    PartyRole.TUTOR: "Tuteur",
}


def document(agreement: Agreement, parties: list[Party] | None = None) -> dict[str, Any]:
    """The values of the layout for a frozen agreement. `parties` given: with who signed, when and how."""
    with languages.speaking(languages.FRENCH.code):
        return _document(agreement, parties)


def _document(agreement: Agreement, parties: list[Party] | None) -> dict[str, Any]:
    said = agreement.content or {}
    digest = agreement.content_digest or ""
    url = page_url("agreements.verification", reference=agreement.reference)
    return {
        "reference": rules.spoken_reference(agreement.reference),
        "digest": rules.short_digest(digest),
        "whole_digest": digest,
        "verification": {"url": url, "shown": url.split("://", 1)[-1], "qr": pdf.qr(url)},
        "is_draft": agreement.content is None,
        **_words(said),
        **_amendment(said),
        "signatories": [_signatory(agreement, party) for party in (parties or agreement.parties) if _seated(party)],
        "is_final": parties is not None,
    }


def _amendment(said: Mapping[str, Any]) -> dict[str, Any]:
    if "amends" not in said:
        return {}
    return {
        "amends": rules.spoken_reference(said["amends"]),
        "amended_digest": rules.short_digest(said["amended_digest"]),
        "reason": said["reason"],
        "changes": said["changes"],
    }


def draft(agreement: Agreement, said: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a draft that is being read before it is complete: no digest, no signatory."""
    url = page_url("agreements.verification", reference=agreement.reference)
    return {
        "reference": rules.spoken_reference(agreement.reference),
        "digest": "",
        "whole_digest": "",
        "verification": {"url": url, "shown": url.split("://", 1)[-1], "qr": pdf.qr(url)},
        "is_draft": True,
        **_words(said),
        "signatories": [],
        "is_final": False,
    }


def _seated(party: Party) -> bool:
    return party.is_required or party.state is not SignatureState.VOID


def _words(said: Mapping[str, Any]) -> dict[str, Any]:
    hosts = [_host(host) for host in said["hosts"]]
    days = [(day, host) for host in hosts for day in host["days"]]
    total = sum(Schedule.from_json(host["schedule"]).minutes for host in said["hosts"])
    student, school = said["student"], said["school"]
    return {
        "school_year": said["school_year"],
        "school": {
            **school,
            "status_words": _status(school["status"]),
            "board_words": _date(school["board_approval_on"]),
        },
        "student": {
            **student,
            "name": f"{student['first_name']} {student['last_name']}",
            "birth_words": _date(student["birth_date"]),
        },
        "guardians": said["guardians"],
        "insurance": said["insurance"],
        "teacher": said["teacher"],
        "hosts": hosts,
        "itinerary": [
            {"day": day["day"], "host": host["name"], "hours": day["hours"], "total": day["total"]}
            for day, host in sorted(days, key=lambda pair: pair[0]["iso"] + pair[0]["hours"])
        ],
        "period": _period(said["hosts"]),
        "total": span(total),
        "pedagogy": said["pedagogy"],
    }


def _host(host: Mapping[str, Any]) -> dict[str, Any]:
    schedule = Schedule.from_json(host["schedule"])
    return {
        **host,
        "siret": _spaced(host["siret"]),
        "period": _period([host]),
        "days": [
            {
                "iso": plan.date.isoformat(),
                "day": wording.day(plan.date),
                "hours": hours_of(plan.intervals),
                "total": span(plan.minutes),
            }
            for plan in schedule.days
        ],
        "total": span(schedule.minutes),
    }


def _signatory(agreement: Agreement, party: Party) -> dict[str, Any]:
    counts = party.state is SignatureState.SIGNED and party.signed_digest == agreement.content_digest
    host = party.host.placement.slot.offer.organization.name if party.host else ""
    return {
        "role": ROLES[party.role],
        "name": party.name,
        "title": party.title,
        "host": host,
        "takes_note": party.role in TAKES_NOTE,
        "required": party.is_required,
        "signed": counts,
        "when": wording.moment(party.signed_at) if counts and party.signed_at else "",
        "medium": _medium(party) if counts else "",
    }


def _medium(party: Party) -> str:
    return _("sur papier, document numérisé") if party.medium is Medium.PAPER else _("signature électronique")


def _status(status: str) -> str:
    return next((str(label) for key, label in STATUSES if key == status), "")


def _date(text: str) -> str:
    """« 1er mars 2012 », or nothing."""
    if not text:
        return ""
    day = date.fromisoformat(text)
    return format_date(day, "'1er' MMMM y" if day.day == 1 else "d MMMM y")


def _period(hosts: list[Mapping[str, Any]]) -> str:
    first = date.fromisoformat(min(host["first_day"] for host in hosts))
    last = date.fromisoformat(max(host["last_day"] for host in hosts))
    if first == last:
        return _("le %(day)s", day=f"{wording.day(first)} {first.year}")
    return _("du %(first)s au %(last)s", first=wording.day(first), last=f"{wording.day(last)} {last.year}")


def _spaced(siret: str) -> str:
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}" if len(siret) == 14 else siret
