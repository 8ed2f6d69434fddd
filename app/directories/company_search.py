"""The JSON of the State's company search (recherche-entreprises): places under their companies. Its directors are
never read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.directories.headings import Field
from app.directories.structures import Claim
from app.kernel.tabular import Cell

_HEADINGS: Mapping[Field, str] = {
    Field.SIRET: "siret",
    Field.SIREN: "siren",
    Field.NAME: "nom_raison_sociale",
    Field.BRAND: "liste_enseignes",
    Field.INSEE: "commune",
    Field.CITY: "libelle_commune",
    Field.POSTCODE: "code_postal",
    Field.ADDRESS: "adresse",
    Field.LAT: "latitude",
    Field.LON: "longitude",
    Field.KIND: "type_siae",
    Field.LEGAL_FORM: "nature_juridique",
}


def results(documents: list[Any]) -> list[dict[str, Any]]:
    """The companies of an answer, of several pages of answers, or of a bare list; empty when it is something else."""
    found: list[dict[str, Any]] = []
    for value in documents:
        for page in value if isinstance(value, list) else [value]:
            inside = page.get("results", [page]) if isinstance(page, dict) else None
            companies = [item for item in inside if isinstance(item, dict)] if isinstance(inside, list) else []
            if any("siege" in item or "matching_etablissements" in item for item in companies):
                found += companies
    return found


def claims(companies: list[dict[str, Any]]) -> Iterator[Claim]:
    """One claim per place; a seat that is told again among the matching places counts once."""
    for number, company in enumerate(companies, start=1):
        places = [company.get("siege"), *_list(company.get("matching_etablissements"))]
        seen: set[str] = set()
        for place in places:
            if isinstance(place, dict) and str(place.get("siret")) not in seen:
                seen.add(str(place.get("siret")))
                yield _claim(number, company, place)


def _claim(number: int, company: dict[str, Any], place: dict[str, Any]) -> Claim:
    complements = company.get("complements")
    more = complements if isinstance(complements, dict) else {}
    kinds, brands = _list(more.get("type_siae")), _list(place.get("liste_enseignes"))
    said: dict[Field, Any] = {
        Field.SIRET: place.get("siret"),
        Field.SIREN: company.get("siren"),
        Field.NAME: company.get("nom_raison_sociale") or company.get("nom_complet"),
        Field.BRAND: brands[0] if brands else place.get("nom_commercial"),
        Field.INSEE: place.get("commune"),
        Field.CITY: place.get("libelle_commune"),
        Field.POSTCODE: place.get("code_postal"),
        Field.ADDRESS: place.get("adresse"),
        Field.LAT: place.get("latitude"),
        Field.LON: place.get("longitude"),
        Field.KIND: kinds[0] if kinds else None,
        Field.LEGAL_FORM: company.get("nature_juridique"),
    }
    states = {str(company.get("etat_administratif", "A")).upper(), str(place.get("etat_administratif", "A")).upper()}
    diffusion = {
        str(company.get("statut_diffusion", "O")).upper(),
        str(place.get("statut_diffusion_etablissement", "O")).upper(),
    }
    flag = True if more.get("est_siae") is True else more.get("est_ess")  # those of insertion are of the ESS by right
    return Claim(
        line=number,
        cells={of: _cell(value) for of, value in said.items()},
        headings=_HEADINGS,
        flag=flag if isinstance(flag, bool) else None,
        closed=bool(states & {"C", "F"}),
        hidden=bool(diffusion & {"P", "N"}),
    )


def _cell(value: Any) -> Cell:
    return value if isinstance(value, str | int | float) else None


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, list) else []
