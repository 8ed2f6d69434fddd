"""Single values of a class list, as spreadsheets damage them: mended where certain, and said; never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar

from flask_babel import gettext as _

from app.kernel.identifiers import parse_phone
from app.kernel.tabular import Cell, Formula
from app.schools.rosters.columns import plain

_EXCEL_EPOCH = date(1899, 12, 30)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?:[ T]\d{1,2}[:h]\d{2}(?::\d{2})?)?")
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:[ T]\d{2}:\d{2}(?::\d{2})?(?:\.0+)?)?")
_SCIENTIFIC = re.compile(r"-?\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
MAX_CLASS = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A value, what was mended in it, or why it is refused (then `value` is None)."""

    value: T | None = None
    mended: str = ""
    refused: str = ""


def text_of(cell: Cell) -> Read[str]:
    """A cell as a text of one line; whole numbers lose the « .0 » that spreadsheets add."""
    if cell is None:
        return Read("")
    if isinstance(cell, Formula):
        return Read(refused=_("cette case contient une formule : remplacez-la par sa valeur"))
    if isinstance(cell, bool | datetime | date | time):
        return Read(refused=_("ce n’est pas un texte"))
    if isinstance(cell, float):
        return Read(str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else str(cell))
    return Read(" ".join(str(cell).split()))


def name_of(cell: Cell) -> Read[str]:
    """A name: spaces made one, underscores made spaces (exports of tests and of some services have them)."""
    read = text_of(cell)
    if read.value and "_" in read.value:
        return Read(" ".join(read.value.replace("_", " ").split()))
    return read


def date_of(cell: Cell, today: date) -> Read[date]:
    """A day, from a date, an Excel serial number, or a text such as 22/12/2012, 22-12-12 or 2012-12-22."""
    if cell in (None, ""):
        return Read()
    if isinstance(cell, datetime):
        return Read(cell.date())
    if isinstance(cell, date):
        return Read(cell)
    if isinstance(cell, Formula):
        return Read(refused=_("cette case contient une formule : remplacez-la par sa valeur"))
    if isinstance(cell, str):
        return _written_date(cell, today)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 3_000 <= cell < 73_000:
        day = _EXCEL_EPOCH + timedelta(days=int(cell))
        return Read(day, mended=_("date lue dans un nombre d’Excel (%(number)s)", number=int(cell)))
    return Read(refused=_("ce n’est pas une date : écrivez jour/mois/année"))


def _written_date(text: str, today: date) -> Read[date]:
    if re.fullmatch(r"\d{4,5}(?:[.,]0+)?", text):
        return date_of(float(text.replace(",", ".")), today)
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in match.groups()[:3])
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in match.groups()[:3])
        if year < 100:
            year += 2000 if year <= today.year % 100 else 1900
    else:
        return Read(refused=_("ce n’est pas une date : écrivez jour/mois/année"))
    try:
        return Read(date(year, month, day))
    except ValueError:
        return Read(refused=_("ce jour n’existe pas"))


def class_of(cell: Cell) -> Read[str]:
    """The name of a class. Excel reads « 2A » as two in the morning and « 3P » as three in the afternoon: undone."""
    if isinstance(cell, time):
        return _clock_class(cell.hour + cell.minute / 60)
    if isinstance(cell, datetime) and cell.date() <= date(1900, 1, 1):
        return _clock_class(cell.hour + cell.minute / 60)
    if isinstance(cell, datetime | date):
        return Read(refused=_("Excel a changé ce nom de classe en date : écrivez-le en texte"))
    if isinstance(cell, str) and re.fullmatch(r"0[.,]\d+", cell):
        cell = float(cell.replace(",", "."))
    if isinstance(cell, float) and 0 < cell < 1:
        return _clock_class(cell * 24)
    read = text_of(cell)
    if read.value and _SCIENTIFIC.fullmatch(read.value):
        return Read(refused=_("Excel a abîmé cette valeur (%(value)s) : écrivez-la en texte", value=read.value))
    if read.value and len(read.value) > MAX_CLASS:
        return Read(refused=_("un nom de classe a %(most)s signes au plus", most=MAX_CLASS))
    return read


def _clock_class(hours: float) -> Read[str]:
    hour = round(hours)
    if abs(hours - hour) > 1e-6 or hour in (0, 12, 24):
        return Read(refused=_("Excel a changé ce nom de classe en heure : écrivez-le en texte"))
    name = f"{hour}A" if hour < 12 else f"{hour - 12}P"
    return Read(name, mended=_("classe %(name)s, qu’Excel avait prise pour une heure", name=name))


def email_of(cell: Cell) -> Read[str]:
    """An address in small letters; the first one when several are written."""
    read = text_of(cell)
    if not read.value:
        return read
    found = _EMAIL.search(read.value)
    if found is None or len(found[0]) > 254:
        return Read(refused=_("cette adresse e-mail n’est pas complète"))
    return Read(found[0].strip(".").casefold())


def phone_of(cell: Cell) -> Read[str]:
    """A telephone number; the zero that a spreadsheet ate is given back."""
    read = text_of(cell)
    if not read.value:
        return read
    if _SCIENTIFIC.fullmatch(read.value):
        return Read(refused=_("Excel a abîmé ce numéro (%(value)s) : il manque des chiffres", value=read.value))
    number = parse_phone(read.value)
    if number is None and re.fullmatch(r"[1-9]\d{8}", read.value):
        number = parse_phone(f"0{read.value}")
        if number:
            return Read(number, mended=_("zéro du début rendu au téléphone"))
    return Read(number) if number else Read(refused=_("ce numéro de téléphone n’est pas complet"))


# The first three digits of a MEF code: general classes, then SEGPA.
_MEF_LEVELS = {
    "100": "6e",
    "101": "5e",
    "102": "4e",
    "103": "3e",
    "164": "6e",
    "165": "5e",
    "166": "4e",
    "167": "3e",
    "200": "2de",
}
_WORDS = (("sixieme", "6e"), ("cinquieme", "5e"), ("quatrieme", "4e"), ("troisieme", "3e"), ("seconde", "2de"))
_HIGH_SCHOOL = re.compile(r"(?:premiere|terminale|1\s*(?:ere|re)|t(?:le|erm|s|es|l|g|stmg)\b|ts?\d|1\s*[slg]\d*)")


def level_of(text: str) -> str:
    """« 6e »… « 3e », « 2de », « lycée », or nothing: from a MEF (code or label) or the name of a class."""
    words = plain(text)
    compact = words.replace(" ", "")
    if re.fullmatch(r"\d{10,11}", compact):
        return _MEF_LEVELS.get(compact[:3], "")
    for word, level in _WORDS:
        if word in words:
            return level
    if match := re.match(r"([3-6])", compact):
        return f"{match[1]}e"
    if re.match(r"2(?:nde|de|nd|\b|[a-z0-9])", compact):
        return "2de"
    return "lycée" if _HIGH_SCHOOL.match(words) else ""
