"""Reading the PDFs that the application makes, as somebody's reader would."""

from __future__ import annotations

import re
import subprocess


def text_of(pdf: bytes) -> str:
    """What a reader copies, without the marks of direction that poppler adds."""
    said = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return re.sub("[\u202a-\u202e\u2066-\u2069]", "", said.decode())


def is_accessible(pdf: bytes) -> bool:
    """Whether the file says that it is PDF/UA-1."""
    return b"<pdfuaid:part>1</pdfuaid:part>" in pdf
