"""Sealing what a student writes for nobody else: AES-256-GCM, bound to its author.

The key is `PASSERELLE_DIARY_KEY`, or else is drawn once into the instance folder, apart from the database: a copy of
the database, a backup of it, a query by whoever runs it show nothing. Whoever holds both the server and the key could
read, and the page says so to the student. A lost key is a lost diary, and nothing but the diary.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from app.settings import Settings

_NONCE = 12


class Unreadable(Exception):
    """Sealed with another key, for another student, or changed since."""


def seal(pages: dict[str, str], student_id: int) -> bytes:
    """Sealed bytes which only `open_for` with the same student gives back."""
    nonce = secrets.token_bytes(_NONCE)
    plain = json.dumps(pages, ensure_ascii=False).encode()
    return nonce + AESGCM(_key()).encrypt(nonce, plain, _author(student_id))


def unseal(sealed: bytes, student_id: int) -> dict[str, str]:
    """What was sealed. Raises `Unreadable`."""
    try:
        plain = AESGCM(_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], _author(student_id))
    except InvalidTag as error:
        raise Unreadable from error
    pages: dict[str, str] = json.loads(plain)
    return pages


def _author(student_id: int) -> bytes:
    return f"diary:{student_id}".encode()


def _key() -> bytes:
    settings: Settings = current_app.config["SETTINGS"]
    if settings.diary_key is not None:
        secret = settings.diary_key.get_secret_value()
    else:
        secret = _drawn(settings.instance / "diary_key")
    return hashlib.sha256(b"passerelle diary\0" + secret.encode()).digest()


def _drawn(path: Path) -> str:
    """The key of the instance folder; of two processes that draw it at the same moment, one wins for both."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.write_text(secrets.token_urlsafe(48))
        draft.chmod(0o600)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
