"""A link that no longer opens is never a dead end: a new one goes to the mailbox that the old one was sent to."""

from __future__ import annotations

from app.kernel.database import transaction
from app.messaging import services as messaging
from app.offers.models import PlacementOffer
from app.placements import emails, links
from app.placements.emails import Contact
from app.placements.services import telling
from app.schools.models import LegalGuardian


def contact_of(offer: PlacementOffer, mailbox: str) -> Contact | None:
    """Who of the structure reads that mailbox now."""
    return next((c for c in telling.contacts(offer) if links.mailbox(c.email) == mailbox), None)


def renew_host_link(offer: PlacementOffer, contact: Contact) -> None:
    with transaction():
        messaging.post(emails.renewed_host(offer, contact))


def renew_family_link(guardian: LegalGuardian) -> None:
    if guardian.email:
        with transaction():
            messaging.post(emails.renewed_family(guardian))
