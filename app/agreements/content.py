"""What an agreement says: read from the rooms below, completed by what each party typed, and its digest.

The digest is the SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8): people sign that, and the PDF is one
way to read it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.agreements import queries, versions
from app.agreements.fields import (
    FIELDS,
    FILLED_BY,
    NO_HOURS,
    NO_WAY_TO_REACH_FAMILY,
    NO_WAY_TO_REACH_TUTOR,
    READ_ONLY,
    Field,
    Part,
    split,
)
from app.agreements.models import Agreement, AgreementHost
from app.agreements.states import PartyRole

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Missing:
    """A mandatory field without a value: `sentence` says it in French, `who` can fill it."""

    part: str
    field: str
    sentence: str
    who: PartyRole


def parts(agreement: Agreement) -> list[str]:
    """The keys of the parts of this agreement, in the order of the document."""
    return [Part.SCHOOL, *(f"{Part.HOST}:{host.id}" for host in agreement.hosts), Part.FAMILY, Part.PEDAGOGY]


def stop(agreement: Agreement, key: str) -> AgreementHost | None:
    """The stop of the itinerary that a host's part tells about."""
    _part, number = split(key)
    return next((host for host in agreement.hosts if host.id == number), None)


def values(agreement: Agreement, key: str) -> dict[str, str]:
    """Every field of a part: what was typed, else what the rooms below know, else ""."""
    part, _number = split(key)
    known, typed = known_values(agreement, key), agreement.typed.get(key, {})
    return {row.name: str(typed.get(row.name) or known.get(row.name) or "") for row in FIELDS[part]}


def known_values(agreement: Agreement, key: str) -> dict[str, str]:
    """What the rooms below know of a part."""
    part, _number = split(key)
    if part is Part.SCHOOL:
        return _school(agreement)
    if part is Part.FAMILY:
        return _family(agreement)
    if part is Part.PEDAGOGY:
        return dict(versions.load("convention", agreement.template_version).pedagogy)
    host = stop(agreement, key)
    return _host(host, agreement.template_version) if host else {}


def _school(agreement: Agreement) -> dict[str, str]:
    school, school_class = agreement.school, agreement.student.school_class
    head = queries.head_of(school.id)
    teachers = sorted((t for t in school_class.teachers if t.user.is_active), key=lambda t: t.id)
    teacher = teachers[0].user if teachers else None
    return {
        "name": school.name,
        "address": f"{school.address}, {school.postcode} {school.commune.name}" if school.address else "",
        "status": "public" if school.is_public else "contract",
        "head_name": head.display_name if head else "",
        "email": school.email,
        "phone": school.phone,
        "board_approval_on": school.board_approval_on.isoformat() if school.board_approval_on else "",
        "birth_date": agreement.student.birth_date.isoformat() if agreement.student.birth_date else "",
        "teacher_name": teacher.display_name if teacher else "",
        "teacher_email": (teacher.email or "") if teacher else "",
        "teacher_phone": school.phone,
    }


def _host(host: AgreementHost, version: str) -> dict[str, str]:
    offer = host.placement.slot.offer
    organization, site = offer.organization, offer.site
    place = f"{site.address}, {site.postcode} {site.town}"
    usual = versions.load("convention", version).host
    return {
        "name": organization.name,
        "siret": site.siret or "",
        "headquarters": place,
        "place": place,
        "representative_name": organization.representative_name,
        "representative_role": organization.representative_role,
        "representative_email": organization.representative_email,
        "phone": organization.phone,
        "tutor_name": offer.tutor_name,
        "tutor_role": offer.tutor_role,
        "tutor_email": offer.tutor_email,
        "tutor_phone": offer.tutor_phone,
        "activities": offer.description,
        "lunch": offer.lunch or usual.get("lunch", ""),
        "transport": usual.get("transport", ""),
        "insurer": organization.insurer,
        "insurance_policy": organization.insurance_policy,
    }


def _family(agreement: Agreement) -> dict[str, str]:
    found: dict[str, str] = {}
    for prefix, guardian in zip(("guardian", "second"), agreement.student.guardians, strict=False):
        found[f"{prefix}_name"] = guardian.name
        found[f"{prefix}_email"] = guardian.email or ""
        found[f"{prefix}_phone"] = guardian.phone
    return found


