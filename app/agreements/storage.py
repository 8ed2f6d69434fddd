"""Files outside the web root, named by the digest of what they hold: a byte that changed is seen when it is read.

Written whole or not at all: a temporary file beside its place, flushed to the disk, then renamed.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from app.agreements.models import StoredDocument
from app.audit import services as audit
from app.kernel.database import db, transaction
from app.kernel.errors import DomainError
from app.settings import Settings
from app.web.logs import log


class Damaged(DomainError):
    """A stored file is no longer what was stored: `fault` is "missing", "size" or "digest"."""

    status = 500

    def __init__(self, document: StoredDocument, fault: str) -> None:
        super().__init__(
            _(
                "Le document n° %(id)s conservé ici est abîmé : il n’est pas montré. L’équipe du site est prévenue.",
                id=document.id,
            )
        )
        self.document_id, self.sha256, self.fault = document.id, document.sha256, fault


def folder() -> Path:
    """Where the files are; created at the first use, readable by the application alone."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.documents or settings.instance / "documents"


def path_of(sha256: str) -> Path:
    return folder() / sha256[:2] / sha256


def keep(kind: str, data: bytes, media_type: str, territory_id: int) -> StoredDocument:
    """Store `data` and add its row (flushed) in the caller's transaction. The same bytes are one file."""
    sha256 = hashlib.sha256(data).hexdigest()
    _write(path_of(sha256), data)
    with transaction():
        document = StoredDocument(
            territory_id=territory_id, kind=kind, sha256=sha256, media_type=media_type, size=len(data)
        )
        db.session.add(document)
        db.session.flush()
    return document


def read(document: StoredDocument) -> bytes:
    """The bytes that were stored; raises `Damaged`, logged by the document's number and digest."""
    path = path_of(document.sha256)
    data = path.read_bytes() if path.is_file() else None
    fault = fault_of(document, data)
    if data is None or fault:
        log.error("document.damaged", document=document.id, sha256=document.sha256, fault=fault)
        _journal(document, fault)
        raise Damaged(document, fault)
    return data


def fault_of(document: StoredDocument, data: bytes | None) -> str:
    """ "missing", "size", "digest", or "" when the file is what was stored."""
    if data is None:
        return "missing"
    if len(data) != document.size:
        return "size"
    return "" if hashlib.sha256(data).hexdigest() == document.sha256 else "digest"


def _journal(document: StoredDocument, fault: str) -> None:
    """In a transaction of its own; inside a verb's, the log alone tells (its transaction is about to be undone)."""
    if db.session().info.get("passerelle.depth"):
        return
    with transaction():
        audit.record("document.damaged", document, by=None, sha256=document.sha256, fault=fault)


def _write(path: Path, data: bytes) -> None:
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
