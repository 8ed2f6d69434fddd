"""Codes printed on paper that may be printed again: derived from the server's key, so that none is stored.

The database holds a random serial and the digest of the code: whoever steals it, without the key, has no code.
"""

from __future__ import annotations

import hmac

from flask import current_app

from app.kernel.identifiers import CODE_ALPHABET

CODE_LENGTH = 8


def derived_code(serial: str, *, purpose: str) -> str:
    """Eight signs out of 25, drawn evenly from the keyed digest of the serial. `purpose` keeps families apart."""
    key = hmac.digest(current_app.config["SECRET_KEY"].encode(), purpose.encode(), "sha256")
    number = int.from_bytes(hmac.digest(key, serial.encode(), "sha512"), "big")
    signs = []
    for _ in range(CODE_LENGTH):
        number, rest = divmod(number, len(CODE_ALPHABET))
        signs.append(CODE_ALPHABET[rest])
    return "".join(signs)
