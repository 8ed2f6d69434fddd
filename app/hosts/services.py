"""The verbs of structures: register, edit, verify, refuse, suspend, restore."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.accounts import queries as account_queries
from app.accounts import services as accounts
from app.accounts import throttling
from app.accounts.rules import password_problem
from app.audit import services as audit
from app.campaigns.models import Commune, Territory
from app.hosts import emails, queries
from app.hosts.models import HostMember, HostOrganization, HostSite, MemberRole
from app.hosts.rules import (
    FOR_AGREEMENTS,
    Identity,
    Place,
    Registration,
    identity_problems,
    place_problems,
)
from app.hosts.states import TABLE, HostState
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Hidden, Invalid
from app.kernel.identifiers import parse_phone, parse_siret
from app.messaging import services as messaging

MAX_REASON = 500


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
        commune = _commune(registration.place)
        problems = _registration_problems(registration, commune)
        if problems or commune is None:
            raise Invalid(_("L’inscription est à compléter."), problems)
        territory = queries.territory(commune.territory_id)
        siren = (parse_siret(registration.place.siret) or "")[:9]
        if queries.is_registered(territory.id, siren):
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
                organization = _store(registration, commune, siren)
        except IntegrityError:  # the same structure, registered by a colleague at this very second
            raise _already_registered(territory) from None
        throttling.count_failure(*keys)
        return organization


def _store(registration: Registration, commune: Commune, siren: str) -> HostOrganization:
    contact = registration.contact
    organization = HostOrganization(
        territory_id=commune.territory_id, siren=siren, request_key=registration.request_key
    )
    _describe(organization, registration.identity)
    site = HostSite()
    _place(site, registration.place, commune, fallback_name=registration.identity.name)
    organization.sites.append(site)
    db.session.add(organization)
    db.session.flush()
    user = accounts.register_host_account(contact.email, contact.name, contact.password or None, commune.territory_id)
    organization.members.append(HostMember(user=user, role=MemberRole.OWNER, job_title=contact.job_title))
    audit.record("host.register", organization, by=None, to_state=HostState.REGISTERED)
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


def _commune(place: Place, territory_id: int | None = None) -> Commune | None:
    """The chosen commune; None when there is none, or when it lies in another territory than the one given."""
    commune = queries.commune(place.commune_id) if place.commune_id is not None else None
    if commune is None or territory_id not in (None, commune.territory_id):
        return None
    return commune


def _describe(organization: HostOrganization, identity: Identity) -> None:
    assert identity.kind is not None
    assert identity.family is not None
    organization.name = identity.name
    organization.kind = identity.kind
    organization.family = identity.family
    organization.legal_form = identity.legal_form
    organization.ess_sentence = identity.ess_sentence
    organization.mission = identity.mission
    organization.employees = identity.employees
    organization.phone = (parse_phone(identity.phone) or "") if identity.phone else ""
    organization.serves_alcohol = identity.serves_alcohol
    for name in FOR_AGREEMENTS:
        setattr(organization, name, getattr(identity, name))


def _place(site: HostSite, place: Place, commune: Commune, *, fallback_name: str) -> None:
    site.siret = parse_siret(place.siret) or ""
    site.name = place.name or fallback_name
    site.address = place.address
    site.commune_id = commune.id
    site.postcode = commune.postcode
    site.lat = commune.lat if place.lat is None else place.lat
    site.lon = commune.lon if place.lon is None else place.lon
    site.access = place.access


def describe(organization: HostOrganization, identity: Identity, *, by: Actor) -> None:
    """Change what the structure says of itself."""
    by.demand(Permission.HOST_EDIT, organization)
    with transaction():
        problems = identity_problems(identity)
        if problems:
            raise Invalid(_("La fiche est à compléter."), problems)
        _describe(organization, identity)
        if db.session.is_modified(organization):
            audit.record("host.describe", organization, by=by)


def add_site(organization: HostOrganization, place: Place, *, by: Actor) -> HostSite:
    """A further place of the structure. The same SIRET twice (a double click) is the same place."""
    by.demand(Permission.HOST_EDIT, organization)
    with transaction():
        row = _lock(organization)
        known = next((s for s in row.sites if s.siret == parse_siret(place.siret)), None)
        if known is not None and (known.name, known.address) == (place.name or row.name, place.address):
            return known
        site = HostSite(organization_id=row.id)
        _fill(site, place, row)
        db.session.add(site)
        audit.record("host.add_site", row, by=by, siret=site.siret)
        return site


def change_site(site: HostSite, place: Place, *, by: Actor) -> None:
    """Correct a place."""
    by.demand(Permission.HOST_EDIT, site)
    with transaction():
        organization = _lock(site.organization)
        _fill(site, place, organization)
        if db.session.is_modified(site):
            audit.record("host.change_site", organization, by=by, siret=site.siret)


def _fill(site: HostSite, place: Place, organization: HostOrganization) -> None:
    commune = _commune(place, organization.territory_id)
    problems = place_problems(place, {commune.id: commune.point} if commune else {}, siren=organization.siren)
    siret = parse_siret(place.siret)
    if "siret" not in problems and any(s.siret == siret and s is not site for s in organization.sites):
        problems["siret"] = _("Ce SIRET est déjà celui d’un autre de vos lieux. Modifiez plutôt ce lieu.")
    if "siret" not in problems and siret and organization.siren is None:
        if queries.is_registered(organization.territory_id, siret[:9]):
            problems["siret"] = _("Une autre structure est déjà inscrite sous ce numéro.")
        else:
            organization.siren = siret[:9]  # found by a student, who did not know it
    if problems or commune is None:
        raise Invalid(_("Le lieu est à compléter."), problems)
    _place(site, place, commune, fallback_name=organization.name)


def decide(organization: HostOrganization, action: str, *, by: Actor, reason: str = "") -> None:
    """Verify, refuse, suspend or restore a structure, and tell its people. A second identical call changes nothing."""
    transition = TABLE[action]
    by.demand(Permission(transition.permission), organization)
    reason = demanded_reason(reason) if transition.needs_reason else ""
    with transaction():
        row = _lock(organization)
        if row.state is transition.target and row.state_reason == reason:
            return
        former = row.state
        row.state = TABLE.step(former, action).target
        row.state_reason = reason
        audit.record(f"host.{action}", row, by=by, from_state=former, to_state=row.state, reason=reason)
        number = queries.last_entry("HostOrganization", row.id)
        territory = queries.territory(row.territory_id)
        messaging.post_all(
            emails.decision(action, row, territory, person, number) for person in queries.people_of(row.id)
        )


def demanded_reason(reason: str) -> str:
    """The reason, or `Invalid` on field `reason` when it is missing or too long."""
    reason = reason.strip()
    if not reason:
        sentence = _("Écrivez la raison : la structure la lira.")
    elif len(reason) > MAX_REASON:
        sentence = _("Ce texte est trop long : %(n)s caractères au plus.", n=MAX_REASON)
    else:
        return reason
    raise Invalid(sentence, {"reason": sentence})


def _lock(organization: HostOrganization) -> HostOrganization:
    row = locked(HostOrganization, organization.id)
    if row is None:
        raise Hidden(_("Cette structure n’existe plus."))
    return row
