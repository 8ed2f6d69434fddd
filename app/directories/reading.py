"""From a file to what it says: its family is recognised, each of its lines is read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.directories import company_search, sources
from app.directories.columns import Columns, Field, recognise
from app.directories.communes import CommuneReader
from app.directories.lines import Line, Reader
from app.directories.places import Land
from app.directories.records import (
    CommuneRecord,
    Family,
    HostRecord,
    Pile,
    Reading,
    ReferenceRecord,
    SchoolRecord,
)
from app.directories.references import ReferenceReader, rome_version
from app.directories.schools import SchoolReader
from app.directories.sources import Progress, Source, silent
from app.directories.structures import Gatherer, ListReader, SireneReader
from app.kernel.tabular import Cell, Remark, Unreadable


@dataclass(frozen=True, slots=True)
class Options:
    """What whoever imports says: `family` when the file does not announce itself, `group` the intermunicipal body of
    the territory (SIREN or name), `taken_for_ess` that every structure of the file is of the ESS."""

    family: Family | None = None
    group: str = ""
    with_lycees: bool = False
    taken_for_ess: bool = False


def read(source: Source, land: Land, options: Options | None = None, progress: Progress = silent) -> Reading:
    """Read a file for a territory. Nothing is written. Raises `Unreadable` when nothing at all could be read."""
    wanted = options or Options()
    if sources.is_json(source):
        return _from_document(sources.document(source), land, wanted)
    label = rome_version(source.head(2_048).decode("utf-8", errors="replace")) if source.size < 2_048 else None
    if label is not None and wanted.family in (None, Family.ROME_VERSION):
        return _reading(Family.ROME_VERSION, Pile(read=1, records=[label[0]], warnings=[label[1]]), ())
    columns: Columns | None = None
    reader: Reader | None = None
    rows = sources.rows(source, lambda row: recognise(row, wanted.family) is not None, progress)
    for number, row in enumerate(rows, start=1):
        if isinstance(row, sources.Broken):
            if reader is None or columns is None:
                raise Unreadable(_("La ligne %(line)s ne se lit pas : %(why)s.", line=row.line, why=row.reason))
            reader.pile.read += 1
            reader.pile.refuse(Remark(row.line, "", "", row.reason))
        elif reader is None or columns is None:
            columns = recognise(row, wanted.family)
            if columns is not None:
                reader = _reader(columns.family, land, wanted)
            elif number >= sources.HEADING_WITHIN:
                break
        else:
            reader.pile.read += 1
            reader.take(Line(row.line, row.cells, columns))
    if reader is None or columns is None:
        raise _unknown(wanted)
    reader.finish()
    if not reader.pile.read:
        raise Unreadable(_("Ce fichier a un titre et aucune ligne."))
    return _reading(columns.family, reader.pile, columns.told())


def _unknown(options: Options) -> Unreadable:
    if options.family is not None:
        return Unreadable(_("Ce fichier n’a pas les colonnes d’un fichier de ce genre."))
    return Unreadable(
        _("Aucun genre de fichier reconnu : la ligne de titres manque, ou ce fichier n’est pas un annuaire.")
    )


def _reader(family: Family, land: Land, options: Options) -> Reader:
    if family is Family.COMMUNES:
        return CommuneReader(land, options.group)
    if family is Family.SCHOOLS:
        return SchoolReader(land, with_lycees=options.with_lycees)
    if family is Family.SIRENE:
        return SireneReader(land, taken_for_ess=options.taken_for_ess)
    if family is Family.STRUCTURES:
        return ListReader(land, taken_for_ess=options.taken_for_ess)
    return ReferenceReader(family)


def _reading(family: Family, pile: Pile, columns: tuple[tuple[str, bool], ...]) -> Reading:
    return Reading(
        family=family,
        read=pile.read,
        columns=columns,
        communes=tuple(r for r in pile.records if isinstance(r, CommuneRecord)),
        schools=tuple(r for r in pile.records if isinstance(r, SchoolRecord)),
        hosts=tuple(r for r in pile.records if isinstance(r, HostRecord)),
        references=tuple(r for r in pile.records if isinstance(r, ReferenceRecord)),
        refused=tuple(pile.refused),
        repaired=tuple(pile.repaired),
        left=pile.told(),
        warnings=tuple(pile.warnings),
        refused_count=pile.refused_count,
        repaired_count=pile.repaired_count,
    )


# --- JSON -------------------------------------------------------------------------------------------------------------


def _from_document(document: Any, land: Land, options: Options) -> Reading:
    companies = company_search.results(document)
    if companies and options.family in (None, Family.COMPANY_SEARCH):
        gatherer = Gatherer(land, taken_for_ess=options.taken_for_ess)
        for claim in company_search.claims(companies):
            gatherer.pile.read += 1
            gatherer.gather(claim)
        gatherer.finish()
        if gatherer.pile.read:
            return _reading(Family.COMPANY_SEARCH, gatherer.pile, ())
    communes = _communes(document)
    if communes and options.family in (None, Family.COMMUNES):
        reader = CommuneReader(land, options.group)
        for number, commune in enumerate(communes, start=1):
            reader.pile.read += 1
            reader.take(Line(number, dict(enumerate(_commune_cells(commune))), _COMMUNE_COLUMNS))
        reader.finish()
        return _reading(Family.COMMUNES, reader.pile, ())
    raise Unreadable(_("Ce fichier JSON n’est ni une recherche d’entreprises, ni une liste de communes."))


# geo.api.gouv.fr
_GEO = {
    Field.INSEE: "code",
    Field.NAME: "nom",
    Field.POSTCODE: "codesPostaux",
    Field.LAT: "centre",
    Field.LON: "centre",
    Field.GROUP_CODE: "codeEpci",
}
_COMMUNE_COLUMNS = Columns(
    Family.COMMUNES, {of: index for index, of in enumerate(_GEO)}, dict(enumerate(_GEO.values()))
)


def _communes(document: Any) -> list[dict[str, Any]]:
    items = document if isinstance(document, list) else []
    return [item for item in items if isinstance(item, dict) and "nom" in item and "code" in item]


def _commune_cells(commune: Mapping[str, Any]) -> list[Cell]:
    centre = commune.get("centre")
    point = centre.get("coordinates") if isinstance(centre, dict) else None
    lon, lat = point if isinstance(point, list) and len(point) == 2 else (None, None)
    codes = commune.get("codesPostaux")
    written = "|".join(str(code) for code in codes) if isinstance(codes, list) else str(codes or "")
    said = (commune.get("code"), commune.get("nom"), written, lat, lon, commune.get("codeEpci"))
    return [value if isinstance(value, str | int | float) else None for value in said]
