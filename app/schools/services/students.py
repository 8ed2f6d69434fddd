"""Students and their guardians."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts import services as accounts
from app.audit import services as audit
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Invalid
from app.schools import queries
from app.schools.models import LegalGuardian, SchoolClass, Student
from app.schools.rules import MAX_GUARDIANS, GuardianDraft, StudentDraft, name_key, name_problem
from app.schools.services.cards import Card, issue


def add_students(school_class: SchoolClass, drafts: Sequence[StudentDraft], *, by: Actor) -> list[Card]:
    """Add students and give each a card. Returns the cards of those added: the codes are never shown again.

    A draft whose name has become more frequent than `homonyms_seen` was already added (by a double click, by a
    colleague) and is left out. Raises `Invalid` when a name is not one; then nobody is added.
    """
    by.demand(Permission.CLASS_MANAGE, school_class)
    for draft in drafts:
        problem = name_problem(draft.last_name) or name_problem(draft.first_name)
        if problem:
            raise Invalid(f"{draft.last_name} {draft.first_name} : {problem}")
    with transaction():
        locked(SchoolClass, school_class.id)
        present: dict[tuple[str, str], int] = {}
        for key in queries.name_keys(school_class.id):
            present[key] = present.get(key, 0) + 1
        cards = []
        for draft in drafts:
            key = name_key(draft.last_name, draft.first_name)
            if present.get(key, 0) > draft.homonyms_seen:
                continue
            present[key] = present.get(key, 0) + 1
            cards.append(issue(_new_student(school_class, draft)))
        if cards:
            audit.record("class.add_students", school_class, by=by, number=len(cards))
        return cards


def _new_student(school_class: SchoolClass, draft: StudentDraft) -> Student:
    student = Student(
        territory_id=school_class.territory_id,
        school_class=school_class,
        user=accounts.student_account(draft.first_name, school_class.territory_id),
        first_name=draft.first_name,
        last_name=draft.last_name,
    )
    db.session.add(student)
    db.session.flush()
    return student


def update_student(
    student: Student, last_name: str, first_name: str, guardians: Sequence[GuardianDraft], *, by: Actor
) -> None:
    """Correct the names and say who the guardians are (at most two). A changed address closes its old link."""
    by.demand(Permission.STUDENT_MANAGE, student)
    for field, value in (("last_name", last_name), ("first_name", first_name)):
        problem = name_problem(value)
        if problem:
            raise Invalid(problem, {field: problem})
    if len(guardians) > MAX_GUARDIANS:
        raise Invalid(_("Un élève a deux responsables légaux au plus."))
    with transaction():
        changed = (student.last_name, student.first_name) != (last_name, first_name)
        student.last_name, student.first_name = last_name, first_name
        student.user.display_name = first_name
        present = list(student.guardians)
        for guardian, draft in zip(present, guardians, strict=False):
            if (guardian.name, guardian.email) != (draft.name, draft.email):
                changed = True
                guardian.link_epoch += guardian.email != draft.email
                guardian.name, guardian.email = draft.name, draft.email
        for guardian in present[len(guardians) :]:
            student.guardians.remove(guardian)
            changed = True
        for draft in guardians[len(present) :]:
            student.guardians.append(LegalGuardian(name=draft.name, email=draft.email))
            changed = True
        if changed:
            audit.record("student.update", student, by=by)


def remove_student(student: Student, *, by: Actor) -> None:
    """Take a student off the register. Whether anything would be lost is for the rooms above to ask first."""
    by.demand(Permission.STUDENT_MANAGE, student)
    with transaction():
        audit.record("student.remove", student, by=by)
        user = student.user
        db.session.delete(student)
        try:
            db.session.flush()
        except IntegrityError as refused:
            raise Conflict(_("Cet élève a déjà une proposition de stage : il ne peut pas être retiré.")) from refused
        db.session.delete(user)
