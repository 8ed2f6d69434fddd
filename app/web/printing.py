"""The only door to Typst: a layout and its values in, an accessible PDF (PDF/UA-1, fonts embedded) out."""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import segno
import typst

from app.settings import ROOT
from app.web.logs import log
from app.web.typography import french

FONTS = ROOT / "app" / "static" / "vendor" / "print-fonts"
_lock = Lock()


def draw(layout: Path, values: Mapping[str, Any], *, root: Path, moment: datetime | None = None) -> bytes:
    """The PDF of a layout, which reads `json(bytes(sys.inputs.data))` and imports from `root` alone.

    `values` are JSON values; their texts get French no-break spaces. `moment` is the date written in the file: the same
    moment and values give the same bytes.
    """
    data = json.dumps(typeset(values), ensure_ascii=False, default=str)
    with _lock:  # a compiler holds one world at a time, and stays warm between two documents
        compiler = _compiler(root)
        try:
            return _compile(compiler, layout, data, moment, "ua-1")
        except typst.TypstError as error:
            # A sign that none of our letters can draw (a name in Chinese) must not stop a whole class.
            log.warning("pdf.without_standard", layout=layout.stem, why=str(error)[:300])
            return _compile(compiler, layout, data, moment, None)


def qr(text: str) -> str:
    """A QR code as SVG text, medium error correction, without border.

    Always the same mask: any reader takes any of the eight, and trying them all is nine tenths of the time.
    """
    out = io.BytesIO()
    segno.make(text, error="m", micro=False, mask=0).save(out, kind="svg", border=0, xmldecl=False, scale=4)
    return out.getvalue().decode()


def typeset(value: Any) -> Any:
    """The same values, their texts with French no-break spaces and composed letters (an « é » is one sign)."""
    if isinstance(value, str):
        return french(unicodedata.normalize("NFC", value))
    if isinstance(value, Mapping):
        return {key: typeset(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [typeset(each) for each in value]
    return value


def _compile(
    compiler: typst.Compiler, layout: Path, data: str, moment: datetime | None, standard: Literal["ua-1"] | None
) -> bytes:
    second = moment.replace(microsecond=0) if moment else None
    made = compiler.compile(
        input=str(layout), format="pdf", sys_inputs={"data": data}, pdf_standards=standard, timestamp=second
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


@cache
def _compiler(root: Path) -> typst.Compiler:
    return typst.Compiler(root=str(root), font_paths=[str(FONTS)], ignore_system_fonts=True)
