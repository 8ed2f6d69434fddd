"""Every SELECT of the agreements' papers: one agreement, lists, a class; signatures are read in `signatures.py`."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import User
from app.kernel.database import db
from app.schools.models import SchoolStaff, StaffRole


def head_of(school_id: int) -> User | None:
    """The head of the school: the first named, when there are several accounts."""
    return db.session.scalar(
        select(User)
        .join(SchoolStaff, SchoolStaff.user_id == User.id)
        .where(SchoolStaff.school_id == school_id, SchoolStaff.role == StaffRole.HEAD, User.is_active)
        .order_by(SchoolStaff.id)
        .limit(1)
    )
