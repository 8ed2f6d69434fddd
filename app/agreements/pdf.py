"""Models of documents on paper: a version of a text and its values in, an accessible PDF out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.agreements import versions
from app.web import printing
from app.web.printing import qr

__all__ = ["qr", "render"]


def render(
    template: str, version: str, content: Mapping[str, Any], *, layout: str = "", moment: datetime | None = None
) -> bytes:
    """The PDF of `documents/<template>-<version>/<template>.typ`, which reads `content` and, as `model`, its manifest.

    `layout` names another layout of the same folder; the rest is `printing.draw`. Raises `versions.UnknownVersion`.
    """
    model = versions.load(template, version)
    return printing.draw(
        model.folder / f"{layout or template}.typ",
        {"model": {**model.texts, "name": model.name}, **content},
        root=model.folder.parent,
        moment=moment,
    )
