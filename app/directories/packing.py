"""Files inside an archive (.zip, .gz), as sources to read: streamed, bounded, never unpacked on the disk."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from flask_babel import gettext as _

from app.directories.sources import Source
from app.kernel import tabular
from app.kernel.tabular import Unreadable

MOST_TIMES = 50  # an honest table shrinks five to twenty times
MOST_MEMBERS = 200
_DOCUMENTS = {"[Content_Types].xml", "content.xml", "Index.zip", "Index/Document.iwa"}  # of an office, zipped too


def members(source: Source) -> list[Source] | None:
    """The files of an archive, or None when the source is no archive. Raises `Unreadable` on a bomb or a damaged one.

    A workbook (.xlsx, .ods) is a table, although it is zipped; an archive inside an archive is not opened.
    """
    head = source.head(4)
    if head.startswith(b"\x1f\x8b"):
        name = source.name.removesuffix(".gz")
        return [Source(name, _announced(source), _bounded(source, name, _unzipped))]
    if not head.startswith(b"PK"):
        return None
    try:
        with source.open() as file, zipfile.ZipFile(file) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except tabular.BROKEN as error:
        raise Unreadable(_("Cette archive est abîmée. Téléchargez-la à nouveau.")) from error
    if not _DOCUMENTS.isdisjoint(info.filename for info in infos):
        return None
    if any(info.flag_bits & 1 for info in infos):
        raise Unreadable(_("Cette archive est protégée par un mot de passe. Enlevez-le."))
    infos = [info for info in infos if not _is_hidden(info.filename)]
    if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > _most(source):
        raise Unreadable(_("Une fois décompressé, ce fichier est bien trop gros."))
    return [
        Source(info.filename, info.file_size, _bounded(source, info.filename, _member(info.filename))) for info in infos
    ]


def _announced(source: Source) -> int:
    """What a .gz says of its content's size, in its last four bytes: for the progress bar alone."""
    with source.open() as file:
        file.seek(-min(4, source.size), io.SEEK_END)
        return max(source.size, int.from_bytes(file.read(4), "little"))


def _is_hidden(name: str) -> bool:
    """What Macs and folders add."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


def _most(source: Source) -> int:
    return max(tabular.MAX_UNPACKED, MOST_TIMES * source.size)


def _unzipped(file: BinaryIO) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=file))


def _member(name: str) -> Callable[[BinaryIO], IO[bytes]]:
    return lambda file: zipfile.ZipFile(file).open(name)


def _bounded(source: Source, name: str, opened: Callable[[BinaryIO], IO[bytes]]) -> Callable[[], BinaryIO]:
    def look() -> BinaryIO:
        file = source.open()
        try:
            return cast(BinaryIO, io.BufferedReader(_Bounded(opened(file), file, _most(source)), 256 * 1024))
        except (*tabular.BROKEN, KeyError) as error:
            file.close()
            raise Unreadable(_("« %(name)s » ne s’ouvre pas : l’archive est abîmée.", name=name[:80])) from error

    return look


class _Bounded(io.RawIOBase):
    """What comes out of a decompressor, up to `most` bytes. Raises `Unreadable` beyond them, and on damage."""

    def __init__(self, inside: IO[bytes], under: BinaryIO, most: int) -> None:
        self._inside, self._under, self._most, self._read = inside, under, most, 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._read

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer: readers here give a memoryview
        try:
            data = self._inside.read(len(buffer))
        except tabular.BROKEN as error:
            raise Unreadable(_("Cette archive est abîmée ou coupée. Téléchargez-la à nouveau.")) from error
        self._read += len(data)
        if self._read > self._most:
            raise Unreadable(_("Une fois décompressé, ce fichier est bien trop gros."))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inside.close()
        self._under.close()
        super().close()
