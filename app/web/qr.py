"""A square to scan, as an image which the content policy lets through."""

from __future__ import annotations

import segno


def data_uri(url: str) -> str:
    """An SVG `data:` address, black on white so that a telephone reads it in the dark theme too."""
    return str(segno.make(url, error="m", micro=False).svg_data_uri(border=2, dark="#000", light="#fff"))
