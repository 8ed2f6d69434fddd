"""What a structure says of itself and of its places."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.campaigns.models import Commune
from app.hosts import queries
from app.hosts.models import HostOrganization, HostSite
from app.hosts.rules import FOR_AGREEMENTS, Identity, Place, identity_problems, place_problems
from app.hosts.services.deciding import lock
from app.kernel.database import db, transaction
from app.kernel.errors import Invalid
from app.kernel.identifiers import parse_phone, parse_siret


def commune_of(place: Place, territory_id: int | None = None) -> Commune | None:
    """The chosen commune; None when there is none, or when it lies in another territory than the one given."""
    commune = queries.commune(place.commune_id) if place.commune_id is not None else None
    if commune is None or territory_id not in (None, commune.territory_id):
        return None
    return commune


def fill_identity(organization: HostOrganization, identity: Identity) -> None:
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


def fill_place(site: HostSite, place: Place, commune: Commune, *, fallback_name: str) -> None:
    site.siret = parse_siret(place.siret) or ""
    site.name = place.name or fallback_name
    site.address = place.address
    site.commune_id, site.other_town = commune.id, ""
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
        fill_identity(organization, identity)
        if db.session.is_modified(organization):
            audit.record("host.describe", organization, by=by)


def add_site(organization: HostOrganization, place: Place, *, by: Actor) -> HostSite:
    """A further place of the structure. The same SIRET twice (a double click) is the same place."""
    by.demand(Permission.HOST_EDIT, organization)
    with transaction():
        row = lock(organization)
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
        organization = lock(site.organization)
        _fill(site, place, organization)
        if db.session.is_modified(site):
            audit.record("host.change_site", organization, by=by, siret=site.siret)


def _fill(site: HostSite, place: Place, organization: HostOrganization) -> None:
    commune = commune_of(place, organization.territory_id)
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
    fill_place(site, place, commune, fallback_name=organization.name)
