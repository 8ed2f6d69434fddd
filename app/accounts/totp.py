"""Codes of an authenticator application (RFC 6238: six digits, thirty seconds), and recovery codes. No database."""

from __future__ import annotations

import hmac
import re
from datetime import datetime

import pyotp

from app.kernel.identifiers import new_code, normalise_code

STEP = 30  # seconds
ISSUER = "Passerelle"
RECOVERY_CODES = 10
_RECOVERY_LENGTH = 10  # over 25 signs: 46 bits each
_GROUP = 5


def new_secret() -> str:
    """160 random bits in base32, as the applications read them."""
    return pyotp.random_base32()


def address(secret: str, account: str) -> str:
    """The `otpauth://` address that the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP


def code_at(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).generate_otp(step)


def step_of(secret: str, typed: str, moment: datetime, *, after: int = 0) -> int | None:
    """The step whose code was typed: that of `moment`, the one before or the one after, but none up to `after`."""
    digits = re.sub(r"\s", "", typed)
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    now = step_at(moment)
    steps = [step for step in (now - 1, now, now + 1) if step > after]
    return next((step for step in steps if hmac.compare_digest(code_at(secret, step), digits)), None)


def new_recovery_codes() -> list[str]:
    """Ten codes as they are written on paper: `AB2CD-34EFG`."""
    return [_written(new_code(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]


def _written(code: str) -> str:
    return "-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP))


def recovery_code(typed: str) -> str | None:
    """A recovery code as it is digested, when this may be one."""
    code = normalise_code(typed)
    return code if len(code) == _RECOVERY_LENGTH else None
