"""Access cards: the only moment when a personal code is known to anybody but its owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts import services as accounts
from app.audit import services as audit
from app.kernel.database import transaction
from app.schools.models import Student


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed for one student; the personal code is stored nowhere."""

    student_id: int
    first_name: str
    last_name: str
    class_name: str
    class_code: str
    personal_code: str


def reissue_cards(students: Sequence[Student], *, by: Actor) -> list[Card]:
    """New codes: the former cards stop working and the students' open sessions close."""
    for student in students:
        by.demand(Permission.STUDENT_MANAGE, student)
    with transaction():
        cards = []
        for student in students:
            cards.append(issue(student))
            audit.record("student.reissue_card", student, by=by)
        return cards


def issue(student: Student) -> Card:
    """A card with a new code, inside the caller's transaction."""
    school_class = student.school_class
    return Card(
        student_id=student.id,
        first_name=student.first_name,
        last_name=student.last_name,
        class_name=school_class.name,
        class_code=school_class.code,
        personal_code=accounts.issue_card_code(student.user, school_class.code),
    )
