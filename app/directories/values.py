"""Single values of official files, as spreadsheets damage them: mended where certain, and said; never guessed. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _

from app.kernel.identifiers import parse_siret, parse_uai
from app.kernel.tabular import Cell, Formula

_SCIENTIFIC = re.compile(r"-?\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"[\s.'’\-\u00a0\u202f]+")  # and the apostrophe by which spreadsheets keep a number a text


@dataclass(frozen=True, slots=True)
class Read:
    """A value, what was mended in it, or why it is refused (then `value` is empty)."""

    value: str = ""
    mended: str = ""
    refused: str = ""


def text_of(cell: Cell, most: int = 2_000) -> str:
    """A cell as a text of one line; whole numbers lose the « .0 » that spreadsheets add. A formula reads as nothing."""
    if cell is None or isinstance(cell, Formula | bool | time):
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float):
        return str(int(cell)) if math.isfinite(cell) and cell.is_integer() and abs(cell) < 1e15 else str(cell)
    return " ".join(_FORBIDDEN.sub("", str(cell)).split())[:most]


def siret_of(cell: Cell) -> Read:
    """A SIRET whose keys are right; the zeros that a spreadsheet ate are given back when both keys prove them."""
    written = text_of(cell)
    if not written:
        return Read(refused=_("il manque le SIRET"))
    if _SCIENTIFIC.fullmatch(written):
        return Read(refused=_("Excel a abîmé ce SIRET : les derniers chiffres sont perdus"))
    compact = _SPACES.sub("", written)
    if not (compact.isascii() and compact.isdigit()):
        return Read(refused=_("un SIRET n’a que des chiffres"))
    if len(compact) == 9:
        return Read(refused=_("c’est un SIREN : il manque les cinq chiffres de l’établissement"))
    if 11 <= len(compact) <= 13:
        full = parse_siret(compact.zfill(14))
        if full:
            return Read(full, mended=_("zéros du début rendus au SIRET"))
    if len(compact) != 14:
        return Read(refused=_("un SIRET a 14 chiffres, celui-ci en a %(n)s", n=len(compact)))
    siret = parse_siret(compact)
    if siret is None:
        return Read(refused=_("la clé de ce SIRET est fausse : un chiffre est mal recopié"))
    return Read(siret)


def uai_of(cell: Cell) -> Read:
    """A UAI whose letter is right; the zero that a spreadsheet ate is given back when the letter proves it."""
    written = _SPACES.sub("", text_of(cell)).upper()
    if not written:
        return Read(refused=_("il manque l’UAI"))
    uai = parse_uai(written)
    if uai:
        return Read(uai)
    if len(written) == 7 and (uai := parse_uai(f"0{written}")):
        return Read(uai, mended=_("zéro du début rendu à l’UAI"))
    return Read(refused=_("la lettre de cet UAI est fausse, ou il n’a pas sept chiffres et une lettre"))


def postcode_of(cell: Cell) -> Read:
    """Five digits, or nothing when the cell is empty. Four digits have lost their zero: departments 01 to 09."""
    written = _SPACES.sub("", text_of(cell))
    if not written:
        return Read()
    if re.fullmatch(r"[0-9]{5}", written):
        return Read(written)
    if re.fullmatch(r"[1-9][0-9]{3}", written):
        return Read(f"0{written}", mended=_("zéro du début rendu au code postal"))
    return Read(refused=_("un code postal a cinq chiffres"))


def insee_of(cell: Cell) -> Read:
    """The INSEE code of a commune (« 2A004 » in Corsica), or nothing when the cell is empty."""
    written = _SPACES.sub("", text_of(cell)).upper()
    if not written:
        return Read()
    if re.fullmatch(r"[0-9][0-9AB][0-9]{3}", written):
        return Read(written)
    if re.fullmatch(r"[1-9][0-9]{3}", written):
        return Read(f"0{written}", mended=_("zéro du début rendu au code INSEE"))
    return Read(refused=_("un code INSEE a cinq signes"))


def number_of(cell: Cell) -> float | None:
    """A finite number, with a dot or a comma; None when it is not one."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell) if abs(cell) < 1e9 else None
    written = text_of(cell).replace(",", ".").replace(" ", "")
    if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,20})?", written, re.ASCII):
        return None
    return float(written)


def is_yes(cell: Cell) -> bool:
    return cell is True or text_of(cell).casefold() in {"o", "oui", "1", "true", "vrai", "yes"}