def build(agreement: Agreement) -> dict[str, Any]:
    """Everything that the document says, as plain JSON values. No health data: that line of the paper stays blank."""
    student = agreement.student
    school = values(agreement, Part.SCHOOL)
    family = values(agreement, Part.FAMILY)
    birth_date = school.pop("birth_date")
    teacher = {name: school.pop(f"teacher_{name}") for name in ("name", "email", "phone")}
    if school["status"] != "public":
        school["board_approval_on"] = ""
    return {
        "format": FORMAT,
        "reference": agreement.reference,
        "template": f"convention-{agreement.template_version}",
        "school_year": student.school_class.campaign.school_year,
        "school": {**school, "uai": agreement.school.uai},
        "student": {
            "first_name": student.first_name,
            "last_name": student.last_name,
            "birth_date": birth_date,
            "class": student.school_class.name,
            "level": student.school_class.level,
        },
        "guardians": [
            {name: family[f"{prefix}_{name}"] for name in ("name", "email", "phone")}
            for prefix in ("guardian", "second")
            if family[f"{prefix}_name"]
        ],
        "insurance": {"insurer": family["insurer"], "policy": family["insurance_policy"]},
        "teacher": teacher,
        "hosts": [_stop(agreement, host) for host in agreement.hosts],
        "pedagogy": values(agreement, Part.PEDAGOGY),
    }


def _stop(agreement: Agreement, host: AgreementHost) -> dict[str, Any]:
    return {
        **values(agreement, f"{Part.HOST}:{host.id}"),
        "organization": host.placement.slot.offer.organization.siren,
        "first_day": host.first_day.isoformat(),
        "last_day": host.last_day.isoformat(),
        "schedule": {day: [list(pair) for pair in host.schedule[day]] for day in sorted(host.schedule)},
    }


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one way to write a content: sorted keys, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def missing(agreement: Agreement) -> list[Missing]:
    """The mandatory fields (CNV-1) that nobody has filled, in the order of the document."""
    return [lack for key in parts(agreement) for lack in missing_of(agreement, key)]


def missing_of(agreement: Agreement, key: str) -> list[Missing]:
    """The mandatory fields of one part that have no value."""
    part, _number = split(key)
    filled = values(agreement, key)
    who = FILLED_BY[part][0]
    rows = [row for row in FIELDS[part] if row.name in READ_ONLY[part] or row in asked(agreement, key)]
    found = [Missing(key, row.name, str(row.missing), who) for row in rows if _lacks(part, row, filled)]
    if part is Part.FAMILY and not (filled["guardian_email"] or filled["guardian_phone"]):
        found.append(Missing(key, "guardian_phone", str(NO_WAY_TO_REACH_FAMILY), who))
    if part is Part.HOST:
        host = stop(agreement, key)
        if not (filled["tutor_email"] or filled["tutor_phone"]):
            found.append(Missing(key, "tutor_phone", str(NO_WAY_TO_REACH_TUTOR), who))
        if host is not None and not host.schedule:
            found.append(Missing(key, "schedule", str(NO_HOURS), who))
    return found


def asked(agreement: Agreement, key: str) -> tuple[Field, ...]:
    """The fields of a part that its party is asked for: the bar only where there is one."""
    part, _number = split(key)
    host = stop(agreement, key)
    serves = host is not None and host.placement.slot.offer.organization.serves_alcohol
    return tuple(row for row in FIELDS[part] if row.name not in READ_ONLY[part] and (serves or row.name != "bar"))


def _lacks(part: Part, row: Field, filled: Mapping[str, str]) -> bool:
    if not row.missing or filled[row.name]:
        return False
    return not (part is Part.SCHOOL and row.name == "board_approval_on" and filled["status"] not in {"public", ""})


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(path, before, after) of each value that differs between two contents; a path reads "hosts.0.tutor_name"."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from differences(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}.{number}")
    elif before != after:
        yield path, before, after


def path_of(agreement: Agreement, key: str, field: str) -> str:
    """Where a field of a part is in the content: "hosts.0.tutor_name", "teacher.email", "guardians.1.phone"."""
    part, number = split(key)
    prefix, _underscore, rest = field.partition("_")
    if part is Part.HOST:
        position = next(n for n, host in enumerate(agreement.hosts) if host.id == number)
        return f"hosts.{position}.{field}"
    if part is Part.SCHOOL and prefix == "teacher":
        return f"teacher.{rest}"
    if part is Part.FAMILY and prefix in {"guardian", "second"}:
        return f"guardians.{int(prefix == 'second')}.{rest}"
    return f"{part}.{field}"


def read_at(content: Any, path: str) -> Any:
    """The value at a path; raises `LookupError`."""
    for step in path.split("."):
        content = content[int(step) if isinstance(content, list) else step]
    return content


def effective(content: Mapping[str, Any], amendments: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A content with the changes of its signed amendments, in order; what was signed stays as it is."""
    changed: dict[str, Any] = json.loads(canonical(content))
    for amendment in amendments:
        for change in amendment["changes"]:
            holder, _dot, last = change["path"].rpartition(".")
            read_at(changed, holder)[last] = change["after"]
    return changed
