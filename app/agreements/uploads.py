"""The only door for files that people send: photographs and scans of a signed paper.

Nothing of the file sent is kept. Each picture, and each page of a PDF, is decoded, bounded, and drawn anew; what is
stored is a PDF of those pictures. A script, a second format hidden in the first, a place written by the telephone:
none of them is a pixel, none of them goes through.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Sequence
from threading import Lock

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from flask_babel import gettext as _
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

from app.kernel.errors import Invalid

MAX_FILE_BYTES = 15 * 1024 * 1024
MAX_TOTAL_BYTES = 40 * 1024 * 1024
MAX_FILES = 8
MAX_PAGES = 20
MAX_PIXELS = 60_000_000  # a telephone of 50 megapixels passes, a bomb does not
LONG_SIDE = 2200  # an A4 page at about 190 dots an inch: a signature stays legible
_QUALITY = 82
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

register_heif_opener()
_pdfium = Lock()  # the library holds one document at a time


def to_pdf(files: Sequence[bytes]) -> bytes:
    """One PDF of pictures, in the order of the files; `Invalid` on field `files` says which file is wrong, and why."""
    if not files:
        raise _wrong(_("Choisissez au moins une photo ou un fichier."))
    if len(files) > MAX_FILES:
        raise _wrong(_("Envoyez au plus %(n)s fichiers.", n=MAX_FILES))
    if sum(len(data) for data in files) > MAX_TOTAL_BYTES:
        raise _wrong(_("L’ensemble est trop lourd : 40 Mo au plus."))
    pages: list[Image.Image] = []
    for number, data in enumerate(files, start=1):
        pages += _pages(data, number)
        if len(pages) > MAX_PAGES:
            raise _wrong(_("Le document est trop long : %(n)s pages au plus.", n=MAX_PAGES))
    out = io.BytesIO()
    pages[0].save(out, format="PDF", save_all=True, append_images=pages[1:], quality=_QUALITY, resolution=150)
    return out.getvalue()


def kind(data: bytes) -> str | None:
    """What the first bytes say: "jpeg", "png", "heic", "pdf", or None. The name of the file says nothing."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "heic"
    return None


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, {"files": sentence})


def _pages(data: bytes, number: int) -> list[Image.Image]:
    if not data:
        raise _wrong(_("Le fichier n° %(n)s est vide.", n=number))
    if len(data) > MAX_FILE_BYTES:
        raise _wrong(_("Le fichier n° %(n)s est trop lourd : 15 Mo au plus.", n=number))
    found = kind(data)
    if found is None:
        raise _wrong(_("Le fichier n° %(n)s n’est ni une photo (JPEG, PNG, HEIC) ni un PDF.", n=number))
    draw: Callable[[bytes], list[Image.Image]] = _of_pdf if found == "pdf" else _PICTURES[found]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return draw(data)
    except _TooLarge:
        raise _wrong(_("L’image n° %(n)s est trop grande. Photographiez la page seule.", n=number)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _wrong(_("L’image n° %(n)s est trop grande. Photographiez la page seule.", n=number)) from None
    except Invalid:
        raise
    except Exception as error:  # decoders of pictures fail in too many ways to name: none of them is our failure
        raise _wrong(_("Le fichier n° %(n)s est abîmé. Prenez une nouvelle photo.", n=number)) from error


class _TooLarge(Exception):
    pass


def _picture(name: str) -> Callable[[bytes], list[Image.Image]]:
    def draw(data: bytes) -> list[Image.Image]:
        with Image.open(io.BytesIO(data), formats=(name,)) as found:
            if found.width * found.height > MAX_PIXELS:
                raise _TooLarge
            found.verify()
        with Image.open(io.BytesIO(data), formats=(name,)) as found:
            found.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a large JPEG is decoded small: less memory, same page
            found.load()
            return [_plain(ImageOps.exif_transpose(found))]

    return draw


_PICTURES = {"jpeg": _picture("JPEG"), "png": _picture("PNG"), "heic": _picture("HEIF")}


def _plain(found: Image.Image) -> Image.Image:
    """Pixels on white paper and nothing else: no transparency, no metadata, no more dots than a page needs."""
    if found.mode in {"RGBA", "LA", "PA"} or "transparency" in found.info:
        see_through = found.convert("RGBA")
        paper = Image.new("RGB", see_through.size, "white")
        paper.paste(see_through, mask=see_through.getchannel("A"))
    else:
        paper = found.convert("RGB")
    paper.thumbnail((LONG_SIDE, LONG_SIDE))
    clean = Image.new("RGB", paper.size)
    clean.paste(paper)
    return clean


def _of_pdf(data: bytes) -> list[Image.Image]:
    with _pdfium:
        document = pypdfium2.PdfDocument(data)
        try:
            if len(document) == 0:
                raise ValueError("no page")
            if len(document) > MAX_PAGES:
                raise _wrong(_("Le document est trop long : %(n)s pages au plus.", n=MAX_PAGES))
            return [_drawn(document[number]) for number in range(len(document))]
        finally:
            document.close()


def _drawn(page: pypdfium2.PdfPage) -> Image.Image:
    """The page as a reader sees it, whatever size it claims to have."""
    width, height = page.get_size()
    if not (1 <= width < math.inf and 1 <= height < math.inf) or max(width, height) > 50 * min(width, height):
        raise ValueError("impossible page")
    bitmap = page.render(scale=LONG_SIDE / max(width, height), may_draw_forms=False)
    return _plain(bitmap.to_pil())
