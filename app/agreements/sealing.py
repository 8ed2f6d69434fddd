"""The only door to pyHanko: the operator's seal (PAdES) on a signed agreement, when a certificate is configured.

The seal says that the file comes from this platform and has not changed since. No eIDAS level is claimed.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from app.settings import Settings

if TYPE_CHECKING:
    from pyhanko.sign import signers

FIELD = "Sceau"


class SealUnusable(RuntimeError):
    """The configured certificate cannot be opened: wrong password, wrong file."""


def seal(data: bytes) -> bytes:
    """`data` with the operator's seal; `data` itself when no certificate is configured. Raises `SealUnusable`."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.seal_certificate is None:
        return data
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # seconds, for a seal that few configure
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter

    password = settings.seal_password.get_secret_value() if settings.seal_password else ""
    signer = _signer(settings.seal_certificate, password)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD, reason="Document émis par la plateforme", subfilter=SigSeedSubFilter.PADES
    )
    with ThreadPoolExecutor(1) as aside:  # pyHanko runs an event loop of its own, which no thread may hold twice
        out = aside.submit(signers.sign_pdf, IncrementalPdfFileWriter(io.BytesIO(data)), meta, signer=signer).result()
    sealed: bytes = out.getbuffer().tobytes()
    return sealed


@cache
def _signer(path: Path, password: str) -> signers.SimpleSigner:
    from pyhanko.sign import signers

    signer: signers.SimpleSigner | None = signers.SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]  # untyped there
        str(path), passphrase=password.encode() or None
    )
    if signer is None:
        raise SealUnusable(f"the certificate {path.name} cannot be opened with the configured password")
    return signer
