"""What official files call the columns that are read: every name under which a field was seen, best first."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.directories.records import Family


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
    PAIR = "pair"  # latitude and longitude in one cell
    X = "x"  # Lambert-93, metres
    Y = "y"
    STATE = "state"
    PRIORITY = "priority"
    IPS = "ips"
    PHONE = "phone"
    EMAIL = "email"
    KIND = "kind"
    LEGAL_FORM = "legal_form"
    FAMILY = "family"
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

_POINT: Headings = {
    _F.LAT: ("latitude", "lat", "y latitude", "lat wgs84", "geo lat"),
    _F.LON: ("longitude", "lon", "lng", "long", "x longitude", "lon wgs84", "geo lon"),
    _F.PAIR: (
        *("position", "coordonnees gps", "coordonnees geographiques", "coordonnees", "geo point 2d", "geopoint"),
        *("geolocalisation", "geo point", "localisation gps", "wgs84"),
    ),
    _F.X: ("coordonnee x", "coordx origine", "coord x", "x", "coordonneelambertabscisseetablissement"),
    _F.Y: ("coordonnee y", "coordy origine", "coord y", "y", "coordonneelambertordonneeetablissement"),
}
_SCHOOLS: Headings = {
    **_POINT,
    _F.UAI: (
        *("identifiant de l etablissement", "numero uai", "uai", "code uai", "uai de l etablissement"),
        *("code etablissement", "numero d etablissement", "numero de l etablissement", "rne", "code rne"),
        *("uai etablissement", "identifiant uai", "numero uai de l etablissement"),
    ),
    _F.NAME: (
        *("nom etablissement", "appellation officielle", "nom de l etablissement", "nom de l etablissment"),
        *("denomination principale", "patronyme uai", "patronyme", "libelle etablissement"),
        *("libelle de l etablissement", "etablissement", "nom", "name"),
    ),
    _F.TYPE: ("type etablissement", "type etab", "type d etablissement", "nature uai libe", "libelle nature", "nature"),
    _F.NATURE: ("code nature", "nature uai"),
    _F.SECTOR: (
        *("statut public prive", "secteur public prive libe", "secteur public prive"),
        *("secteur d enseignement", "secteur", "sector", "statut"),
    ),
    _F.ADDRESS: ("adresse 1", "adresse uai", "adresse", "street"),
    _F.POSTCODE: ("code postal", "code postal uai", "postcode", "cp"),
    _F.CITY: (
        *("nom commune", "libelle commune", "libelle de la commune", "nom de la commune", "commune"),
        *("localite acheminement uai", "localite d acheminement", "localite", "ville", "city"),
    ),
    _F.INSEE: (
        *("code commune", "code insee", "code insee de la commune", "code commune insee"),
        *("code insee commune", "code de la commune", "insee"),
    ),
    _F.STATE: ("etat etablissement libe", "etat etablissement", "etat"),
    _F.PRIORITY: (
        *("appartenance education prioritaire", "zone ep", "rep", "priority education"),
        *("education prioritaire", "ep", "label ep", "type ep", "rep rep"),
    ),
    _F.IPS: ("ips", "ips de l etablissement", "indice de position sociale", "ips ensemble"),
    _F.PHONE: ("telephone", "numero de telephone", "tel"),
    _F.EMAIL: ("mail", "e mail", "email", "courriel"),
    _F.YEAR: ("rentree scolaire", "annee scolaire"),
}
_COMMUNES: Headings = {
    _F.INSEE: (
        *("code insee", "insee", "code commune insee", "code insee commune", "code commune", "insee com", "codgeo"),
        *("com", "code"),
    ),
    _F.NAME: (
        *("nom standard", "nom commune complet", "nom commune postal", "nom commune", "nom de la commune", "nom com"),
        *("libelle commune", "libgeo", "libelle", "nom", "nccenr", "name", "commune"),
    ),
    _F.TYPE: ("typecom",),
    _F.POSTCODE: ("codes postaux", "code postal", "postcode", "codespostaux", "cp"),
    _F.LAT: ("lat laposte", "lat", "latitude", "lat centroid geojson", "latitude centre", "latitude mairie"),
    _F.LON: ("lon laposte", "lon", "longitude", "lon centroid geojson", "longitude centre", "longitude mairie"),
    _F.PAIR: _POINT[_F.PAIR],
    _F.GROUP_CODE: ("epci code", "code epci", "codeepci", "epci", "siren epci"),
    _F.GROUP_NAME: ("epci nom", "nom epci", "libepci", "libelle epci"),
}
_STRUCTURES: Headings = {
    **_POINT,
    _F.SIRET: (
        *("siret", "numero siret", "n siret", "no siret", "code siret", "siret etablissement"),
        *("siret de l etablissement", "siret siege", "siret du siege"),
    ),
    _F.SIREN: ("siren", "numero siren", "n siren"),
    _F.NAME: (
        *("name", "nom", "raison sociale", "denomination", "denomination sociale", "nom de la structure", "structure"),
        *("nom structure", "denomination usuelle", "nom entreprise", "nom de l entreprise", "nom raison sociale"),
        *("raison sociale nom", "denomination unite legale", "nom complet", "libelle"),
    ),
    _F.BRAND: ("brand", "enseigne", "nom d usage", "nom usuel", "nom commercial"),
    _F.KIND: ("kind", "type", "typologie", "type de structure", "type structure", "type siae", "categorie siae"),
    _F.LEGAL_FORM: (
        *("categorie juridique", "code categorie juridique", "code forme juridique", "nature juridique"),
        *("forme juridique", "statut juridique", "libelle categorie juridique", "libelle forme juridique"),
        "legal form",
    ),
    _F.FAMILY: ("famille ess", "famille juridique", "famille de l ess", "famille"),
    _F.ADDRESS: (
        *("address", "adresse", "address line 1", "adresse ligne 1", "addresse ligne 1", "adresse 1"),
        *("adresse postale", "voie", "rue"),
    ),
    _F.POSTCODE: ("post code", "code postal", "postcode", "codepostal", "cp"),
    _F.CITY: ("city", "ville", "commune", "nom commune", "nom de la commune", "libelle commune", "localite"),
    _F.INSEE: (
        *("code insee", "code commune", "code commune insee", "code insee commune", "code insee de la commune"),
        *("insee", "city insee code", "insee code"),
    ),
    _F.PHONE: ("telephone", "phone", "tel", "numero de telephone"),
    _F.MISSION: ("description", "presentation resume", "presentation", "presentation detail", "activite", "objet"),
    _F.EMPLOYEES: ("effectif", "effectifs", "nombre de salaries", "nb salaries", "salaries"),
    _F.ESS: (
        *("ess", "est ess", "ess o n", "ess oui non", "appartenance ess", "appartenance a l ess", "is ess"),
        *("economie sociale et solidaire", "economie sociale solidaire", "caractere ess", "ess flag"),
    ),
    _F.STATE: ("etat administratif", "etat", "etat etablissement"),
    _F.DIFFUSION: ("statut diffusion", "statut de diffusion"),
}
_SIRENE: Headings = {
    **_POINT,
    _F.SIRET: ("siret",),
    _F.SIREN: ("siren",),
    _F.NAME: (
        *("denominationunitelegale", "denominationusuelleetablissement", "denominationusuelle1unitelegale"),
        *("enseigne1etablissement",),
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
FAMILIES: Mapping[Family, tuple[tuple[frozenset[Field], ...], Headings]] = {
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
        (frozenset({_F.KEY}), frozenset({_F.VALUE_1})),
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
            _F.KEY_2: ("code ogr appellation", "code appellation", "code ogr"),
            _F.VALUE_1: (
                *("libelle rome", "libelle appellation court", "libelle appellation long"),
                *("libelle appellation",),
            ),
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
