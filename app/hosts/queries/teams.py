"""Reading teams: who belongs to which structure, where, and who is awaited."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import User
from app.hosts.models import HostInvitation, HostMember, HostOrganization, HostSite, MemberRole
from app.kernel.database import db
from app.kernel.errors import Hidden


class Reach(NamedTuple):
    """The structures that a user answers for as a whole, those where one is a tutor, and at which places."""

    organization_ids: frozenset[int]
    tutored_ids: frozenset[int]
    site_ids: frozenset[int]


def reach_of(user_id: int) -> Reach:
    rows = db.session.execute(
        select(HostMember.organization_id, HostMember.role, HostSite.id)
        .outerjoin(HostMember.sites)
        .where(HostMember.user_id == user_id)
    ).all()
    owned = frozenset(number for number, role, _site in rows if role is MemberRole.OWNER)
    tutored = [(number, site) for number, role, site in rows if role is MemberRole.TUTOR]
    return Reach(owned, frozenset(n for n, _site in tutored), frozenset(s for _n, s in tutored if s is not None))


def names_of(organization_id: int) -> list[str]:
    """How the people of the team are called, to choose a tutor among them."""
    statement = (
        select(User.display_name)
        .join(HostMember, HostMember.user_id == User.id)
        .where(HostMember.organization_id == organization_id, User.is_active)
        .order_by(User.display_name)
    )
    return list(db.session.scalars(statement))


def owners_of(organization_id: int) -> list[HostMember]:
    """Who answers for the structure as a whole, with an active account."""
    return list(
        db.session.scalars(
            select(HostMember)
            .join(HostMember.user)
            .where(HostMember.organization_id == organization_id, HostMember.role == MemberRole.OWNER, User.is_active)
            .options(contains_eager(HostMember.user))
            .order_by(HostMember.id)
        )
    )


def answering_at(site_id: int) -> list[HostMember]:
    """Who can be written to about this place: its tutors first, then the owners."""
    site = db.session.scalar(
        select(HostSite)
        .where(HostSite.id == site_id)
        .options(joinedload(HostSite.organization).selectinload(HostOrganization.members).joinedload(HostMember.user))
    )
    return site.organization.answering_at(site_id) if site else []


def member(organization_id: int, member_id: int) -> HostMember:
    """The member of this structure, or `Hidden`."""
    found = db.session.scalar(
        select(HostMember)
        .where(HostMember.id == member_id, HostMember.organization_id == organization_id)
        .options(joinedload(HostMember.user), joinedload(HostMember.organization))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Hidden(_("Cette personne ne fait pas partie de l’équipe."))
    return found


def membership(organization_id: int, user_id: int | None) -> HostMember | None:
    """The place of this account in this structure, as it is now."""
    return db.session.scalar(
        select(HostMember)
        .where(HostMember.organization_id == organization_id, HostMember.user_id == user_id)
        .execution_options(populate_existing=True)
    )


def is_member(organization_id: int, email: str) -> bool:
    statement = (
        select(HostMember.id)
        .join(HostMember.user)
        .where(HostMember.organization_id == organization_id, User.email == email)
    )
    return db.session.scalar(statement) is not None


def awaited(organization_id: int) -> list[HostInvitation]:
    """Who was invited and has not come, the latest first."""
    return list(
        db.session.scalars(
            select(HostInvitation)
            .where(HostInvitation.organization_id == organization_id, HostInvitation.accepted_at.is_(None))
            .order_by(HostInvitation.id.desc())
        )
    )


def count_awaited(organization_id: int) -> int:
    statement = select(func.count(HostInvitation.id)).where(
        HostInvitation.organization_id == organization_id, HostInvitation.accepted_at.is_(None)
    )
    return db.session.scalar(statement) or 0


def invitation_to(organization_id: int, email: str) -> HostInvitation | None:
    return db.session.scalar(
        select(HostInvitation).where(HostInvitation.organization_id == organization_id, HostInvitation.email == email)
    )


def invitation_in(organization_id: int, invitation_id: int) -> HostInvitation:
    """An invitation of this structure that nobody has accepted yet, or `Hidden`."""
    found = db.session.scalar(
        select(HostInvitation).where(
            HostInvitation.id == invitation_id,
            HostInvitation.organization_id == organization_id,
            HostInvitation.accepted_at.is_(None),
        )
    )
    if found is None:
        raise Hidden(_("Cette invitation n’attend plus personne."))
    return found


def invitation(invitation_id: int) -> HostInvitation | None:
    """The invitation behind a link, with its structure and who sent it."""
    return db.session.scalar(
        select(HostInvitation)
        .where(HostInvitation.id == invitation_id)
        .options(joinedload(HostInvitation.organization), joinedload(HostInvitation.invited_by))
    )


def invitation_of_code(digest: str, now: datetime) -> HostInvitation | None:
    """The invitation which this paper opens: neither accepted nor out of date."""
    return db.session.scalar(
        select(HostInvitation).where(
            HostInvitation.code_digest == digest,
            HostInvitation.accepted_at.is_(None),
            HostInvitation.expires_at >= now,
        )
    )
