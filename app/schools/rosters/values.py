"""Single values of a class list, as spreadsheets damage them: mended where certain, and said; never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar

from flask_babel import gettext as _

from app.kernel.identifiers import parse_phone
from app.kernel.tabular import Cell, Formula
from app.schools.rosters.columns import plain

_EXCEL_EPOCH = date(1899, 12, 30)
_NUMBERED = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?:[ T]\d{1,2}[:h]\d{2}(?::\d{2})?)?")
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:[ T]\d{2}:\d{2}(?::\d{2})?(?:\.0+)?)?")
_WORDED = re.compile(r"(?:(?:lun|mar|mercre|jeu|vendre|same)di |dimanche )?(\d{1,2})(?:er)? ([a-z]{3,9}) (\d{4}|\d{2})")
_MONTHS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
_SHORT_MONTH = "(?:janv|fevr?|mars?|avr|avril|mai|juin|juil|aout|sept?|oct|nov|dec)"
_DAY_OF_MONTH = re.compile(rf"\d{{1,2}} {_SHORT_MONTH}|{_SHORT_MONTH} \d{{2}}")
_SCIENTIFIC = re.compile(r"-?\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_CLASS_E = re.compile(r"[2-6]E\d{1,2}", re.IGNORECASE)  # « 3E1 » is a class, whatever Excel believes
_E_BY_EXCEL = re.compile(r"([3-6])(?:(0{1,4})|(?:[.,]0+)?E\+0*([1-9]))", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_APOSTROPHES = str.maketrans(dict.fromkeys("`´‘ʼ′＇", "’"))
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
    text = unicodedata.normalize("NFC", " ".join(_INVISIBLE.sub("", " ".join(str(cell).split())).split()))
    if match := re.fullmatch(r'="([^"]*)"', text):  # how a text is kept from Excel in a CSV
        text = match[1]
    if text.startswith("="):
        return Read(refused=_("cette case contient une formule : remplacez-la par sa valeur"))
    return Read(text if any(c.isalnum() for c in text) else "")


def name_of(cell: Cell) -> Read[str]:
    """A name: spaces made one, underscores made spaces (exports of tests and of some services have them)."""
    read = text_of(cell)
    return Read(" ".join(read.value.replace("_", " ").translate(_APOSTROPHES).split())) if read.value else read


def date_of(cell: Cell, today: date, month_first: bool = False) -> Read[date]:
    """A day, from a date, an Excel serial number, or a text such as 22/12/2012, 22-12-12, 2012-12-22, 22 déc. 2012.

    `month_first`: 12/22/2012 is meant.
    """
    if cell in (None, ""):
        return Read()
    if isinstance(cell, datetime):
        return Read(cell.date())
    if isinstance(cell, date):
        return Read(cell)
    if isinstance(cell, Formula):
        return Read(refused=_("cette case contient une formule : remplacez-la par sa valeur"))
    if isinstance(cell, str):
        return _written_date(text_of(cell).value or "", today, month_first)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if 3_000 <= cell < 73_000:
            day = _EXCEL_EPOCH + timedelta(days=int(cell))
            return Read(day, mended=_("date lue dans un nombre d’Excel (%(number)s)", number=int(cell)))
        if 1_000_000 <= cell < 100_000_000 and float(cell).is_integer():
            return _eight_digits(str(int(cell)).zfill(8), today)
    return Read(refused=_("ce n’est pas une date : écrivez jour/mois/année"))


def _written_date(text: str, today: date, month_first: bool) -> Read[date]:
    if not text:
        return Read()
    if re.fullmatch(r"\d{4,5}(?:[.,]0+)?", text):
        return date_of(float(text.replace(",", ".")), today)
    if re.fullmatch(r"\d{8}", text):
        return _eight_digits(text, today)
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in match.groups()[:3])
    elif match := _NUMBERED.fullmatch(text):
        day, month, year = (int(part) for part in match.groups()[:3])
        if month_first:
            day, month = month, day
    elif (match := _WORDED.fullmatch(plain(text))) and (named := _month(match[2])):
        day, month, year = int(match[1]), named, int(match[3])
    else:
        return Read(refused=_("ce n’est pas une date : écrivez jour/mois/année"))
    if year < 100:
        year += 2000 if year <= today.year % 100 else 1900
    try:
        return Read(date(year, month, day))
    except ValueError:
        return Read(refused=_("ce jour n’existe pas"))


def _month(word: str) -> int:
    """The number of a month, whole or cut (« févr », « sept »), or 0."""
    found = [number for number, name in enumerate(_MONTHS, start=1) if name.startswith(word)]
    return found[0] if len(found) == 1 else 0


def _eight_digits(text: str, today: date) -> Read[date]:
    """20121222 or 22122012: whichever is a day of this or the last century, when only one is."""
    possible = []
    for year, month, day in ((text[:4], text[4:6], text[6:]), (text[4:], text[2:4], text[:2])):
        try:
            possible.append(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    likely = [day for day in possible if 1900 <= day.year <= today.year]
    return Read(likely[0]) if len(likely) == 1 else Read(refused=_("ce n’est pas une date : écrivez jour/mois/année"))


def month_first(cells: Iterable[Cell]) -> bool | None:
    """Whether written dates put the month before the day: the column itself tells, or None when it says both."""
    pairs = [match.groups()[:2] for cell in cells if isinstance(cell, str) if (match := _NUMBERED.fullmatch(cell))]
    months = any(int(first) <= 12 < int(second) <= 31 for first, second in pairs)
    days = any(int(second) <= 12 < int(first) <= 31 for first, second in pairs)
    return None if months and days else months


def class_of(cell: Cell) -> Read[str]:
    """The name of a class, with what Excel did to it undone: « 2A » became two in the morning, « 3E1 » became 30."""
    if isinstance(cell, time):
        return _clock_class(cell.hour + cell.minute / 60)
    if isinstance(cell, datetime) and cell.date() <= date(1900, 1, 1):
        return _clock_class(cell.hour + cell.minute / 60)
    if isinstance(cell, datetime | date):
        return _class_as_date()
    if isinstance(cell, str) and re.fullmatch(r"0[.,]\d+", cell):
        cell = float(cell.replace(",", "."))
    if isinstance(cell, float) and 0 < cell < 1:
        return _clock_class(cell * 24)
    read = text_of(cell)
    if not read.value:
        return read
    whole = read.value.removeprefix("'")
    if match := re.fullmatch(r"(\d{1,2}):00(?::00)?", whole):
        return _clock_class(int(match[1]))
    if _NUMBERED.fullmatch(whole) or _DAY_OF_MONTH.fullmatch(plain(whole)):
        return _class_as_date()
    if match := _E_BY_EXCEL.fullmatch(whole):
        name = f"{match[1]}E{len(match[2] or '') or match[3]}"
        return Read(name, mended=_("classe %(name)s, qu’Excel avait prise pour un nombre : vérifiez-la", name=name))
    if _SCIENTIFIC.fullmatch(whole) and not _CLASS_E.fullmatch(whole):
        return Read(refused=_("Excel a abîmé cette valeur (%(value)s) : écrivez-la en texte", value=whole))
    text, rest = _first_class(whole)
    if not text[0].isalnum():
        return Read(refused=_("un nom de classe commence par un chiffre ou une lettre"))
    if len(text) > MAX_CLASS:
        return Read(refused=_("un nom de classe a %(most)s signes au plus", most=MAX_CLASS))
    if rest:
        return Read(text, mended=_("la classe %(name)s est gardée, les groupes sont laissés", name=text))
    return Read(text)


def _first_class(text: str) -> tuple[str, bool]:
    """« 3A, [3ALL1], [3LAT] » is the class 3A with groups; also whether something was left aside."""
    parts = [part.strip() for part in text.split(",")]
    classes = [part for part in parts if part and not part.startswith("[")]
    return (classes[0], len(parts) > 1) if classes else (text, False)


def _class_as_date() -> Read[str]:
    return Read(refused=_("Excel a changé ce nom de classe en date : écrivez-le en texte"))


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
_PRIMARY = re.compile(r"(?:ps|ms|gs|cp|ce1|ce2|cm1|cm2)\b")
_AFTER_SCHOOL = re.compile(r"[12]? ?(?:cap|bts|sts|cpge|dcg|dnmade)(?:\b|\d)")
_HIGH_SCHOOL = re.compile(
    r"premiere|1|t ?(?:\d|le\b|le\d|erm|(?:g|s|l|es|stmg|sti2d|st2s|stl|std2a|b?pro|bac)(?:\b|\d))"
)
_CLASS_WORD = re.compile(r"^(?:(?:la )?(?:classe|division)|eleves)(?: de)? ")


def level_of(text: str) -> str:
    """« école », « 6e »… « 3e », « 2de », « lycée », or nothing: from a MEF (code or label) or the name of a class."""
    if _SCIENTIFIC.fullmatch(text) and not _CLASS_E.fullmatch(text):
        return ""
    words = _CLASS_WORD.sub("", plain(text))
    compact = words.replace(" ", "")
    if re.fullmatch(r"\d{10,11}", compact):
        return _MEF_LEVELS.get(compact[:3], "")
    for word, level in _WORDS:
        if word in words:
            return level
    if _PRIMARY.match(words):
        return "école"
    if _AFTER_SCHOOL.match(words):
        return "lycée"
    if match := re.match(r"([3-6])", compact):
        return f"{match[1]}e"
    if re.match(r"2(?:nde|de|nd|\b|[a-z0-9])", compact):
        return "2de"
    return "lycée" if _HIGH_SCHOOL.match(words) else ""
