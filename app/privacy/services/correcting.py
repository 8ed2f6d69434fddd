"""Correcting what is wrong, by the verbs of the room that holds it."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.kernel.database import db, transaction
from app.kernel.errors import Invalid
from app.kernel.holdings import Counts, Subject, SubjectKind
from app.privacy.queries import requests
from app.privacy.rules import Corrections
from app.schools import services as schools
from app.schools.models import Student
from app.schools.rules import GuardianDraft, StudentFile

# What a coordinator corrects here, by kind of person: the rest has pages of its own.
FIELDS: dict[SubjectKind, tuple[str, ...]] = {
    SubjectKind.STUDENT: ("first_name", "last_name", "birth_date"),
    SubjectKind.GUARDIAN: ("name", "email", "phone"),
    SubjectKind.ACCOUNT: ("display_name",),
    SubjectKind.CONTACT: (),
}


def present(subject: Subject) -> dict[str, str]:
    """The values of today, by field."""
    row = {
        SubjectKind.STUDENT: requests.student,
        SubjectKind.GUARDIAN: requests.guardian,
        SubjectKind.ACCOUNT: requests.account,
        SubjectKind.CONTACT: requests.organization,
    }[subject.kind](subject.id)
    values = {name: getattr(row, name) for name in FIELDS[subject.kind]}
    return {name: value.isoformat() if isinstance(value, date) else (value or "") for name, value in values.items()}


def correct(subject: Subject, corrections: Corrections, *, by: Actor) -> Counts:
    """Write the values that changed; counts by « table.column ». Raises `Invalid` as the room's own verb does."""
    before = present(subject)
    changed = {
        name: value.strip()
        for name, value in corrections.values.items()
        if name in before and value.strip() != before[name]
    }
    if not changed:
        return {}
    with transaction():
        if subject.kind is SubjectKind.STUDENT:
            _student(subject.id, changed, by)
        elif subject.kind is SubjectKind.GUARDIAN:
            _guardian(subject.id, changed, by)
        elif subject.kind is SubjectKind.ACCOUNT:
            _account(subject.id, changed, by)
    return dict.fromkeys((f"{subject.kind.value}.{name}" for name in changed), 1)


def _file(student: Student, changed: dict[str, str], guardians: list[GuardianDraft]) -> StudentFile:
    born = student.birth_date
    if "birth_date" in changed:
        try:
            born = date.fromisoformat(changed["birth_date"]) if changed["birth_date"] else None
        except ValueError:
            sentence = _("Écrivez la date ainsi : 2012-05-04.")
            raise Invalid(sentence, {"birth_date": sentence}) from None
    return StudentFile(
        last_name=changed.get("last_name", student.last_name),
        first_name=changed.get("first_name", student.first_name),
        birth_date=born,
        guardians=tuple(guardians),
    )


def _drafts(student: Student, but: int | None = None, changed: dict[str, str] | None = None) -> list[GuardianDraft]:
    found = []
    for guardian in student.guardians:
        values = {"name": guardian.name, "email": guardian.email or "", "phone": guardian.phone}
        if guardian.id == but:
            values |= changed or {}
        found.append(GuardianDraft(values["name"], values["email"] or None, values["phone"], guardian.language))
    return found


def _student(student_id: int, changed: dict[str, str], by: Actor) -> None:
    student = requests.student(student_id)
    assert student is not None
    schools.update_student(student, _file(student, changed, _drafts(student)), by=by)


def _guardian(guardian_id: int, changed: dict[str, str], by: Actor) -> None:
    guardian = requests.guardian(guardian_id)
    assert guardian is not None
    if not changed.get("name", guardian.name):
        raise Invalid(_("Écrivez un nom."), {"name": _("Écrivez un nom.")})
    student = guardian.student
    schools.update_student(student, _file(student, {}, _drafts(student, guardian_id, changed)), by=by)


def _account(user_id: int, changed: dict[str, str], by: Actor) -> None:
    user = requests.account(user_id)
    assert user is not None
    if not changed["display_name"]:
        raise Invalid(_("Écrivez un nom."), {"display_name": _("Écrivez un nom.")})
    by.demand(Permission.PRIVACY_MANAGE, user)
    user.display_name = changed["display_name"][:160]
    db.session.flush()
    audit.record("privacy.rectify", user, by=by)
