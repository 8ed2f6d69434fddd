"""Holding a file back from being forgotten, for a reason and until a day; and letting it go again."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts.models import User
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Hidden, Invalid
from app.privacy.queries import retention as queries
from app.privacy.retention_models import RetentionHold
from app.privacy.retention_rules import LONGEST_HOLD
from app.schools.models import Student

MAX_REASON = 500


def hold(file: Student | User, reason: str, until: date, *, by: Actor) -> RetentionHold:
    """Keep this file until that day, a year at most. Said again, the reason and the day are changed."""
    by.demand(Permission.RETENTION_HOLD, file)
    today = clock.today()
    problems = {}
    if not reason.strip() or len(reason) > MAX_REASON:
        problems["reason"] = _("Dites pourquoi, en %(n)s signes au plus.", n=MAX_REASON)
    if not today < until <= today + LONGEST_HOLD:
        problems["until"] = _("Choisissez un jour à venir, dans un an au plus : on peut prolonger.")
    if problems:
        raise Invalid(_("Ce dossier n’est pas encore gardé."), problems)
    with transaction():
        locked(type(file), file.id)
        row = queries.hold_of(file, today)
        if row is not None and (row.reason, row.until) == (reason, until):
            return row
        if row is None:
            row = RetentionHold(territory_id=file.territory_id, reason="-")
            if isinstance(file, Student):
                row.student = file
            else:
                row.user = file
            db.session.add(row)
        row.reason, row.until, row.by_id = reason, until, by.user_id
        db.session.flush()
        audit.record("retention.hold", row, by=by, until=until.isoformat())
        return row


def lift(hold_id: int, *, by: Actor) -> RetentionHold:
    """The file is forgotten like the others from now on."""
    with transaction():
        row = locked(RetentionHold, hold_id)
        if row is None:
            raise Hidden(_("Ce dossier n’est pas gardé à part."))
        by.reveal(Permission.RETENTION_HOLD, row)
        if row.lifted_at is None:
            row.lifted_at = clock.now()
            audit.record("retention.lift", row, by=by)
        return row
