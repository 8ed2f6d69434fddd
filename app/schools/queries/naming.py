"""Students found by what a school's own lists say of them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.kernel.database import db
from app.kernel.identifiers import normalise_code
from app.schools.models import SchoolClass, Student
from app.schools.rules import name_key


def students_called(class_code: str, last_name: str, first_name: str) -> list[Student]:
    """The students of that name in the class of that code (the one on the cards), with their accounts.

    Several when two bear the same name.
    """
    statement = (
        select(Student)
        .join(SchoolClass)
        .where(SchoolClass.code == normalise_code(class_code))
        .options(joinedload(Student.user))
        .order_by(Student.id)
    )
    wanted = name_key(last_name, first_name)
    return [s for s in db.session.scalars(statement) if name_key(s.last_name, s.first_name) == wanted]
