"""Reading the file of proof of an agreement."""

from __future__ import annotations

from sqlalchemy import select

from app.agreements.models import Agreement, Evidence
from app.kernel.database import db


def rows(agreement_id: int) -> list[Evidence]:
    """The whole file, oldest row first."""
    statement = select(Evidence).where(Evidence.agreement_id == agreement_id).order_by(Evidence.number)
    return list(db.session.scalars(statement))


def last(agreement_id: int) -> Evidence | None:
    """The newest row of the file."""
    statement = select(Evidence).where(Evidence.agreement_id == agreement_id).order_by(Evidence.number.desc()).limit(1)
    return db.session.scalar(statement)


def last_under_lock(agreement_id: int) -> Evidence | None:
    """The newest row, once the agreement is locked: nobody adds another before this transaction ends."""
    db.session.execute(select(Agreement.id).where(Agreement.id == agreement_id).with_for_update())
    return last(agreement_id)
