"""A structure registers itself, with the account of whoever answers for it."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.accounts import queries as account_queries
from app.accounts import services as accounts
from app.accounts import throttling
from app.accounts.rules import password_problem
from app.audit import services as audit
from app.campaigns.models import Commune, Territory
from app.hosts import emails, queries
from app.hosts.models import HostMember, HostOrganization, HostSite, MemberRole
from app.hosts.rules import Registration, identity_problems, place_problems
from app.hosts.services.describing import commune_of, fill_identity, fill_place
from app.hosts.states import TABLE, HostState
from app.kernel.database import db, transaction
from app.kernel.errors import Invalid
from app.kernel.identifiers import parse_siret
from app.messaging import services as messaging


def register(registration: Registration, *, address: str) -> HostOrganization | None:
    """A structure, its first site and the account of who registers it, to be verified by a coordinator.

    None when the e-mail address already has an account: nothing is made, its owner alone is told by mail, and the
    page answers as if all was well. The same `request_key` twice makes one structure. Raises `Invalid`, and
    `TooManyTries` when one network `address` or one mailbox is used again and again: each try sends a mail.
    """
    keys = (f"address:register:{address}", f"register:{registration.contact.email.lower()}")
    throttling.demand_open(*keys)
    with transaction():
        known = queries.by_request_key(registration.request_key)
        if known is not None:
            return known
        commune = commune_of(registration.place)
        problems = _registration_problems(registration, commune)
        if problems or commune is None:
            raise Invalid(_("L’inscription est à compléter."), problems)
        territory = queries.territory(commune.territory_id)
        siren = (parse_siret(registration.place.siret) or "")[:9]
        prospect = queries.prospect(territory.id, siren)
        if prospect is None and queries.is_registered(territory.id, siren):
            raise _already_registered(territory)
        owner = account_queries.by_email(registration.contact.email)
        if owner is not None:
            messaging.post(
                emails.address_already_known(registration.identity.name, territory, owner, registration.request_key)
            )
            throttling.count_failure(*keys)
            return None
        try:
            with db.session.begin_nested():
                organization = _store(registration, commune, siren, prospect)
        except IntegrityError:  # the same structure, registered by a colleague at this very second
            raise _already_registered(territory) from None
        throttling.count_failure(*keys)
        return organization


def _store(
    registration: Registration, commune: Commune, siren: str, prospect: HostOrganization | None
) -> HostOrganization:
    """A new structure, or the one that an official list told of: what its people say of it replaces the list."""
    contact = registration.contact
    organization = prospect or HostOrganization(territory_id=commune.territory_id, siren=siren)
    former = organization.state if prospect else None
    organization.request_key = registration.request_key
    if prospect is not None:
        organization.state = TABLE.step(prospect.state, "enlist").target
    fill_identity(organization, registration.identity)
    siret = parse_siret(registration.place.siret)
    site = next((site for site in organization.sites if site.siret == siret), None) or HostSite(
        organization=organization
    )
    fill_place(site, registration.place, commune, fallback_name=registration.identity.name)
    db.session.add(organization)
    db.session.flush()
    user = accounts.register_host_account(contact.email, contact.name, contact.password or None, commune.territory_id)
    organization.members.append(HostMember(user=user, role=MemberRole.OWNER, job_title=contact.job_title))
    audit.record("host.register", organization, by=None, from_state=former, to_state=HostState.REGISTERED)
    territory = queries.territory(commune.territory_id)
    messaging.post(emails.registration_received(organization, territory, user))
    messaging.post_all(emails.to_verify(organization, person) for person in queries.coordinators(territory.id))
    return organization


def _registration_problems(registration: Registration, commune: Commune | None) -> dict[str, str]:
    problems = identity_problems(registration.identity)
    problems |= place_problems(registration.place, {commune.id: commune.point} if commune else {})
    contact = registration.contact
    if not contact.name:
        problems["contact_name"] = _("Écrivez votre prénom et votre nom.")
    if not contact.email:
        problems["email"] = _("Écrivez votre adresse e-mail.")
    if not registration.identity.phone:
        problems.setdefault("phone", _("Écrivez un numéro où l’on peut vous joindre."))
    if contact.password:
        about = (contact.email.partition("@")[0], registration.identity.name)
        weak = password_problem(contact.password, about=about)
        if weak:
            problems["password"] = weak
    return problems


def _already_registered(territory: Territory) -> Invalid:
    sentence = _(
        "Cette structure est déjà inscrite. Pour y avoir accès, écrivez à %(email)s : la coordination vous y ajoute.",
        email=territory.contact_email,
    )
    return Invalid(sentence, {"siret": sentence})
