"""What the tests of teams are made of: a second place, colleagues, invitations, the mails that left."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.access.policy import Role
from app.accounts.models import User
from app.audit.models import JournalEntry
from app.hosts import queries, services
from app.hosts.models import HostInvitation, HostMember, HostOrganization, HostSite, MemberRole
from app.hosts.rules import Invited, Seat
from app.kernel.database import db
from app.messaging.models import OutboxMessage
from tests.world import Land, siret

TUTOR, OWNER = Seat(MemberRole.TUTOR), Seat(MemberRole.OWNER, "directrice")


def structure(land: Land) -> HostOrganization:
    return db.session.get_one(HostOrganization, land.organization_id)


def shop(land: Land) -> HostSite:
    """A second place of the structure."""
    here = db.session.get_one(HostSite, land.site_id)
    site = HostSite(
        organization_id=here.organization_id,
        commune_id=here.commune_id,
        siret=siret(structure(land).siren or "", 2),
        name="Boutique",
        address="1 place Wagon",
        postcode="62110",
        lat=here.lat,
        lon=here.lon,
    )
    db.session.add(site)
    db.session.commit()
    return site


def colleague(land: Land, email: str, role: MemberRole = MemberRole.TUTOR, *sites: HostSite) -> HostMember:
    user = User(territory_id=land.territory_id, role=Role.HOST, display_name=email.split("@")[0].title(), email=email)
    member = HostMember(organization_id=land.organization_id, user=user, role=role, sites=list(sites))
    db.session.add(member)
    db.session.commit()
    return member


def owner(land: Land) -> HostMember:
    return queries.owners_of(land.organization_id)[0]


def invited(land: Land, email: str = "awa@terril.example", seat: Seat = TUTOR) -> HostInvitation:
    return services.invite(structure(land), Invited("Awa Nowak", email, seat), by=land.actor(Role.HOST))


def last_mail(kind: str) -> OutboxMessage:
    found = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)).all()
    return found[-1]


def token(mail: OutboxMessage) -> str:
    match = re.search(r"/equipe/(\S+)", mail.text)
    assert match is not None
    return match[1]


def mails(kind: str) -> int:
    return len(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)).all())


def actions() -> list[str]:
    return list(db.session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)))
