"""A colleague enters the team: by a mailed link, or by the code of a paper which leads to a mailed link."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.accounts import opening, throttling
from app.accounts.models import User
from app.accounts.services import digest
from app.audit import services as audit
from app.hosts import emails, links, queries
from app.hosts.models import HostInvitation, HostMember, HostOrganization
from app.hosts.rules import CODE_LENGTH, INVITATION_LIFETIME, MAX_AWAITED, Invited
from app.hosts.services.team import places, take
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Hidden, Invalid
from app.kernel.identifiers import new_code, normalise_code
from app.messaging import services as messaging


def invite(organization: HostOrganization, invited: Invited, *, by: Actor) -> HostInvitation:
    """Somebody is awaited; with an address, a link leaves. The same address again is the same invitation, sent again.

    Nothing tells whether the address has an account elsewhere. Raises `Invalid` on `email` for a member of the team
    (whom the team sees anyway), and `Conflict` when too many invitations wait.
    """
    with transaction():
        row = take(organization, by=by)
        seat, sites = places(row, invited.seat)
        email = invited.email.strip().lower() or None
        if email and queries.is_member(row.id, email):
            sentence = _("Cette personne fait déjà partie de l’équipe.")
            raise Invalid(sentence, {"email": sentence})
        known = queries.invitation_to(row.id, email) if email else None
        if known is None and queries.count_awaited(row.id) >= MAX_AWAITED:
            raise Conflict(_("Beaucoup d’invitations attendent déjà. Retirez celles qui ne servent plus."))
        invitation = known or HostInvitation(organization_id=row.id, email=email)
        invitation.name, invitation.role, invitation.job_title = invited.name, seat.role, seat.job_title
        invitation.sites, invitation.invited_by_id = sites, by.user_id
        _open_again(invitation)
        db.session.add(invitation)
        audit.record("host.team_invite", row, by=by, to_state=seat.role)
        if email:
            messaging.post(emails.team_invitation(invitation, row))
        return invitation


def send_again(organization: HostOrganization, invitation_id: int, *, by: Actor) -> None:
    """A new link to the same mailbox; the former one no longer opens anything."""
    with transaction():
        row = take(organization, by=by)
        invitation = queries.invitation_in(row.id, invitation_id)
        _open_again(invitation)
        audit.record("host.team_invite", row, by=by, to_state=invitation.role)
        if invitation.email:
            messaging.post(emails.team_invitation(invitation, row))


def print_code(organization: HostOrganization, invitation_id: int, *, by: Actor) -> str:
    """The code of a new paper, known to nobody afterwards; the former paper no longer opens anything."""
    with transaction():
        row = take(organization, by=by)
        invitation = queries.invitation_in(row.id, invitation_id)
        code = new_code(CODE_LENGTH)
        invitation.code_digest = _code_digest(code)
        invitation.expires_at = clock.now() + INVITATION_LIFETIME
        audit.record("host.team_print", row, by=by, to_state=invitation.role)
        return code


def withdraw(organization: HostOrganization, invitation_id: int, *, by: Actor) -> None:
    """Nobody is awaited any more by this invitation."""
    with transaction():
        row = take(organization, by=by)
        db.session.delete(queries.invitation_in(row.id, invitation_id))
        audit.record("host.team_withdraw", row, by=by)


def invitation_of(code: str) -> HostInvitation | None:
    """The invitation whose paper bears this code, if it is still good; the caller throttles."""
    return queries.invitation_of_code(_code_digest(code), clock.now())


def ask_by_code(code: str, email: str, *, address: str) -> bool:
    """The holder of a paper says which mailbox is theirs: the link leaves there. False: the code is not good.

    The paper goes on serving until the link is used: a mistyped address is typed again.
    """
    keys = (f"address:team-code:{address}",)
    throttling.demand_open(*keys)
    with transaction():
        found = invitation_of(code)
        invitation = locked(HostInvitation, found.id) if found is not None else None
        if invitation is not None and invitation.accepted_at is None:
            wanted = email.strip().lower()
            other = queries.invitation_to(invitation.organization_id, wanted)
            if other is None or other.id == invitation.id:
                invitation.email = wanted
                invitation.epoch += 1
                messaging.post(emails.team_invitation(invitation, invitation.organization))
            elif other.accepted_at is None:
                messaging.post(emails.team_invitation(other, other.organization))
    throttling.count_failure(*keys)
    return found is not None


def renew(token: str, *, address: str) -> None:
    """From the page of an expired link: another one leaves to the same mailbox, if it is still awaited."""
    read = links.read(token)
    keys = (f"address:team-renew:{address}", f"team-renew:{read.invitation_id if read else token[:40]}")
    throttling.demand_open(*keys)
    with transaction():
        invitation = locked(HostInvitation, read.invitation_id) if read else None
        awaited = invitation if invitation and invitation.accepted_at is None and invitation.email else None
        if read and awaited and read.mailbox == links.mailbox(awaited.email or ""):
            _open_again(awaited)
            messaging.post(emails.team_invitation(awaited, awaited.organization))
    throttling.count_failure(*keys)


def look(token: str) -> HostInvitation:
    """The invitation behind a genuine link, whatever its state; `Hidden` once it was withdrawn."""
    read = links.read(token)
    invitation = queries.invitation(read.invitation_id) if read else None
    if invitation is None:
        raise Hidden(_("Cette invitation n’est plus bonne. Demandez-en une autre à la structure."))
    return invitation


def is_good(invitation: HostInvitation, token: str) -> bool:
    """Whether the link may still be used."""
    read = links.read(token)
    return (
        read is not None
        and invitation.accepted_at is None
        and read.is_current(invitation)
        and invitation.expires_at >= clock.now()
    )


def accept(token: str) -> User:
    """The colleague enters the team, with a new account or with the one of this mailbox; the link has served.

    Raises `Conflict` with what to do when the link is no longer good, or when the address serves another role.
    """
    invitation_id = look(token).id
    with transaction():
        invitation = locked(HostInvitation, invitation_id)
        if invitation is None or not is_good(invitation, token):
            raise Conflict(_("Ce lien a déjà servi, ou il n’est plus valable. Demandez-en un nouveau."))
        organization = invitation.organization
        user = opening.host_account(invitation.email or "", invitation.name, organization.territory_id)
        if user is None:
            raise Conflict(
                _("Cette adresse sert déjà à un autre compte. Demandez une invitation à une autre de vos adresses.")
            )
        member = queries.membership(organization.id, user.id)
        if member is None:
            member = HostMember(
                organization_id=organization.id,
                user_id=user.id,
                role=invitation.role,
                job_title=invitation.job_title,
                sites=list(invitation.sites),
            )
            try:
                with db.session.begin_nested():
                    db.session.add(member)
            except IntegrityError as lost:  # another invitation of the same person, accepted at this very second
                raise Conflict(_("Vous faites déjà partie de l’équipe. Connectez-vous.")) from lost
            audit.record("host.team_join", organization, by=None, to_state=member.role, user_id=user.id)
        invitation.accepted_at = clock.now()
        invitation.name, invitation.job_title, invitation.email, invitation.code_digest = "", "", None, None
        return user


def _open_again(invitation: HostInvitation) -> None:
    invitation.epoch = (invitation.epoch or 0) + 1
    invitation.expires_at = clock.now() + INVITATION_LIFETIME
    invitation.accepted_at = None
    db.session.add(invitation)
    db.session.flush()


def _code_digest(code: str) -> str:
    return digest(normalise_code(code), purpose="team-invitation")
