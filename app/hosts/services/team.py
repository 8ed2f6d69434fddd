"""The people of a structure: what each may do where, who leaves. One owner at least always remains."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.audit import services as audit
from app.hosts import emails, queries
from app.hosts.models import HostMember, HostOrganization, HostSite, MemberRole
from app.hosts.rules import Seat, seat_problems, seated
from app.hosts.services.deciding import lock
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.messaging import services as messaging


def take(organization: HostOrganization, *, by: Actor) -> HostOrganization:
    """The structure, its team locked; `Forbidden` when `by` has meanwhile lost the right to change that team."""
    by.demand(Permission.TEAM_MANAGE, organization)
    row = lock(organization)
    if by.role is Role.HOST:
        own = queries.membership(row.id, by.user_id)
        if own is None or own.role is not MemberRole.OWNER:
            raise Forbidden(_("Vous n’êtes plus responsable de cette structure. Rechargez la page."))
    return row


def places(row: HostOrganization, seat: Seat) -> tuple[Seat, list[HostSite]]:
    """The seat as it is kept, and its places. Raises `Invalid` on `site_ids`."""
    sites = {site.id: site for site in queries.sites_of(row.id)}
    kept = seated(seat, sites)
    problems = seat_problems(kept, sites)
    if problems:
        raise Invalid(problems["site_ids"], problems)
    return kept, [sites[number] for number in sorted(set(kept.site_ids))]


def change(organization: HostOrganization, member_id: int, seat: Seat, *, by: Actor) -> None:
    """Another role, other places, another job title. The same again changes nothing."""
    with transaction():
        row = take(organization, by=by)
        member = queries.member(row.id, member_id)
        kept, sites = places(row, seat)
        before = (member.role, member.job_title, {site.id for site in member.sites})
        if before == (kept.role, kept.job_title, set(kept.site_ids)):
            return
        if kept.role is not MemberRole.OWNER:
            _demand_another_owner(row, member)
        former = member.role
        member.role, member.job_title, member.sites = kept.role, kept.job_title, sites
        audit.record("host.team_change", row, by=by, from_state=former, to_state=member.role, user_id=member.user_id)


def remove(organization: HostOrganization, member_id: int, *, by: Actor) -> None:
    """The person sees nothing of the structure any more; its offers stay. Oneself: use `leave`."""
    with transaction():
        row = take(organization, by=by)
        member = queries.member(row.id, member_id)
        _demand_another_owner(row, member)
        messaging.post(emails.team_removed(member))
        _part(row, member, "host.team_remove", by=by)


def leave(organization: HostOrganization, *, by: Actor) -> None:
    """The actor goes; the last owner first names another. Gone already, nothing changes."""
    by.demand(Permission.TEAM_LEAVE, organization)
    with transaction():
        row = lock(organization)
        member = queries.membership(row.id, by.user_id)
        if member is None:
            return
        _demand_another_owner(row, member)
        _part(row, member, "host.team_leave", by=by)


def _part(row: HostOrganization, member: HostMember, action: str, *, by: Actor) -> None:
    audit.record(action, row, by=by, from_state=member.role, user_id=member.user_id)
    db.session.delete(member)


def _demand_another_owner(row: HostOrganization, member: HostMember) -> None:
    if member.role is MemberRole.OWNER and all(owner.id == member.id for owner in queries.owners_of(row.id)):
        raise Conflict(_("Il faut au moins une personne responsable. Nommez d’abord quelqu’un d’autre."))


def may_hand_over(member: HostMember, *, by: Actor) -> bool:
    """Whether a way in may be put into this person's hands by `by`: never by somebody whom it would open more to."""
    if by.role is not Role.HOST:
        return True
    reach = queries.reach_of(member.user_id)
    return member.role is MemberRole.TUTOR and not reach.organization_ids and reach.tutored_ids <= by.organization_ids
