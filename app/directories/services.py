"""Importing an official file: read, compared, then written in one transaction against what is known by then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from pydantic import TypeAdapter
from sqlalchemy import null, update

from app.access.actor import Actor
from app.access.policy import Permission
from app.audit import services as audit
from app.campaigns.models import Commune, Territory
from app.directories import planning, queries, reading
from app.directories.models import DirectoryImport, ReferenceEntry
from app.directories.places import Land, Town
from app.directories.planning import Known, KnownHost, Plan
from app.directories.reading import Options
from app.directories.records import HOSTS, REFERENCES, Family, HostRecord, Reading
from app.directories.sources import Progress, Source, silent
from app.hosts.models import HostOrganization, HostSite
from app.hosts.states import HostState
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.jobs import jobs
from app.kernel.tabular import Unreadable
from app.schools.models import School

KEPT_FOR = timedelta(days=1)
_READING = TypeAdapter(Reading)


def drop(source: Source, options: Options, *, by: Actor) -> DirectoryImport:
    """Read a file and keep what it says aside. Raises `Invalid` on `file` when nothing is read."""
    by.demand(Permission.DIRECTORY_IMPORT)
    if by.territory_id is None:
        raise Forbidden(_("Votre compte n’a pas de territoire."))
    try:
        found = reading.read(source, land_of(by.territory_id), options)
    except Unreadable as refusal:
        raise Invalid(str(refusal), {"file": str(refusal)}) from refusal
    with transaction():
        row = DirectoryImport(
            territory_id=by.territory_id,
            by_id=by.user_id,
            family=found.family,
            file_name=source.name[:120],
            reading=_READING.dump_python(found, mode="json"),
        )
        db.session.add(row)
        return row


def reading_of(row: DirectoryImport) -> Reading:
    if row.reading is None:
        raise Conflict(_("Ce fichier a déjà été enregistré, ou il a plus d’un jour. Déposez-le à nouveau."))
    return _READING.validate_python(row.reading)


def plan(row: DirectoryImport, *, by: Actor) -> Plan:
    """What the file would change now."""
    by.demand(Permission.DIRECTORY_IMPORT, row)
    return _plan(row.territory_id, reading_of(row))


def apply(row: DirectoryImport, *, by: Actor) -> Plan:
    """Do what the plan says: everything or nothing; the same file twice changes nothing.

    National tables are compared only: what every territory reads is imported by the command (`Forbidden`).
    """
    by.demand(Permission.DIRECTORY_IMPORT, row)
    if row.family in REFERENCES:
        raise Forbidden(_("Cette table est nationale : c’est l’exploitant qui l’enregistre, par la commande."))
    with transaction():
        territory = locked(Territory, row.territory_id)
        kept = locked(DirectoryImport, row.id)
        if kept is None or kept.reading is None or territory is None:
            raise Conflict(_("Ce fichier a déjà été enregistré, ou il a plus d’un jour. Déposez-le à nouveau."))
        done = _write(territory, reading_of(kept), by)
        kept.reading, kept.applied_at = None, clock.now()
        return done


def abandon(row: DirectoryImport, *, by: Actor) -> None:
    """Forget a file without applying it."""
    by.demand(Permission.DIRECTORY_IMPORT, row)
    with transaction():
        db.session.delete(row)


@jobs.every_minute
def forget_files() -> None:
    """Empty the files that nobody confirmed within a day."""
    with transaction():
        db.session.execute(
            update(DirectoryImport)
            .where(DirectoryImport.reading.is_not(None), DirectoryImport.created_at < clock.now() - KEPT_FOR)
            .values(reading=null())
        )


def import_file(
    territory: Territory, source: Source, options: Options, *, dry_run: bool, progress: Progress = silent
) -> list[tuple[Reading, Plan]]:
    """For the command, which holds every right: read, and unless `dry_run`, write. Raises `Unreadable`.

    A file is one reading, an archive as many as it has known files; all are written in one transaction.
    """
    readings = reading.read_all(source, land_of(territory.id), options, progress)
    if dry_run:
        return [(found, _plan(territory.id, found)) for found in readings]
    with transaction():
        held = locked(Territory, territory.id)
        assert held is not None
        done: list[tuple[Reading, Plan]] = []
        for found in readings:
            done.append((found, _write(held, found, None)))
            db.session.flush()
        return done


# --- what is known ----------------------------------------------------------------------------------------------------


def land_of(territory_id: int) -> Land:
    """The communes of a territory, as files may write them."""
    return Land(Town(c.insee, c.name, c.postcode, c.lat, c.lon) for c in queries.communes(territory_id))


def _plan(territory_id: int, found: Reading) -> Plan:
    return planning.plan(found, _known(territory_id, found.family))


def _known(territory_id: int, family: Family) -> Known:
    if family is Family.COMMUNES:
        return Known(communes={c.insee: _values(c, "name", "postcode") for c in queries.communes(territory_id)})
    if family is Family.SCHOOLS:
        return Known(
            schools={
                s.uai: _values(s, *_SCHOOL_FIELDS) | {"commune": s.commune.insee} for s in queries.schools(territory_id)
            }
        )
    if family in HOSTS:
        return Known(hosts={o.siren or "": _known_host(o) for o in queries.hosts(territory_id)})
    return Known(references=queries.entry_values(family))


_SCHOOL_FIELDS = ("name", "address", "postcode", "is_public", "priority_education", "ips", "phone", "email")
_HOST_FIELDS = ("mission", "phone", "employees", "kind", "legal_form")


def _values(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names} | {"point": row.point}


def _known_host(organization: HostOrganization) -> KnownHost:
    sites: dict[str, Mapping[str, Any]] = {
        site.siret or "": {"address": site.address, "point": site.point, "is_centre": site.point == site.commune.point}
        for site in organization.sites
        if site.commune is not None
    }
    return KnownHost(organization.state, {name: getattr(organization, name) for name in _HOST_FIELDS}, sites)


# --- writing ----------------------------------------------------------------------------------------------------------


def _write(territory: Territory, found: Reading, by: Actor | None) -> Plan:
    done = _plan(territory.id, found)
    if done.changes_nothing:
        return done
    if found.family is Family.COMMUNES:
        _write_communes(territory.id, done)
    elif found.family is Family.SCHOOLS:
        _write_schools(territory.id, done, by)
    elif found.family in HOSTS:
        _write_hosts(territory.id, done, {record.siret: record for record in found.hosts}, by)
    else:
        _write_entries(found.family, done)
    audit.record(
        "directory.import",
        territory,
        by=by,
        family=found.family.value,
        created=len(done.created),
        updated=len(done.updated),
        unchanged=done.unchanged,
    )
    return done


def _set(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name == "point":
            row.lat, row.lon = value.lat, value.lon
        elif name != "commune":
            setattr(row, name, value)


def _write_communes(territory_id: int, done: Plan) -> None:
    known = {c.insee: c for c in queries.communes(territory_id)}
    for change in done.created:
        commune = Commune(territory_id=territory_id, insee=change.key)
        _set(commune, change.new)
        db.session.add(commune)
    for change in done.updated:
        _set(known[change.key], change.new)


def _write_schools(territory_id: int, done: Plan, by: Actor | None) -> None:
    communes = {c.insee: c for c in queries.communes(territory_id)}
    known = {s.uai: s for s in queries.schools(territory_id)}
    for change in done.created:
        commune = communes[change.new["commune"]]
        school = School(
            territory_id=territory_id,
            uai=change.key,
            commune=commune,
            postcode=commune.postcode,
            lat=commune.lat,
            lon=commune.lon,
        )
        _set(school, change.new)
        db.session.add(school)
        audit.record("school.create", school, by=by)
    for change in done.updated:
        _set(known[change.key], change.new)
        if "commune" in change.new:
            known[change.key].commune = communes[change.new["commune"]]


def _write_hosts(territory_id: int, done: Plan, records: Mapping[str, HostRecord], by: Actor | None) -> None:
    communes = {c.insee: c for c in queries.communes(territory_id)}
    known = {o.siren: o for o in queries.hosts(territory_id)}
    for change in done.created:
        record = records[change.key]
        organization = known.get(record.siren)
        if organization is None:
            organization = known[record.siren] = _prospect(territory_id, record, by)
        organization.sites.append(
            HostSite(
                commune=communes[record.commune_insee],
                siret=record.siret,
                name=record.site_name,
                address=record.address,
                postcode=record.postcode,
                lat=record.lat,
                lon=record.lon,
            )
        )
    for change in done.updated:
        organization = known[change.key[:9]]
        assert organization is not None
        site = next(site for site in organization.sites if site.siret == change.key)
        _set(site, {name: value for name, value in change.new.items() if name in {"address", "point"}})
        _set(organization, {name: value for name, value in change.new.items() if name in _HOST_FIELDS})


def _prospect(territory_id: int, record: HostRecord, by: Actor | None) -> HostOrganization:
    """A structure to call: nobody sees it but the coordination, until somebody there says yes."""
    organization = HostOrganization(
        territory_id=territory_id,
        siren=record.siren,
        name=record.name,
        legal_form=record.legal_form,
        family=record.family,
        kind=record.kind,
        mission=record.mission,
        phone=record.phone,
        employees=record.employees,
        state=HostState.PROSPECT,
    )
    db.session.add(organization)
    audit.record("host.list", organization, by=by, to_state=HostState.PROSPECT)
    return organization


def _write_entries(family: Family, done: Plan) -> None:
    known = queries.entries(family)
    now = clock.now()
    for change in done.created:
        db.session.add(ReferenceEntry(family=family, key=change.key, values=change.new["values"], imported_at=now))
    for change in done.updated:
        known[change.key].values, known[change.key].imported_at = change.new["values"], now
