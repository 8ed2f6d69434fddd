"""Growing delays after failures, counted in the database so that every worker process counts the same."""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.models import Throttle
from app.accounts.rules import FORGET_AFTER, lock_after
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import DomainError


class TooManyTries(DomainError):
    status = 429


def _stored(key: str) -> str:
    from app.accounts.services import digest

    return digest(key, purpose="throttle")


def demand_open(*keys: str) -> None:
    """Raise `TooManyTries` while one of the keys is locked."""
    for key in keys:
        row = db.session.get(Throttle, _stored(key))
        if row is not None and row.locked_until is not None and row.locked_until > clock.now():
            left = -(-int((row.locked_until - clock.now()).total_seconds()) // 60) or 1
            raise TooManyTries(
                _(
                    "Trop d’essais. Attendez %(n)s min puis recommencez, ou demandez de l’aide autour de vous.",
                    n=left,
                )
            )


def count_failure(*keys: str) -> None:
    with transaction():
        for key in keys:
            stored = _stored(key)
            row = locked(Throttle, stored)
            if row is None:
                row = Throttle(key=stored, failures=0)
                db.session.add(row)
            elif row.last_failure_at < clock.now() - FORGET_AFTER:
                row.failures = 0
            row.failures += 1
            row.last_failure_at = clock.now()
            # One address may be a whole school behind one router: it is given twenty times as many tries.
            weight = row.failures // 20 if key.startswith("address:") else row.failures
            delay = lock_after(weight)
            row.locked_until = clock.now() + delay if delay else None


def forget(*keys: str) -> None:
    with transaction():
        for key in keys:
            if not key.startswith("address:"):
                row = locked(Throttle, _stored(key))
                if row is not None:
                    db.session.delete(row)
