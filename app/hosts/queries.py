"""Reading structures."""

from __future__ import annotations

from sqlalchemy import select

from app.access.visibility import ScopeColumns
from app.hosts.models import HostMember, HostOrganization
from app.kernel.database import db

COLUMNS = ScopeColumns(territory=HostOrganization.territory_id, organization=HostOrganization.id)


def organizations_of(user_id: int) -> frozenset[int]:
    """The structures in which this user has an account."""
    return frozenset(db.session.scalars(select(HostMember.organization_id).where(HostMember.user_id == user_id)))
