"""From a file to what it says: its family is recognised, each of its lines is read once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from app.directories import company_search, items, packing, sources
from app.directories.columns import Columns, recognise
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
from app.kernel.tabular import Remark, Unreadable


@dataclass(frozen=True, slots=True)
class Options:
    """What whoever imports says: `family` when the file does not announce itself, `group` the intermunicipal body of
    the territory (SIREN or name), `taken_for_ess` that every structure of the file is of the ESS."""

    family: Family | None = None
    group: str = ""
    with_lycees: bool = False
    taken_for_ess: bool = False


def read(source: Source, land: Land, options: Options | None = None, progress: Progress = silent) -> Reading:
    """Read a file for a territory. Nothing is written. Raises `Unreadable` when nothing at all could be read, and on an
    archive of several files: one at a time is looked at and confirmed."""
    found = read_all(source, land, options, progress)
    if len(found) > 1:
        names = ", ".join(reading.member for reading in found)
        raise Unreadable(_("Cette archive a plusieurs fichiers : %(names)s. Sortez-en un, et déposez-le.", names=names))
    return found[0]


def read_all(
    source: Source, land: Land, options: Options | None = None, progress: Progress = silent
) -> tuple[Reading, ...]:
    """Read a file, or every file of an archive that is of a known family; `member` names each, a warning the others."""
    wanted = options or Options()
    inside = packing.members(source)
    if inside is None:
        return (_read(source, land, wanted, progress),)
    found: list[Reading] = []
    why: dict[str, Unreadable] = {}
    for member in inside:
        try:
            found.append(replace(_read(member, land, wanted, progress), member=member.name[:120]))
        except Unreadable as refusal:
            why[member.name[:120]] = refusal
    if not found:
        raise (
            next(iter(why.values()))
            if len(why) == 1
            else Unreadable(_("Aucun fichier de cette archive n’est d’un genre reconnu."))
        )
    if why:
        told = _("Non lus dans l’archive : %(names)s.", names=", ".join(list(why)[:20]))
        found[0] = replace(found[0], warnings=(*found[0].warnings, told))
    return tuple(found)


def _read(source: Source, land: Land, wanted: Options, progress: Progress) -> Reading:
    if sources.is_json(source):
        found = _from_documents(items.documents(source), land, wanted)
        progress(source.size, source.size)
        return found
    label = rome_version(source.head(2_048).decode("utf-8", errors="replace")) if source.size < 2_048 else None
    if label is not None and wanted.family in (None, Family.ROME_VERSION):
        progress(source.size, source.size)
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
    return _finished(reader, columns)


def _finished(reader: Reader, columns: Columns) -> Reading:
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


def _from_documents(documents: list[Any], land: Land, options: Options) -> Reading:
    companies = company_search.results(documents)
    if companies and options.family in (None, Family.COMPANY_SEARCH):
        gatherer = Gatherer(land, taken_for_ess=options.taken_for_ess)
        for claim in company_search.claims(companies):
            gatherer.pile.read += 1
            gatherer.gather(claim)
        gatherer.finish()
        if gatherer.pile.read:
            return _reading(Family.COMPANY_SEARCH, gatherer.pile, ())
    for table in items.tables(documents):
        heading = items.headings(table)
        columns = recognise(heading, options.family)
        if columns is None:
            continue
        reader = _reader(columns.family, land, options)
        names = {str(name): index for index, name in heading.cells.items()}
        for number, item in enumerate(table, start=1):
            reader.pile.read += 1
            reader.take(Line(number, items.cells(item, names), columns))
        return _finished(reader, columns)
    if options.family is not None:
        raise _unknown(options)
    raise Unreadable(_("Ce fichier JSON n’est d’aucun genre reconnu."))
