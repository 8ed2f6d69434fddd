"""What the territory knows already, and the files that wait for a yes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actor import Actor
from app.access.policy import Permission
from app.campaigns.models import Commune, Territory
from app.directories.models import DirectoryImport, ReferenceEntry
from app.directories.records import Family
from app.hosts.models import HostOrganization, HostSite
from app.kernel.database import db
from app.occupations.queries import fold
from app.offers.rules import OCCUPATION_LENGTH
from app.schools.models import School


def territories() -> list[Territory]:
    return list(db.session.scalars(select(Territory).order_by(Territory.slug)))


def communes(territory_id: int) -> list[Commune]:
    return list(db.session.scalars(select(Commune).where(Commune.territory_id == territory_id).order_by(Commune.insee)))


def schools(territory_id: int) -> list[School]:
    statement = select(School).where(School.territory_id == territory_id).options(joinedload(School.commune))
    return list(db.session.scalars(statement.order_by(School.uai)))


def hosts(territory_id: int) -> list[HostOrganization]:
    """The structures that have a SIREN, with their places and the communes of these."""
    return list(
        db.session.scalars(
            select(HostOrganization)
            .where(HostOrganization.territory_id == territory_id, HostOrganization.siren.is_not(None))
            .options(selectinload(HostOrganization.sites).joinedload(HostSite.commune))
            .order_by(HostOrganization.id)
        )
    )


def entries(family: Family) -> dict[str, ReferenceEntry]:
    rows = db.session.scalars(select(ReferenceEntry).where(ReferenceEntry.family == family))
    return {row.key: row for row in rows}


def entry_values(family: Family) -> dict[str, dict[str, str]]:
    statement = select(ReferenceEntry.key, ReferenceEntry.values).where(ReferenceEntry.family == family)
    return dict(db.session.execute(statement).tuples().all())


def titles() -> Sequence[tuple[str, str]]:
    """Labels of the occupations and titles of ROME 4.0 as last imported, each with its folded form; empty before."""
    state = db.session.execute(
        select(func.count(), func.max(ReferenceEntry.imported_at)).where(ReferenceEntry.family == Family.OCCUPATIONS)
    ).one()
    return _titles(state[0], state[1]) if state[0] else ()


@lru_cache(maxsize=1)
def _titles(_count: int, _imported_at: datetime) -> Sequence[tuple[str, str]]:
    """Read again only when the table has changed."""
    labels = (next(iter(values.values()), "") for values in entry_values(Family.OCCUPATIONS).values())
    return tuple((label, fold(label)) for label in sorted(set(labels)) if 0 < len(label) <= OCCUPATION_LENGTH)


def pending(actor: Actor, directory_id: int) -> DirectoryImport:
    """A file that this very person dropped and that still waits, or `Hidden`."""
    row = db.session.scalar(
        select(DirectoryImport).where(
            DirectoryImport.id == directory_id,
            DirectoryImport.by_id == actor.user_id,
            DirectoryImport.reading.is_not(None),
        )
    )
    actor.reveal(Permission.DIRECTORY_IMPORT, row)
    assert row is not None
    return row
