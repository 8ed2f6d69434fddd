"""Everywhere that bytes may stay, and every way in which a name, a date or a number may be written there."""

from __future__ import annotations

import base64
import binascii
import contextlib
import email
import email.policy
import gzip
import html
import io
import os
import re
import sqlite3
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from flask import Flask
from sqlalchemy import Column, ColumnElement, LargeBinary, Text, cast, select

from app.kernel.database import db
from app.settings import Settings

_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_ENCODINGS = ("utf-8", "cp1252", "utf-16-le", "utf-16-be")
_DEEPEST = 3  # a PDF in a zip in a letter
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|[\r\n]){14,}={0,2}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")


def spellings(word: str | date) -> set[str]:
    """The ways to write a date or a telephone number; a name has one, since `plain` folds the others."""
    if isinstance(word, date):
        d, m, y = word.day, word.month, word.year
        month = _MONTHS[m - 1]
        texts = [f"{d:02}{sign}{m:02}{sign}{y}" for sign in ("/", ".", "-", " ", "")]
        texts += [f"{d}/{m}/{y}", f"{y}-{m:02}-{d:02}", f"{y}{m:02}{d:02}", f"{y}/{m:02}/{d:02}"]
        return set(map(plain, [*texts, f"{d} {month} {y}", f"{d} {month[:4]}. {y}", f"{d} {month[:3]}. {y}"]))
    digits = re.sub(r"\D", "", word)
    if len(digits) == 10 and not re.search(r"[^\d\s]", word):
        pairs = [digits[i : i + 2] for i in range(0, 10, 2)]
        return {sign.join(pairs) for sign in (" ", ".", "-", "")} | {f"+33{digits[1:]}", f"+33 {' '.join(pairs)[1:]}"}
    return {plain(word)}


def plain(text: str) -> str:
    """Composed, in small letters, with ordinary spaces: « MAE¨LYS » and « Maëlys » are the same."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def names(data: bytes | str, words: Iterable[str | date]) -> bool:
    """Whether one of the words can be read in this, however it was written, encoded or packed."""
    needles = {form for word in words for form in spellings(word)}
    return any(needle in text for text in _readings(data) for needle in needles)


def _readings(data: bytes | str, depth: int = 0) -> Iterator[str]:
    if isinstance(data, str):
        data = data.encode("utf-8", errors="replace")
    for encoding in _ENCODINGS:
        text = data.decode(encoding, errors="replace")
        yield plain(text)
        if encoding == "utf-8":
            yield plain(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
            yield plain(unquote_plus(text))
            yield plain(html.unescape(text))
    if depth < _DEEPEST:
        for inner in _unpacked(data):
            yield from _readings(inner, depth + 1)


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What is inside: compressed, zipped, in base64 or in hexadecimal, the parts of a letter, the texts of a PDF."""
    openers: tuple[Callable[[bytes], Iterable[bytes]], ...] = (_zlibs, _gzip, _zip, _base64s, _hexes, _letter, _pdf)
    for opened in openers:
        yield from opened(data)


def _zlibs(data: bytes) -> Iterator[bytes]:
    for found in _ZLIB.finditer(data):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[found.start() :])


def _gzip(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)


def _zip(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def _base64s(data: bytes) -> Iterator[bytes]:
    for found in _BASE64.finditer(data):
        run = re.sub(rb"[\r\n=]", b"", found[0]).replace(b"-", b"+").replace(b"_", b"/")
        with contextlib.suppress(binascii.Error):
            yield base64.b64decode(run[: len(run) - (len(run) % 4 == 1)] + b"=" * (-len(run) % 4))


def _hexes(data: bytes) -> Iterator[bytes]:
    return (bytes.fromhex(found[0].decode()) for found in _HEX.finditer(data))


def _letter(data: bytes) -> Iterator[bytes]:
    if b"MIME-Version:" in data[:4000]:
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        yield "\n".join(f"{name}: {value}" for name, value in message.items()).encode()
        for part in message.walk():
            if not part.is_multipart():
                yield part.get_payload(decode=True) or b""


def _pdf(data: bytes) -> Iterator[bytes]:
    """What a reader sees, and what the file says of itself; its streams are opened by `_zlibs`, its XMP is one."""
    if not data.startswith(b"%PDF-"):
        return
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    try:
        pages = [document[n].get_textpage().get_text_bounded() for n in range(len(document))]
        yield "\n".join([*pages, *document.get_metadata_dict().values()]).encode()
    finally:
        document.close()


def database_traces(words: Collection[str | date], *, but: dict[str, set[int]] | None = None) -> list[str]:
    """« table.column = value » for every cell of every table that holds one of the words; `but`: rows kept by law."""
    found = []
    for table in db.metadata.sorted_tables:
        key = next(iter(table.primary_key.columns)).name
        kept = but.get(table.name, set()) if but else set()
        rows = db.session.execute(select(*[_readable(column) for column in table.columns])).all()
        cells = [
            (name, value.encode() if isinstance(value, str) else bytes(value))
            for row in rows
            if int(row._mapping[key] if str(row._mapping[key]).isdigit() else -1) not in kept
            for name, value in row._mapping.items()
            if value
        ]
        if names(b"\0".join(value for _name, value in cells), words):  # whole tables are quick to read
            found += [f"{table.name}.{name} = {value[:200]!r}" for name, value in cells if names(value, words)]
    return found


def _readable(column: Column[Any]) -> ColumnElement[Any]:
    return column if isinstance(column.type, LargeBinary) else cast(column, Text).label(column.name)


def file_traces(app: Flask, words: Collection[str | date], *, but: Collection[str] = ()) -> list[str]:
    """The files of the instance folder, and of the database itself, in which one of the words is left."""
    return [str(path) for path, data in files(app) if path.name not in but and names(data, words)]


def files(app: Flask) -> Iterator[tuple[Path, bytes]]:
    """Every file of the site: letters, documents, jobs; the database with its journal of writes, as they lie there."""
    settings: Settings = app.config["SETTINGS"]
    places = [settings.instance, *([settings.documents] if settings.documents else [])]
    for place in places:
        for folder, _folders, found in os.walk(place):
            for name in found:
                path = Path(folder) / name
                yield path, path.read_bytes()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
        for path in sorted(file.parent.glob(f"{file.name}*")):
            yield path, path.read_bytes()
        with sqlite3.connect(file) as connection:
            yield Path("dump.sql"), "\n".join(connection.iterdump()).encode()
        connection.close()
