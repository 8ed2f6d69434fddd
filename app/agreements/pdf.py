"""The only door to Typst: a model of document and its values in, an accessible PDF (PDF/UA-1, fonts embedded) out."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import segno
import typst

from app.agreements import versions
from app.settings import ROOT
from app.web.logs import log
from app.web.typography import french

FONTS = ROOT / "app" / "static" / "vendor" / "print-fonts"
_lock = Lock()


def render(
    template: str, version: str, content: Mapping[str, Any], *, layout: str = "", moment: datetime | None = None
) -> bytes:
    """The PDF of `documents/<template>-<version>/<template>.typ`; that layout reads `json(bytes(sys.inputs.data))`.

    `content` holds JSON values; its texts get French no-break spaces. `moment` is the date written in the file (the
    same moment and content give the same bytes); `layout` names another layout of the same folder.
    Raises `versions.UnknownVersion`.
    """
    model = versions.load(template, version)
    data = json.dumps({"model": _model(model), **_typeset(dict(content))}, ensure_ascii=False, default=str)
    with _lock:  # a compiler holds one world at a time, and stays warm between two documents
        compiler, path = _compiler(model.folder.parent), model.folder / f"{layout or template}.typ"
        try:
            return _compile(compiler, path, data, moment, "ua-1")
        except typst.TypstError as error:
            # A sign that none of our letters can draw (an emoji in a description) must not stop a whole class.
            log.warning("pdf.without_standard", model=f"{template}-{version}", why=str(error)[:300])
            return _compile(compiler, path, data, moment, None)


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


def qr(text: str) -> str:
    """A QR code as SVG text, medium error correction, without border."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=0, xmldecl=False, scale=4)
    return out.getvalue().decode()


@cache
def _compiler(root: Path) -> typst.Compiler:
    return typst.Compiler(root=str(root), font_paths=[str(FONTS)], ignore_system_fonts=True)


def _model(model: versions.Version) -> dict[str, Any]:
    return _typeset({**model.texts, "name": model.name})  # type: ignore[no-any-return]  # a mapping gives a mapping


def _typeset(value: Any) -> Any:
    if isinstance(value, str):
        return french(value)
    if isinstance(value, Mapping):
        return {key: _typeset(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_typeset(each) for each in value]
    return value
