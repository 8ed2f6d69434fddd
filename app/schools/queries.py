"""Reading schools, classes and students."""

from __future__ import annotations

from sqlalchemy import select

from app.access.policy import Role
from app.access.visibility import ScopeColumns
from app.kernel.database import db
from app.schools.models import ClassTeacher, School, SchoolClass, SchoolStaff, Student

SCHOOL_COLUMNS = ScopeColumns(territory=School.territory_id, school=School.id)
CLASS_COLUMNS = ScopeColumns(
    territory=SchoolClass.territory_id, school=SchoolClass.school_id, school_class=SchoolClass.id
)
STUDENT_COLUMNS = ScopeColumns(
    territory=Student.territory_id,
    school=SchoolClass.school_id,
    school_class=Student.class_id,
    student=Student.id,
)


def staff_reach(user_id: int, role: str) -> tuple[frozenset[int], frozenset[int]]:
    """The schools where a member of staff works and the classes taught; empty for everybody else."""
    if role not in {Role.TEACHER, Role.HEAD}:
        return frozenset(), frozenset()
    schools = db.session.scalars(select(SchoolStaff.school_id).where(SchoolStaff.user_id == user_id))
    classes = db.session.scalars(select(ClassTeacher.class_id).where(ClassTeacher.user_id == user_id))
    return frozenset(schools), frozenset(classes)


def student_id_of(user_id: int) -> int | None:
    return db.session.scalar(select(Student.id).where(Student.user_id == user_id))
