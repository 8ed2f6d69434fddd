"""What schools hold: students, their guardians, the staff, and a class list dropped but not applied yet."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import null

from app.audit.privacy import forget_reasons
from app.kernel.holdings import (
    Counts,
    Holding,
    Line,
    Section,
    Subject,
    SubjectKind,
    forget_dependents,
    is_referred,
    merged,
    remove,
    rows,
    section,
)
from app.schools.models import ClassTeacher, LegalGuardian, RosterImport, SchoolStaff, Student

LABELS = {
    "student": {"first_name": _l("Prénom"), "last_name": _l("Nom"), "birth_date": _l("Date de naissance")},
    "legal_guardian": {
        "name": _l("Nom du responsable légal"),
        "email": _l("Adresse e-mail"),
        "phone": _l("Téléphone"),
        "language": _l("Langue"),
    },
    "roster_import": {"roster": _l("Liste de classe déposée")},
    "family_code": {"language": _l("Langue choisie")},
}


def export(subject: Subject) -> list[Section]:
    """The student's sheet and the guardians', a guardian's own, or the schools where somebody works."""
    found: list[Section] = []
    if subject.kind is SubjectKind.STUDENT:
        for student in rows(Student, Student.id == subject.student_id):
            place = student.school_class
            found.append(
                section(_("Élève"), student, LABELS, **{_("Classe"): place.name, _("Collège"): place.school.name})
            )
    for guardian in rows(LegalGuardian, LegalGuardian.id.in_(subject.guardian_ids)):
        title = _("Responsable légal")
        if subject.private:  # the parents' own addresses are theirs
            found.append(Section(title, (Line(_("Nom"), guardian.name, "legal_guardian", "name"),)))
        else:
            found.append(section(title, guardian, LABELS))
    if subject.kind is SubjectKind.ACCOUNT:
        for staff in rows(SchoolStaff, SchoolStaff.user_id == subject.user_id):
            found.append(Section(_("Travail au collège"), (_line(_("Collège"), staff.school.name),)))
        for taught in rows(ClassTeacher, ClassTeacher.user_id == subject.user_id):
            found.append(Section(_("Classe suivie"), (_line(_("Classe"), taught.school_class.name),)))
    return found


def erase(subject: Subject) -> Counts:
    """A student leaves the register; when a signed agreement still points there, the line stays and names nobody."""
    lists = _forget_lists(subject)
    if subject.kind is SubjectKind.ACCOUNT:
        return merged(
            lists,
            remove(SchoolStaff, SchoolStaff.user_id == subject.user_id),
            remove(ClassTeacher, ClassTeacher.user_id == subject.user_id),
        )
    gone = merged(
        lists,
        forget_reasons("LegalGuardian", subject.guardian_ids),
        remove(LegalGuardian, LegalGuardian.id.in_(subject.guardian_ids)) if subject.guardian_ids else {},
    )
    if subject.kind is not SubjectKind.STUDENT:
        return gone
    student_id = subject.id
    gone = merged(gone, forget_reasons("Student", [student_id]), forget_dependents(Student, student_id))
    if not is_referred(Student, student_id):
        return merged(gone, remove(Student, Student.id == student_id))
    for row in rows(Student, Student.id == student_id):
        row.first_name, row.last_name, row.birth_date = _("Élève"), _("effacé"), None
    return merged(gone, {"student": 1})


def _line(label: str, value: str) -> Line:
    return Line(label, value)


def _forget_lists(subject: Subject) -> Counts:
    """Any list which may hold them, at most a day old: it is dropped again from the school's file."""
    named = subject.written_in(RosterImport.roster, own=subject.kind is SubjectKind.STUDENT)
    if named is None:
        return {}
    found = rows(RosterImport, RosterImport.territory_id == subject.territory_id, named)
    for row in found:
        row.roster = null()
    return {"roster_import": len(found)}


HOLDING = Holding("schools", _l("Collèges, élèves et familles"), export, erase, labels=LABELS)
