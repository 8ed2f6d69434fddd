"""What becomes of the codes of access cards when nobody needs them any more."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from app.accounts.models import User
from app.kernel.database import db, transaction


def forget_cards(user_ids: Collection[int]) -> None:
    """These cards open nothing any more, and the sessions that they opened close."""
    with transaction():
        db.session.execute(
            update(User)
            .where(User.id.in_(sorted(user_ids)))
            .values(code_digest=None, session_epoch=User.session_epoch + 1)
        )
