"""French identifiers, normalised and checked by python-stdnum, and codes that people read aloud."""

from __future__ import annotations

import re
import secrets

import phonenumbers
from stdnum.exceptions import ValidationError
from stdnum.fr import siren as _siren
from stdnum.fr import siret as _siret

_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_UAI = re.compile(r"(\d{7})([A-HJ-NPR-Z])")

# No 0/O, 1/I/L, 5/S, 8/B, U/V: read aloud or copied by hand, none is taken for another.
CODE_ALPHABET = "234679ACDEFGHJKMNPQRTWXYZ"


def parse_siren(text: str) -> str | None:
    """Nine digits when `text` is a valid SIREN (Luhn), else None. Spaces and dots are forgiven."""
    try:
        return str(_siren.validate(re.sub(r"[\s.\u00a0\u202f]", "", text)))
    except ValidationError:
        return None


def parse_siret(text: str) -> str | None:
    """Fourteen digits when `text` is a valid SIRET (Luhn, with La Poste's own rule), else None."""
    try:
        return str(_siret.validate(re.sub(r"[\s.\u00a0\u202f]", "", text)))
    except ValidationError:
        return None


def parse_uai(text: str) -> str | None:
    """A school's UAI in capitals when its check letter is right (digits mod 23), else None."""
    match = _UAI.fullmatch(text.strip().upper())
    if match is None or _UAI_LETTERS[int(match[1]) % 23] != match[2]:
        return None
    return match[0]


def parse_phone(text: str) -> str | None:
    """A telephone number as people write it, French unless it begins with + or 00: "03 21 00 00 00", else None.

    Numbers of other countries keep their prefix ("+48 22 123 45 67").
    """
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    french = number.country_code == 33
    style = phonenumbers.PhoneNumberFormat.NATIONAL if french else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, style))


def new_code(length: int) -> str:
    """A random code over `CODE_ALPHABET` (25 signs: 4.6 bits each)."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def normalise_code(text: str) -> str:
    """What a person typed, reduced to the signs of a code."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())
