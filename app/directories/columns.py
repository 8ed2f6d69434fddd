"""Which family of file a heading line announces, and which of its columns are read: in any order, accents or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.directories.records import Family
from app.kernel.tabular import Row
from app.schools.rosters.columns import plain


class Field(StrEnum):
    UAI = "uai"
    SIRET = "siret"
    SIREN = "siren"
    INSEE = "insee"
    NAME = "name"
    BRAND = "brand"
    TYPE = "type"
    NATURE = "nature"
    SECTOR = "sector"
    ADDRESS = "address"
    STREET_NUMBER = "street_number"
    STREET_TYPE = "street_type"
    STREET_NAME = "street_name"
    POSTCODE = "postcode"
    CITY = "city"
    LAT = "lat"
    LON = "lon"
    STATE = "state"
    PRIORITY = "priority"
    IPS = "ips"
    PHONE = "phone"
    EMAIL = "email"
    KIND = "kind"
    LEGAL_FORM = "legal_form"
    ESS = "ess"
    MISSION = "mission"
    EMPLOYEES = "employees"
    YEAR = "year"
    DIFFUSION = "diffusion"
    GROUP_CODE = "group_code"
    GROUP_NAME = "group_name"
    KEY = "key"
    KEY_2 = "key_2"
    VALUE_1 = "value_1"
    VALUE_2 = "value_2"
    VALUE_3 = "value_3"
    VALUE_4 = "value_4"


_F = Field
Headings = Mapping[Field, tuple[str, ...]]

_SCHOOLS: Headings = {
    _F.UAI: (
        "identifiant de l etablissement",
        "numero uai",
        "uai",
        "code uai",
        "uai de l etablissement",
        "code etablissement",
        "numero d etablissement",
        "numero de l etablissement",
        "rne",
        "code rne",
    ),
    _F.NAME: (
        "nom etablissement",
        "appellation officielle",
        "nom de l etablissement",
        "nom de l etablissment",  # so written in the ministry's own file
        "denomination principale",
        "nom",
        "name",
    ),
    _F.TYPE: ("type etablissement", "type etab", "type d etablissement", "nature uai libe", "libelle nature", "nature"),
    _F.NATURE: ("code nature", "nature uai"),
    _F.SECTOR: ("statut public prive", "secteur public prive libe", "secteur", "sector"),
    _F.ADDRESS: ("adresse 1", "adresse uai", "adresse", "street"),
    _F.POSTCODE: ("code postal", "code postal uai", "postcode"),
    _F.CITY: ("nom commune", "libelle commune", "nom de la commune", "commune", "localite acheminement uai", "city"),
    _F.INSEE: ("code commune", "code insee", "code insee de la commune", "code commune insee", "insee"),
    _F.LAT: ("latitude", "lat"),
    _F.LON: ("longitude", "lon", "lng"),
    _F.STATE: ("etat", "etat etablissement libe", "etat etablissement"),
    _F.PRIORITY: (
        "appartenance education prioritaire",
        "zone ep",
        "rep",
        "rep 2022",
        "priority education",
        "education prioritaire",
        "ep",
    ),
    _F.IPS: ("ips", "ips 2023", "ips 2022", "ips de l etablissement"),
    _F.PHONE: ("telephone",),
    _F.EMAIL: ("mail", "e mail", "email"),
    _F.YEAR: ("rentree scolaire", "annee scolaire"),
}
_COMMUNES: Headings = {
    _F.INSEE: ("code insee", "insee", "code commune insee", "code commune", "com", "code"),
    _F.NAME: ("nom", "name", "nom commune", "nom de la commune", "libelle", "nom standard"),
    _F.POSTCODE: ("codes postaux", "code postal", "postcode", "codespostaux"),
    _F.LAT: ("lat laposte", "lat", "latitude", "lat centroid geojson", "latitude centre", "latitude mairie"),
    _F.LON: ("lon laposte", "lon", "longitude", "lon centroid geojson", "longitude centre", "longitude mairie"),
    _F.GROUP_CODE: ("epci code", "code epci", "epci"),
    _F.GROUP_NAME: ("epci nom", "nom epci"),
}
_STRUCTURES: Headings = {
    _F.SIRET: ("siret", "numero siret", "n siret"),
    _F.SIREN: ("siren",),
    _F.NAME: ("name", "nom", "raison sociale", "denomination", "nom de la structure", "structure"),
    _F.BRAND: ("brand", "enseigne", "nom d usage"),
    _F.KIND: ("kind", "type", "typologie", "type de structure", "type siae"),
    _F.LEGAL_FORM: ("categorie juridique", "forme juridique", "nature juridique", "code forme juridique"),
    _F.ADDRESS: ("address", "adresse", "address line 1", "adresse ligne 1"),
    _F.POSTCODE: ("post code", "code postal", "postcode"),
    _F.CITY: ("city", "ville", "commune", "nom commune", "libelle commune"),
    _F.INSEE: ("code insee", "code commune", "insee"),
    _F.LAT: ("lat", "latitude"),
    _F.LON: ("lon", "longitude", "lng"),
    _F.PHONE: ("telephone", "phone"),
    _F.MISSION: ("description", "presentation resume", "presentation"),
    _F.EMPLOYEES: ("effectif", "effectifs", "nombre de salaries"),
    _F.ESS: ("ess", "est ess"),
    _F.STATE: ("etat", "etat administratif"),
}
_SIRENE: Headings = {
    _F.SIRET: ("siret",),
    _F.SIREN: ("siren",),
    _F.NAME: (
        "denominationunitelegale",
        "denominationusuelleetablissement",
        "denominationusuelle1unitelegale",
        "enseigne1etablissement",
    ),
    _F.BRAND: ("enseigne1etablissement", "denominationusuelleetablissement"),
    _F.LEGAL_FORM: ("categoriejuridiqueunitelegale",),
    _F.ESS: ("economiesocialesolidaireunitelegale",),
    _F.STREET_NUMBER: ("numerovoieetablissement",),
    _F.STREET_TYPE: ("typevoieetablissement",),
    _F.STREET_NAME: ("libellevoieetablissement",),
    _F.POSTCODE: ("codepostaletablissement",),
    _F.CITY: ("libellecommuneetablissement",),
    _F.INSEE: ("codecommuneetablissement",),
    _F.STATE: ("etatadministratifetablissement",),
    _F.DIFFUSION: ("statutdiffusionetablissement", "statutdiffusionunitelegale"),
}

# What a family must have, each time one of several, and its columns.
_FAMILIES: Mapping[Family, tuple[tuple[frozenset[Field], ...], Headings]] = {
    Family.SIRENE: (
        (
            frozenset({_F.SIRET}),
            frozenset({_F.INSEE, _F.POSTCODE}),
            frozenset({_F.STATE, _F.STREET_NAME, _F.CITY}),
        ),
        _SIRENE,
    ),
    Family.SCHOOLS: (
        (frozenset({_F.UAI}), frozenset({_F.NAME, _F.IPS, _F.PRIORITY, _F.LAT})),
        _SCHOOLS,
    ),
    Family.STRUCTURES: (
        (
            frozenset({_F.SIRET}),
            frozenset({_F.NAME}),
            frozenset({_F.POSTCODE, _F.INSEE, _F.CITY}),
        ),
        _STRUCTURES,
    ),
    Family.RIASEC: (
        (frozenset({_F.KEY}), frozenset({_F.VALUE_1})),
        {_F.KEY: ("code rome",), _F.VALUE_1: ("riasec majeur",), _F.VALUE_2: ("riasec mineur",)},
    ),
    Family.INTEREST_LINKS: (
        (frozenset({_F.KEY}), frozenset({_F.KEY_2})),
        {
            _F.KEY: ("code centre interet",),
            _F.KEY_2: ("code rome",),
            _F.VALUE_1: ("principal",),
            _F.VALUE_2: ("libelle rome",),
        },
    ),
    Family.INTERESTS: (
        (frozenset({_F.KEY}), frozenset({_F.VALUE_1}), frozenset({_F.VALUE_2})),
        {
            _F.KEY: ("code centre interet",),
            _F.VALUE_1: ("libelle centre interet",),
            _F.VALUE_2: ("definition centre interet",),
        },
    ),
    Family.OCCUPATIONS: (
        (frozenset({_F.KEY}), frozenset({_F.VALUE_1})),
        {
            _F.KEY: ("code rome",),
            _F.VALUE_1: ("libelle rome",),
            _F.VALUE_2: ("code rome parent",),
            _F.VALUE_3: ("transition eco",),
            _F.VALUE_4: ("emploi reglemente",),
        },
    ),
    Family.ESS_OCCUPATIONS: (
        (frozenset({_F.KEY}), frozenset({_F.VALUE_3})),
        {
            _F.KEY: ("rome code", "code rome"),
            _F.VALUE_1: ("label rome v460", "label rome", "libelle rome"),
            _F.VALUE_2: ("riasec",),
            _F.VALUE_3: ("ess sector", "secteur ess"),
            _F.VALUE_4: ("typical host",),
        },
    ),
    Family.TYPOLOGIES: (
        (frozenset({_F.KEY}), frozenset({_F.VALUE_1})),
        {_F.KEY: ("value",), _F.VALUE_1: ("label",), _F.VALUE_2: ("description",)},
    ),
    Family.LEGAL_FORMS: (
        (frozenset({_F.KEY}), frozenset({_F.KEY_2}), frozenset({_F.VALUE_1})),
        {
            _F.KEY: ("input name",),
            _F.KEY_2: ("input code",),
            _F.VALUE_1: ("output name",),
            _F.VALUE_2: ("siae count",),
        },
    ),
    Family.OFFER_COUNTS: (
        (frozenset({_F.KEY}), frozenset({_F.KEY_2}), frozenset({_F.VALUE_1})),
        {_F.KEY: ("secteur",), _F.KEY_2: ("filiere",), _F.VALUE_2: ("public",), _F.VALUE_1: ("n", "nombre")},
    ),
    Family.HOLIDAYS: (
        (frozenset({_F.KEY}), frozenset({_F.VALUE_1}), frozenset({_F.VALUE_2})),
        {
            _F.KEY: ("name", "description"),
            _F.VALUE_1: ("first day off", "date de debut"),
            _F.VALUE_2: ("last day off", "date de fin"),
        },
    ),
    Family.COMMUNES: (
        (frozenset({_F.INSEE}), frozenset({_F.NAME})),
        _COMMUNES,
    ),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The heading line of a file: which cell holds which field, and what each column is called."""

    family: Family
    at: Mapping[Field, int]
    headings: Mapping[int, str]

    def heading(self, field: Field) -> str:
        return self.headings.get(self.at.get(field, -1), "")

    def told(self) -> tuple[tuple[str, bool], ...]:
        """Every heading, and whether its column is read."""
        read = set(self.at.values())
        return tuple((heading, index in read) for index, heading in sorted(self.headings.items()))


def recognise(row: Row, only: Family | None = None) -> Columns | None:
    """The family whose columns a line names best, or None when the line is no heading. `only`: the family is said."""
    best: Columns | None = None
    for family, (needed, headings) in _FAMILIES.items():
        if only not in (None, family):
            continue
        found = _found(row, headings)
        fits = all(found.keys() & alternatives for alternatives in needed)
        if fits and (best is None or len(found) > len(best.at)):
            best = Columns(family, found, {index: str(cell)[:80] for index, cell in row.cells.items()})
    return best


def _found(row: Row, headings: Headings) -> dict[Field, int]:
    meaning = {name: (field, rank) for field, names in headings.items() for rank, name in reversed([*enumerate(names)])}
    found: dict[Field, tuple[int, int]] = {}
    for index, cell in row.cells.items():
        field, rank = meaning.get(plain(cell), (None, 0))
        if field is not None and (field not in found or rank < found[field][0]):
            found[field] = (rank, index)
    return {field: index for field, (_rank, index) in found.items()}


def knows(family: Family) -> bool:
    """Whether files of this family are tables (and not JSON)."""
    return family in _FAMILIES
