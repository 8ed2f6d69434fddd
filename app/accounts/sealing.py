"""Sealing the secrets of authenticator applications: AES-256-GCM, bound to their account, with a key of SECRET_KEY's.

Whoever changes SECRET_KEY makes them unreadable, as it ends every session: `flask accounts reset-second-factor` then
lets the first administrator in, who lets in the others.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

_NONCE = 12


class Unreadable(Exception):
    """Sealed with another key, for another purpose, or changed since."""


def seal(text: str, *, purpose: str) -> bytes:
    """Sealed bytes, which only `unseal` with the same purpose gives back."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_key()).encrypt(nonce, text.encode(), purpose.encode())


def unseal(sealed: bytes, *, purpose: str) -> str:
    """What was sealed. Raises `Unreadable`."""
    try:
        return AESGCM(_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error


def seal_text(text: str, *, purpose: str) -> str:
    """As `seal`, in signs that a cookie carries."""
    return base64.urlsafe_b64encode(seal(text, purpose=purpose)).decode()


def unseal_text(sealed: str, *, purpose: str) -> str:
    """What was sealed by `seal_text`. Raises `Unreadable`."""
    try:
        return unseal(base64.urlsafe_b64decode(sealed), purpose=purpose)
    except (binascii.Error, ValueError) as error:
        raise Unreadable from error


def _key() -> bytes:
    return hashlib.sha256(b"passerelle second factor\0" + current_app.config["SECRET_KEY"].encode()).digest()
