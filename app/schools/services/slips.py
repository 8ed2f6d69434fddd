"""The families' slips: a code and a personal link for each guardian, which open one page and nothing else.

A slip printed again says the same code. When one fell into other hands, `renew_slips` ends it and makes another.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts.derived import derived_code
from app.accounts.services import digest
from app.audit import services as audit
from app.campaigns.rules import is_over
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.schools import links
from app.schools.models import FamilyCode, LegalGuardian, Student
from app.schools.queries import paper
from app.schools.rules import MAX_GUARDIANS, grouped

_PURPOSE = "family-code"


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for one guardian, or for the family (`name` is empty) while the school knows no guardian."""

    student_id: int
    first_name: str
    name: str
    language: str
    code: str
    token: str


def slips(students: Sequence[Student], *, by: Actor) -> dict[int, list[Slip]]:
    """Student → one slip for each guardian, in their order; one for the family when there is none.

    Codes are made for who has none yet; those already printed stay as they are.
    """
    for student in students:
        by.demand(Permission.STUDENT_MANAGE, student)
    with transaction():
        return {student.id: _slips_of(student) for student in students}


def _slips_of(student: Student) -> list[Slip]:
    wanted: list[LegalGuardian | None] = [*student.guardians[:MAX_GUARDIANS]] or [None]
    known = {code.guardian_id: code for code in student.family_codes}
    if any((guardian.id if guardian else None) not in known for guardian in wanted):
        locked(Student, student.id)
        db.session.refresh(student, ["family_codes"])
        known = {code.guardian_id: code for code in student.family_codes}
    made = []
    for guardian in wanted:
        code = known.get(guardian.id if guardian else None)
        if code is None:
            code = FamilyCode(guardian=guardian, language="fr")
            _draw(code)
            student.family_codes.append(code)
            db.session.flush()
        made.append(_slip(student, guardian, code))
    return made


def _draw(code: FamilyCode) -> None:
    code.serial = secrets.token_hex(16)
    code.digest = _digest(derived_code(code.serial, purpose=_PURPOSE))


def _slip(student: Student, guardian: LegalGuardian | None, code: FamilyCode) -> Slip:
    return Slip(
        student_id=student.id,
        first_name=student.first_name,
        name=guardian.name if guardian else "",
        language=guardian.language if guardian else code.language,
        code=grouped(derived_code(code.serial, purpose=_PURPOSE)),
        token=links.token_for(code),
    )


def renew_slips(student: Student, *, by: Actor) -> list[Slip]:
    """New codes for the whole family: what was printed before opens nothing any more."""
    by.demand(Permission.STUDENT_MANAGE, student)
    with transaction():
        locked(Student, student.id)
        db.session.refresh(student, ["family_codes"])
        for code in student.family_codes:
            _draw(code)
        db.session.flush()
        audit.record("family.renew_slips", student, by=by)
        return _slips_of(student)


def family_code_of(typed: str) -> FamilyCode | None:
    """The code with these eight signs while its campaign lasts, or None; the caller throttles."""
    found = paper.family_code_of(_digest(typed))
    return None if found is None or is_over(found.student.school_class.campaign, clock.today()) else found


def _digest(code: str) -> str:
    return digest(code, purpose=_PURPOSE)
