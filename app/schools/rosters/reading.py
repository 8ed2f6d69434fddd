"""From the files that a teacher drops to the students they name, with all that was mended, refused or left aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from flask_babel import gettext as _

from app.kernel import tabular
from app.kernel.tabular import Unreadable
from app.schools.rosters import bee, lines, tables
from app.schools.rosters.columns import Column, Field, why_not_read
from app.schools.rosters.roster import Pile, Roster

MAX_TABLES = 60  # sheets and files of one list: a class each, of a large school


def read(files: Sequence[tuple[str, bytes]], today: date) -> Roster:
    """The students named by `files` (name, content): tables, or BEE files (students, and guardians beside).

    Raises `Unreadable`, with a sentence, when nothing can be read.
    """
    documents = list(_documents(files))
    markup = [(name, data) for name, data in documents if bee.is_markup(data)]
    pile = Pile()
    if markup:
        roster = _from_bee(markup, today, pile)
        unread = [name for name, data in documents if not bee.is_markup(data)]
    else:
        roster, unread = _from_tables(documents, today, pile)
    warnings = (*roster.warnings, *(_("« %(name)s » n’est pas une liste : non lu.", name=name) for name in unread))
    return replace(roster, warnings=warnings)


def _documents(files: Iterable[tuple[str, bytes]], within: int = 0) -> Iterator[tuple[str, bytes]]:
    """The files, and those inside archives (and inside archives of archives), without what systems add to them."""
    number = 0
    for name, data in files:
        if len(data) > tabular.MAX_BYTES:
            tabular.open_table(data)  # says that it is too big
        if data.startswith(b"PK") and not tabular.is_workbook(data):
            if within > 1:
                raise Unreadable(_("Cette archive en contient d’autres. Déposez les fichiers eux-mêmes."))
            yield from _documents([pair for pair in tabular.unpack(data) if not _of_the_system(pair[0])], within + 1)
        else:
            yield name, data
        number += 1
    if not number:
        raise Unreadable(_("Cette archive est vide.") if within else _("Choisissez un fichier."))


def _of_the_system(name: str) -> bool:
    base = name.rpartition("/")[2]
    return name.startswith("__MACOSX") or base.startswith((".", "~$")) or base.lower() in {"thumbs.db", "desktop.ini"}


def _from_tables(documents: Sequence[tuple[str, bytes]], today: date, pile: Pile) -> tuple[Roster, list[str]]:
    """The list, and the names of what could not be read beside it. Raises `Unreadable` when nothing could."""
    opened: list[tuple[str, tabular.Table]] = []
    unread: list[str] = []
    refusals: list[Unreadable] = []
    for name, data in documents:
        try:
            sheets = tabular.open_tables(data)
        except Unreadable as refusal:
            refusals.append(refusal)
            unread.append(name)
            continue
        opened += [(sheet.detail if sheet.kind != "csv" else name, sheet) for sheet in sheets]
    if len(opened) > MAX_TABLES:
        raise Unreadable(
            _("Ces fichiers ont plus de %(most)s feuilles : déposez-les en plusieurs fois.", most=MAX_TABLES)
        )
    columns: dict[tuple[str, Field | None], Column] = {}
    kinds: list[str] = []
    for name, table in opened:
        try:
            found = tables.take(table, pile, today, name, len(opened) > 1)
        except tables.NoHeadings as refusal:
            if len(opened) == 1 or next(iter(table.rows()), None) is not None:
                refusals.append(refusal)
                unread.append(name)
            continue
        if pile.read > tabular.MAX_ROWS:
            raise Unreadable(_("Ces feuilles ont plus de %(most)s lignes : déposez-en moins.", most=tabular.MAX_ROWS))
        kinds.append(f"{table.kind} ({table.detail})")
        columns.update(((column.heading, column.field), column) for column in found)
    if not kinds:
        raise refusals[0] if refusals else Unreadable(_("Ce fichier est vide."))
    if not pile.read:
        raise Unreadable(_("Ce fichier n’a que des titres de colonnes, aucun élève."))
    return pile.roster(", ".join(kinds[:4]), columns.values()), unread


def _from_bee(markup: Sequence[tuple[str, bytes]], today: date, pile: Pile) -> Roster:
    content = bee.read(data for _name, data in markup)
    if not content.students:
        raise Unreadable(
            _("Ce fichier XML n’a aucun élève. Choisissez « ElevesSansAdresses » ou « ElevesAvecAdresses ».")
        )
    columns = [Column(index, tag, field) for index, (tag, field) in enumerate(bee.READ)]
    by_field: dict[Field | None, Column] = {column.field: column for column in columns}
    columns += [
        Column(index, tag, None, why_not_read(tag))
        for index, tag in enumerate(sorted(content.unread), start=len(columns))
    ]
    pile.warnings.extend(content.warnings)
    for student in content.students:
        lines.take(lines.Line(student.line, student.cells, by_field, today, pile, student.source_id))
    return pile.roster("XML (BEE)", columns)
