"""Forgetting somebody: every room in one transaction, and a proof that says nothing of who it was."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass

from flask_babel import gettext as _

from app.access.actor import Actor, Scope
from app.access.policy import Permission
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import after_commit, db, transaction
from app.kernel.errors import Hidden
from app.kernel.holdings import Counts, Kept, Subject, SubjectKind, all_holdings, merged
from app.privacy.models import Erasure
from app.privacy.queries import subjects


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What an erasure did: rows by table, and what the law keeps."""

    counts: Counts
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class _Standing:
    scope: Scope


def kept_of(subject: Subject) -> tuple[Kept, ...]:
    """What no erasure takes away today, and why."""
    return tuple(kept for holding in all_holdings() for kept in holding.keeps(subject))


def erase(subject: Subject, *, by: Actor | None, reason: str = "") -> Forgotten:
    """Forget this person in every room, at once or not at all.

    `by` is None for what runs by itself (retention, a replay after a backup). Raises `Conflict` when something must end
    first (a stage under way, the last administrator).
    """
    if by is not None:
        by.demand(Permission.PRIVACY_MANAGE, _Standing(Scope(territory_id=subject.territory_id)))
    holdings = all_holdings()
    with transaction():
        for holding in holdings:
            holding.refuse(subject)
        kept = kept_of(subject)
        counts = merged(*[holding.erase(subject) for holding in holdings])
        proof = Erasure(
            territory_id=subject.territory_id,
            kind=subject.kind,
            subject_id=subject.id,
            counts=counts,
            kept=[{**asdict(each), "until": each.until.isoformat() if each.until else None} for each in kept],
            by_id=by.user_id if by else None,
            at=clock.now(),
        )
        db.session.add(proof)
        after_commit(drop_old_pages)
        audit.record(
            "privacy.erase", proof, by=by, reason=str(subject.redact(reason, own=True)), rows=sum(counts.values())
        )
    return Forgotten(counts, kept)


def drop_old_pages() -> None:
    """SQLite keeps what pages were, before and between writes, in a file beside the database: it is emptied.

    Somebody who reads at this moment leaves it as it is; the next erasure, or the pass of the next night, empties it.
    PostgreSQL has no such file that a copy would take along.
    """
    if db.engine.dialect.name == "sqlite" and db.engine.url.database:
        with closing(sqlite3.connect(db.engine.url.database, timeout=1)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def erase_by_number(kind: SubjectKind, number: int, *, by: Actor | None, name: str = "", reason: str = "") -> Forgotten:
    """As `erase`; raises `Hidden` when nobody has that number."""
    subject = subjects.of(kind, number, name=name)
    if subject is None:
        raise Hidden(_("Personne n’a ce numéro."))
    return erase(subject, by=by, reason=reason)
