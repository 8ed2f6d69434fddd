"""What importing a file would do, line by line: what is new, what changes, what is already there. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.directories.places import town_key
from app.directories.records import CommuneRecord, HostRecord, Left, Reading, SchoolRecord
from app.hosts.kinds import HostKind
from app.hosts.rules import OTHER_FORM
from app.hosts.states import HostState
from app.kernel.geography import Point, straight_km
from app.kernel.tabular import Remark
from app.schools.rosters.columns import plain

Values = Mapping[str, Any]
LABELS: Mapping[str, str] = {
    "name": _l("nom"),
    "address": _l("adresse"),
    "postcode": _l("code postal"),
    "commune": _l("commune"),
    "point": _l("emplacement"),
    "is_public": _l("public"),
    "priority_education": _l("éducation prioritaire"),
    "ips": _l("IPS"),
    "phone": _l("téléphone"),
    "email": _l("e-mail"),
    "kind": _l("genre"),
    "legal_form": _l("forme juridique"),
    "mission": _l("activité"),
    "employees": _l("salariés"),
    "values": _l("contenu"),
}
_COMMUNE_KM, _SCHOOL_KM, _HOST_KM = 3.0, 0.2, 0.05  # nearer than this, two points are one place


@dataclass(frozen=True, slots=True)
class KnownHost:
    """A structure already there; `sites`: the values of its places by SIRET."""

    state: HostState
    values: Values
    sites: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Known:
    """What the territory knows: communes by INSEE code, schools by UAI, structures by SIREN, entries by key."""

    communes: Mapping[str, Values] = field(default_factory=dict)
    schools: Mapping[str, Values] = field(default_factory=dict)
    hosts: Mapping[str, KnownHost] = field(default_factory=dict)
    references: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What one line does: `key` names the object, `new` what it becomes, `old` what stood there (updates only)."""

    line: int
    key: str
    title: str
    new: Values
    old: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    created: tuple[Change, ...] = ()
    updated: tuple[Change, ...] = ()
    unchanged: int = 0
    refused: tuple[Remark, ...] = ()
    left: tuple[Left, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        return not (self.created or self.updated)


class _Pile:
    def __init__(self) -> None:
        self.created: list[Change] = []
        self.updated: list[Change] = []
        self.unchanged = 0
        self.refused: list[Remark] = []
        self.left: Counter[str] = Counter()
        self.left_lines: dict[str, list[int]] = {}

    def put(self, line: int, key: str, title: str, new: Values, old: Values) -> None:
        """An update when something differs, else nothing to do."""
        if new:
            self.updated.append(Change(line, key, title, new, {name: old.get(name) for name in new}))
        else:
            self.unchanged += 1

    def leave(self, reason: str, line: int) -> None:
        self.left[reason] += 1
        lines = self.left_lines.setdefault(reason, [])
        if len(lines) < 5:
            lines.append(line)

    def plan(self) -> Plan:
        left = tuple(Left(reason, count, tuple(self.left_lines[reason])) for reason, count in self.left.items())
        return Plan(tuple(self.created), tuple(self.updated), self.unchanged, tuple(self.refused), left)


def plan(reading: Reading, known: Known) -> Plan:
    """Compare what a file says with what is known."""
    pile = _Pile()
    for commune in reading.communes:
        _commune(commune, known.communes.get(commune.insee), pile)
    for school in reading.schools:
        _school(school, known.schools.get(school.uai), pile)
    for host in reading.hosts:
        _host(host, known.hosts.get(host.siren), pile)
    for entry in reading.references:
        old, new = known.references.get(entry.key), dict(entry.values)
        if old is None:
            pile.created.append(Change(entry.line, entry.key, entry.key, {"values": new}))
        else:
            pile.put(entry.line, entry.key, entry.key, {} if old == new else {"values": new}, {"values": old})
    return pile.plan()


def _commune(record: CommuneRecord, known: Values | None, pile: _Pile) -> None:
    point = None if record.lat is None or record.lon is None else Point(record.lat, record.lon)
    if known is None:
        if not record.postcodes or point is None:
            pile.refused.append(Remark(record.line, "", record.name, _("il manque le code postal")))
            return
        new = {"name": record.name, "postcode": record.postcodes[0], "point": point}
        pile.created.append(Change(record.line, record.insee, record.name, new))
        return
    changes: dict[str, Any] = {}
    if town_key(record.name) != town_key(known["name"]) or _better_spelt(record.name, known["name"]):
        changes["name"] = record.name
    if record.postcodes and known["postcode"] not in record.postcodes:
        changes["postcode"] = record.postcodes[0]
    if point is not None and straight_km(point, known["point"]) > _COMMUNE_KM:
        changes["point"] = point
    pile.put(record.line, record.insee, known["name"], changes, known)


def _better_spelt(new: str, old: str) -> bool:
    """« Évin-Malmaison » for « EVIN MALMAISON » or « Evin-Malmaison »: never the other way."""
    if new.isupper() or plain(new) != plain(old):
        return False
    return old.isupper() or (old.isascii() and not new.isascii())


def _school(record: SchoolRecord, known: Values | None, pile: _Pile) -> None:
    said: dict[str, Any] = {
        "name": record.name,
        "address": record.address,
        "postcode": record.postcode,
        "commune": record.commune_insee,
        "is_public": record.is_public,
        "ips": record.ips,
        "phone": record.phone,
        "email": record.email,
    }
    said = {name: value for name, value in said.items() if value not in ("", None)}
    if record.priority_education is not None:
        said["priority_education"] = record.priority_education
    if record.lat is not None and record.lon is not None:
        said["point"] = Point(record.lat, record.lon)
    if known is None:
        if "name" not in said or "commune" not in said:
            pile.leave(_("établissement inconnu ici : importez d’abord un annuaire"), record.line)
            return
        pile.created.append(Change(record.line, record.uai, record.name, said))
        return
    if not record.detailed:
        said = {name: value for name, value in said.items() if name not in _DETAILS or known.get(name) in ("", None)}
    changes = {name: value for name, value in said.items() if not _same(known.get(name), value)}
    pile.put(record.line, record.uai, known["name"], changes, known)


_DETAILS = frozenset({"name", "address", "postcode", "point"})


def _same(old: object, new: object) -> bool:
    if isinstance(old, Point) and isinstance(new, Point):
        return straight_km(old, new) <= _SCHOOL_KM
    if isinstance(old, str) and isinstance(new, str):
        return plain(old) == plain(new) or old == new
    if isinstance(old, float) and isinstance(new, float):
        return abs(old - new) < 0.05
    return old == new


_VAGUE = frozenset({HostKind.AUTRE, HostKind.ASSOCIATION})


def _host(record: HostRecord, known: KnownHost | None, pile: _Pile) -> None:
    """Official lists fill what is empty in a structure to call; they never touch what a structure says of itself."""
    if known is None or (known.state is HostState.PROSPECT and record.siret not in known.sites):
        pile.created.append(Change(record.line, record.siret, record.name, {"address": record.address}))
        return
    site = known.sites.get(record.siret)
    if site is None:
        pile.leave(_("structure déjà inscrite : ce lieu est à lui demander"), record.line)
        return
    changes: dict[str, Any] = {}
    if known.state is HostState.PROSPECT:
        for name, said in (("mission", record.mission), ("phone", record.phone), ("employees", record.employees)):
            if said and not known.values.get(name):
                changes[name] = said
        if record.kind not in _VAGUE and known.values["kind"] in _VAGUE:
            changes["kind"] = record.kind
        if record.legal_form != OTHER_FORM and known.values["legal_form"] == OTHER_FORM:
            changes["legal_form"] = record.legal_form
        if record.address and not site["address"]:
            changes["address"] = record.address
        point = Point(record.lat, record.lon)
        if record.exact_point and site["is_centre"] and straight_km(point, site["point"]) > _HOST_KM:
            changes["point"] = point
    pile.put(record.line, record.siret, record.name, changes, {**known.values, **site})
