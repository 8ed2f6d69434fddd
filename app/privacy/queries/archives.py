"""Archived agreements: found by reference or by name, by the school's head and the administration."""

from __future__ import annotations

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.access.actor import Actor
from app.access.policy import Permission
from app.access.visibility import ScopeColumns, visible
from app.agreements.models import Agreement
from app.agreements.rules import read_reference
from app.kernel.database import db
from app.schools.models import Student

PER_PAGE = 50
COLUMNS = ScopeColumns(territory=Agreement.territory_id, school=Agreement.school_id, student=Agreement.student_id)


def page(actor: Actor, words: str, number: int) -> Pagination:
    """One page of the archive, the latest signed first; `words` narrows to a reference or a name."""
    statement = (
        select(Agreement)
        .join(Agreement.student)
        .where(visible(actor, Permission.ARCHIVE_OPEN, COLUMNS), Agreement.archived_at.is_not(None))
        .options(contains_eager(Agreement.student), joinedload(Agreement.school))
        .order_by(Agreement.signed_at.desc(), Agreement.id.desc())
    )
    for word in words.split():
        statement = statement.where(
            or_(
                Agreement.reference == read_reference(word),
                func.lower(Student.last_name).contains(word.lower(), autoescape=True),
                func.lower(Student.first_name).contains(word.lower(), autoescape=True),
            )
        )
    return db.paginate(statement, page=max(1, number), per_page=PER_PAGE, error_out=False)


def agreement(actor: Actor, agreement_id: int) -> Agreement | None:
    return db.session.scalar(
        select(Agreement)
        .where(
            Agreement.id == agreement_id,
            visible(actor, Permission.ARCHIVE_OPEN, COLUMNS),
            Agreement.archived_at.is_not(None),
        )
        .options(
            joinedload(Agreement.student),
            joinedload(Agreement.school),
            joinedload(Agreement.pdf),
            joinedload(Agreement.signed_pdf),
        )
    )
