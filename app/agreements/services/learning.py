"""What a party writes in a convention and a register did not know is known from then on: nobody types it twice.

Only blanks are filled; a line that a register already holds stays as it is there, and the convention keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.agreements import content, fields
from app.agreements.fields import Part
from app.agreements.models import Agreement
from app.schools.models import School

_SCHOOL = ("email", "phone")
_ORGANIZATION = ("representative_name", "representative_role", "representative_email", "phone", "insurer")
_TUTOR = ("tutor_name", "tutor_role", "tutor_email", "tutor_phone")


def learn(agreement: Agreement, key: str, values: Mapping[str, str]) -> list[str]:
    """Fill the blanks of the registers below with what was typed (and accepted); the names of those filled."""
    part, _number = fields.split(key)
    if part is Part.SCHOOL:
        return _of_school(agreement, values)
    stop = content.stop(agreement, key)
    if stop is None:
        return []
    offer = stop.placement.slot.offer
    learnt = _blanks(offer.organization, _ORGANIZATION, values)
    if offer.organization.insurer == values.get("insurer"):
        learnt += _blanks(offer.organization, ("insurance_policy",), values)
    # Another tutor for this student alone is no news about the offer.
    if offer.tutor_name in {"", values.get("tutor_name", offer.tutor_name)}:
        learnt += _blanks(offer, _TUTOR, values)
    return learnt


def _of_school(agreement: Agreement, values: Mapping[str, str]) -> list[str]:
    school = agreement.school
    learnt = _blanks(school, _SCHOOL, values)
    if not school.address and values.get("address"):
        school.address = _street(school, values["address"])
        learnt.append("address")
    for thing, name in ((school, "board_approval_on"), (agreement.student, "birth_date")):
        if getattr(thing, name) is None and values.get(name):
            setattr(thing, name, date.fromisoformat(values[name]))
            learnt.append(name)
    return learnt


def _street(school: School, address: str) -> str:
    """The register has the postcode and the town apart."""
    return address.partition(school.postcode)[0].strip(" ,") or address


def _blanks(thing: object, names: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    blank = [name for name in names if not getattr(thing, name) and values.get(name)]
    for name in blank:
        setattr(thing, name, values[name])
    return blank
