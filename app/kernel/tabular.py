"""Tables as people really export them (CSV of any kind, .xlsx, .xls, .ods), read line by line within limits of size.

A caller looks at the first lines, chooses columns, and only these are kept: what it did not ask for is never stored.
"""

from __future__ import annotations

import csv
import io
import itertools
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

from flask_babel import gettext as _

from app.kernel import opendocument, workbooks
from app.kernel.cells import MAX_CELL, MAX_COLUMNS, Cell, Formula, Unreadable
from app.kernel.encodings import code_page, marked, undoubled

__all__ = ["MAX_CELL", "MAX_COLUMNS", "Cell", "Formula", "Unreadable"]
MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 60 * 1024 * 1024
MAX_SHARED = 12 * 1024 * 1024  # the texts of a workbook, which openpyxl holds all at once, in eight times their size
MAX_RATIO = 200
MAX_ROWS = 20_000


# What zipfile and the decompressors behind it raise on a damaged archive.
BROKEN = (
    *(RuntimeError, OSError, ValueError, EOFError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is the number which the person sees in the file, from 1. Empty cells are left out of `cells`."""

    line: int
    cells: dict[int, Cell]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to tell about a line: `column` is the heading in the file, `value` what stands there."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """`kind`: csv, xlsx, xls or ods; `detail`: encoding and separator, or the sheet's name; `source` its lines."""

    kind: str
    detail: str
    source: Callable[[], Iterator[tuple[int, list[Cell]]]]

    def rows(self, columns: Collection[int] | None = None, most: int = MAX_ROWS) -> Iterator[Row]:
        """The rows that are not empty, with the asked columns only. Raises `Unreadable` when a limit is passed."""
        for number, (line, cells) in enumerate(self.source(), start=1):
            if number > most:
                raise Unreadable(_("Ce fichier a plus de %(most)s lignes : coupez-le.", most=most))
            if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
                raise Unreadable(
                    f"La ligne {line} a plus de {MAX_COLUMNS} colonnes : ce n’est pas un tableau d’élèves."
                )
            kept = {
                index: _trimmed(cell)
                for index, cell in enumerate(cells)
                if (columns is None or index in columns) and cell is not None and cell != ""
            }
            yield Row(line, {index: cell for index, cell in kept.items() if cell != ""})


def open_table(data: bytes) -> Table:
    """The first table of a file. Raises `Unreadable`."""
    return open_tables(data)[0]


def open_tables(data: bytes) -> list[Table]:
    """The tables of a file: one, or the sheets of a workbook that are not hidden; at least one.

    The format is recognised by the content, never by the name. Raises `Unreadable`.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"Ce fichier dépasse {MAX_BYTES // 1024 // 1024} Mo. Exportez seulement les classes concernées."
        )
    if not data.strip(b"\x00\t\r\n "):
        raise Unreadable(_("Ce fichier est vide."))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return [Table("xls", name, rows) for name, rows in workbooks.xls(data)]
    if data.startswith(b"PK"):
        if _is_opendocument(data):
            content = dict(unpack(data))[opendocument.CONTENT]
            return [Table("ods", name, rows) for name, rows in opendocument.sheets(content)]
        _demand_few_texts(data)
        return [Table("xlsx", name, rows) for name, rows in workbooks.xlsx(data)]
    if data.startswith(b"%PDF"):
        raise Unreadable(_("C’est un PDF. Choisissez l’export en tableur (CSV ou Excel)."))
    if data[:512].lstrip().lower().startswith((b"<!doctype html", b"<html", b"<table")):
        raise Unreadable(_("C’est une page web enregistrée, pas un tableur. Exportez en CSV ou en Excel."))
    text, encoding = decode(data)
    return [Table("csv", f"{encoding}, {_SEPARATORS[separator(_unwrapped(text))]}", partial(_csv_rows, data))]


def unpack(data: bytes) -> list[tuple[str, bytes]]:
    """The files of a zip archive. Raises `Unreadable` on a bomb, an encrypted or a broken archive."""
    archive = _archive(data)
    try:
        return [(info.filename, archive.read(info)) for info in archive.infolist() if not info.is_dir()]
    except BROKEN as error:
        raise Unreadable(_("Cette archive est abîmée ou protégée par un mot de passe.")) from error


def is_workbook(data: bytes) -> bool:
    """Whether a zip archive is one document of an office (.xlsx, .ods…) rather than a folder of files."""
    return "[Content_Types].xml" in _archive(data).namelist() or _is_opendocument(data)


def _is_opendocument(data: bytes) -> bool:
    names = _archive(data).namelist()
    if "Index/Document.iwa" in names or "Index.zip" in names:
        raise Unreadable(_("C’est un document Numbers. Exportez-le en CSV ou en Excel : Fichier, Exporter vers."))
    if "word/document.xml" in names:
        raise Unreadable(_("C’est un document Word. Copiez le tableau dans un tableur, puis exportez en CSV."))
    return "mimetype" in names and opendocument.CONTENT in names


def decode(data: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, else UTF-8 (written once or twice), else by its French letters."""
    found = marked(data)
    if found is not None:
        try:
            return found[1].decode(found[0]), found[0].upper().removesuffix("-LE").removesuffix("-BE")
        except UnicodeDecodeError as error:
            raise Unreadable(_("Ce fichier est coupé ou abîmé. Exportez-le à nouveau.")) from error
    data = data.rstrip(b"\x00\x1a")  # what old programs end a file with
    if b"\x00" in data:
        raise Unreadable(_("Ce n’est ni un tableur ni un fichier texte. Exportez en CSV, en Excel ou en XML."))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        page = code_page(data)
        return data.decode(page, errors="replace"), _CODE_PAGES[page]
    mended = undoubled(text)
    return mended, "UTF-8" if mended is text else _("UTF-8 écrit deux fois")


_CODE_PAGES = {"cp1252": "Windows-1252", "iso8859-15": "ISO-8859-15", "mac-roman": "Mac Roman", "cp850": "DOS 850"}
_FIRST_SIGNS = 200_000
_SEPARATORS = {";": "point-virgule", "\t": "tabulation", ",": "virgule", "|": "barre verticale"}


def separator(text: str) -> str:
    """The separator that cuts the first lines most evenly; a semicolon when nothing cuts."""
    lines = [line for line in itertools.islice(io.StringIO(text[:_FIRST_SIGNS]), 20) if line.strip()]

    def evenness(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        common = max(set(counts), key=counts.count) if counts else 0
        return (counts.count(common) if common else 0, common)

    return max(_SEPARATORS, key=evenness)


_WRAPPED = re.compile(r'\s*"(?:[^"]|"")*[;\t](?:[^"]|"")*"\s*')


def _unwrapped(text: str) -> str:
    """Lines that were each put between quotation marks as one cell (« "Nom;Prénom;Classe" »), as they were before."""
    first = [line for line in itertools.islice(io.StringIO(text[:_FIRST_SIGNS]), 20) if line.strip()]
    if len(first) < 2 or not all(map(_WRAPPED.fullmatch, first)):
        return text
    return "\n".join(line.strip()[1:-1].replace('""', '"') for line in text.splitlines())


def _csv_rows(data: bytes) -> Iterator[tuple[int, list[Cell]]]:
    text = _unwrapped(decode(data)[0])
    cut_by = separator(text)
    width = 0
    reader = csv.reader(_short_lines(text.replace("\x00", ""), cut_by), delimiter=cut_by)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _unclosed(line) from error
        width = max(width, len(cells))
        if any(_swallows(cell, cut_by, width) for cell in cells):
            raise _unclosed(line)
        if any(cell.strip() for cell in cells):
            yield line, list(cells)


def _unclosed(line: int) -> Unreadable:
    return Unreadable(
        _("La ligne %(line)s ne se lit pas : un guillemet n’est pas refermé. Enlevez-le, ou fermez-le.", line=line)
    )


def _swallows(cell: str, cut_by: str, width: int) -> bool:
    """Whether a cell holds whole lines of the table: a quotation mark was opened, and closed far below or never."""
    lines = [line for line in cell.splitlines()[1:] if line]
    return width > 1 and bool(lines) and all(line.count(cut_by) >= width - 1 for line in lines)


def _short_lines(text: str, cut_by: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if line.count(cut_by) > 5 * MAX_COLUMNS:
            raise Unreadable(_("Une ligne a des milliers de colonnes : ce n’est pas un tableau d’élèves."))
        yield line


def _archive(data: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except BROKEN as error:
        raise Unreadable(_("Cette archive est abîmée. Exportez le fichier à nouveau.")) from error
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(len(data), 10_000) or len(infos) > 500:
        raise Unreadable(_("Une fois décompressé, ce fichier est bien trop gros."))
    if any(info.flag_bits & 1 for info in infos):
        raise Unreadable(_("Cette archive est protégée par un mot de passe. Enlevez-le avant de l’envoyer."))
    return archive


def _demand_few_texts(workbook: bytes) -> None:
    infos = _archive(workbook).infolist()
    if any(info.file_size > MAX_SHARED for info in infos if "sharedstrings" in info.filename.lower()):
        raise Unreadable(_("Une fois décompressé, ce fichier est bien trop gros."))


def _trimmed(cell: Cell) -> Cell:
    return " ".join(cell.split())[:MAX_CELL] if isinstance(cell, str) else cell
