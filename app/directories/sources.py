"""A file of any size as rows: text files are streamed, workbooks go through `kernel.tabular` within its limits."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from flask_babel import gettext as _

from app.kernel import tabular
from app.kernel.encodings import code_page, undoubled
from app.kernel.tabular import MAX_CELL, Cell, Row, Unreadable

MAX_ROWS = 120_000  # of a workbook
MOST_SHEETS = 12
HEADING_WITHIN = 12  # lines: exports begin with a title, a date
MAX_LINE = 1024 * 1024  # signs
_CHUNK = 1024 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Progress = Callable[[int, int], None]  # bytes read, of how many


def silent(_done: int, _total: int) -> None:
    """A progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read, more than once if need be. `size` is in bytes."""

    name: str
    size: int
    open: Callable[[], BinaryIO]

    @classmethod
    def of_bytes(cls, name: str, data: bytes) -> Source:
        return cls(name, len(data), lambda: io.BytesIO(data))

    @classmethod
    def of_path(cls, path: Path) -> Source:
        return cls(path.name, path.stat().st_size, lambda: path.open("rb"))

    def head(self, size: int = 64 * 1024) -> bytes:
        with self.open() as file:
            return file.read(size)


def is_json(source: Source) -> bool:
    head = source.head(512)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head.decode(encoding, errors="replace").lstrip().startswith(("{", "["))
    return head.lstrip().startswith((b"{", b"["))


@dataclass(frozen=True, slots=True)
class Broken:
    """The end of what can be read of a file, and why."""

    line: int
    reason: str


def rows(source: Source, is_heading: Callable[[Row], bool], progress: Progress = silent) -> Iterator[Row | Broken]:
    """The rows that are not empty. A text file that breaks off ends with one `Broken`. Raises `Unreadable`.

    The separator of a text file is the one that makes a heading of one of its first lines.
    """
    head = source.head()
    if not head.strip(b"\x00\t\r\n "):
        raise Unreadable(_("Ce fichier est vide."))
    if head.startswith((b"\xd0\xcf\x11\xe0", b"PK", b"%PDF")) or head.lstrip()[:9].lower() in (b"<!doctype", b"<html"):
        if source.size > tabular.MAX_BYTES:
            raise Unreadable(
                _("Ce classeur dépasse %(most)s Mo. Exportez-le en CSV.", most=tabular.MAX_BYTES // 1024**2)
            )
        with source.open() as file:
            data = file.read()
        if data.startswith(b"PK") and not tabular.is_workbook(data):
            raise Unreadable(_("C’est une archive dans une archive. Sortez-la d’abord."))
        for count, row in enumerate(_sheet(data, is_heading).rows(most=MAX_ROWS)):
            if count % 500 == 0:
                progress(min(source.size, count * 100), source.size)
            yield row
        progress(source.size, source.size)
        return
    yield from _text_rows(source, is_heading, progress)


def _sheet(data: bytes, is_heading: Callable[[Row], bool]) -> tabular.Table:
    """The first sheet that has a heading among its first lines (some begin with a page of notes), else the first."""
    sheets = tabular.open_tables(data)
    for sheet in sheets[:MOST_SHEETS]:
        if any(map(is_heading, itertools.islice(sheet.rows(), HEADING_WITHIN))):
            return sheet
    return sheets[0]


def _text_rows(source: Source, is_heading: Callable[[Row], bool], progress: Progress) -> Iterator[Row | Broken]:
    encoding = _encoding(source)
    separator = _separator(source.head(32 * 1024).decode(encoding, errors="replace"), is_heading)
    with io.TextIOWrapper(cast(io.BufferedReader, source.open()), encoding, errors="replace", newline="") as text:
        reader = csv.reader(_lines(text), delimiter=separator)
        count = 0
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error:
                yield Broken(line, _("ligne sans fin, ou guillemet jamais refermé : la suite n’est pas lue"))
                break
            count += 1
            if count % 500 == 0:
                progress(text.buffer.tell(), source.size)
            kept = _kept(cells)
            if kept:
                yield Row(line, kept)
    progress(source.size, source.size)


def _separator(start: str, is_heading: Callable[[Row], bool]) -> str:
    for number, line in enumerate(start.splitlines()[:HEADING_WITHIN], start=1):
        for separator in ";\t,|":
            try:
                cells = next(csv.reader([line.replace("\x00", "")], delimiter=separator), [])
            except csv.Error:
                continue
            if is_heading(Row(number, _kept(cells))):
                return separator
    return tabular.separator(start)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines of a bounded length: memory stays small whatever the file."""
    while line := text.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise csv.Error
        yield line.replace("\x00", "")


def _kept(cells: Collection[str]) -> dict[int, Cell]:
    kept: dict[int, Cell] = {}
    for index, cell in enumerate(cells):
        if index >= tabular.MAX_COLUMNS:
            break
        value = undoubled(" ".join(cell.split())[:MAX_CELL])
        if value:
            kept[index] = value
    return kept


def _encoding(source: Source) -> str:
    """By its mark, else UTF-8 when the whole file is, else by its French letters. Raises `Unreadable` on binaries."""
    head = source.head()
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if b"\x00" in head:
        odd, even = head[1::2].count(0), head[0::2].count(0)
        if max(odd, even) > 0.3 * len(head) / 2 and min(odd, even) < 0.02 * len(head):
            return "utf-16-le" if odd > even else "utf-16-be"
        if head.count(0) > 0.01 * len(head) + 16:
            raise Unreadable(_("Ce n’est ni un tableur ni un fichier texte. Exportez en CSV ou en Excel."))
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open() as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return code_page(chunk)
    return "utf-8"
