"""Messages about structures."""

from __future__ import annotations

from app.accounts.models import User
from app.campaigns.models import Territory
from app.hosts import links
from app.hosts.models import HostInvitation, HostMember, HostOrganization
from app.messaging import rendering
from app.messaging.rules import Message


def registration_received(organization: HostOrganization, territory: Territory, user: User) -> Message:
    """To the person who registered: what happens now."""
    return rendering.build(
        "host_registered",
        to_email=user.email or "",
        to_name=user.display_name,
        dedupe_key=f"host_registered:{organization.id}",
        territory_id=territory.id,
        organization=organization,
        territory=territory,
    )


def address_already_known(name: str, territory: Territory, user: User, request_key: str) -> Message:
    """To the owner of an address with which somebody registered again: says so to them alone."""
    return rendering.build(
        "host_address_known",
        to_email=user.email or "",
        to_name=user.display_name,
        dedupe_key=f"host_address_known:{user.id}:{request_key}",
        territory_id=territory.id,
        organization_name=name,
        territory=territory,
    )


def to_verify(organization: HostOrganization, coordinator: User) -> Message:
    """To each coordinator: a structure waits."""
    return rendering.build(
        "host_to_verify",
        to_email=coordinator.email or "",
        to_name=coordinator.display_name,
        dedupe_key=f"host_to_verify:{organization.id}:{coordinator.id}",
        territory_id=organization.territory_id,
        organization=organization,
    )


def decision(action: str, organization: HostOrganization, territory: Territory, user: User, entry: int) -> Message:
    """To each person of the structure: verified, refused, suspended or restored. `entry` numbers the decision."""
    return rendering.build(
        f"host_{action}",
        to_email=user.email or "",
        to_name=user.display_name,
        dedupe_key=f"host_{action}:{organization.id}:{user.id}:{entry}",
        territory_id=organization.territory_id,
        organization=organization,
        territory=territory,
        reason=organization.state_reason,
    )


def team_invitation(invitation: HostInvitation, organization: HostOrganization) -> Message:
    """To a colleague who is awaited in the team."""
    return rendering.build(
        "team_invitation",
        to_email=invitation.email or "",
        to_name=invitation.name,
        dedupe_key=f"team_invitation:{invitation.id}:{invitation.epoch}",
        territory_id=organization.territory_id,
        organization=organization,
        inviter=invitation.invited_by.display_name if invitation.invited_by else "",
        role=invitation.role,
        url=rendering.page_url("hosts.join", token=links.token_for(invitation)),
    )


def team_removed(member: HostMember) -> Message:
    """To somebody who no longer belongs to the team."""
    return rendering.build(
        "team_removed",
        to_email=member.user.email or "",
        to_name=member.user.display_name,
        dedupe_key=f"team_removed:{member.id}",
        territory_id=member.organization.territory_id,
        organization=member.organization,
    )
