"""Students and their guardians."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts import services as accounts
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Invalid
from app.schools import queries
from app.schools.models import LegalGuardian, SchoolClass, Student
from app.schools.rules import (
    MAX_GUARDIANS,
    StudentDraft,
    StudentFile,
    birth_date_problem,
    name_key,
    name_problem,
)
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


def update_student(student: Student, file: StudentFile, *, by: Actor) -> None:
    """Correct what is known of a student and of the guardians. A changed address closes its old link.

    Raises `Invalid` on a name that is not one, a birth date that no student has, a third guardian.
    """
    by.demand(Permission.STUDENT_MANAGE, student)
    problems = {
        field: problem
        for field, problem in (
            ("last_name", name_problem(file.last_name)),
            ("first_name", name_problem(file.first_name)),
            ("birth_date", birth_date_problem(file.birth_date, clock.today())),
        )
        if problem
    }
    if problems:
        raise Invalid(next(iter(problems.values())), problems)
    if len(file.guardians) > MAX_GUARDIANS:
        raise Invalid(_("Un élève a deux responsables légaux au plus."))
    with transaction():
        for name in ("last_name", "first_name", "birth_date"):
            if getattr(student, name) != getattr(file, name):
                setattr(student, name, getattr(file, name))
        student.user.display_name = file.first_name
        present = list(student.guardians)
        for guardian, draft in zip(present, file.guardians, strict=False):
            guardian.link_epoch += guardian.email != draft.email
            for name in ("name", "email", "phone", "language"):
                if getattr(guardian, name) != getattr(draft, name):
                    setattr(guardian, name, getattr(draft, name))
        for guardian in present[len(file.guardians) :]:
            student.guardians.remove(guardian)
        for draft in file.guardians[len(present) :]:
            student.guardians.append(LegalGuardian(**asdict(draft)))
        if any(db.session.is_modified(row) for row in (student, *student.guardians)):
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
