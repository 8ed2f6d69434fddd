"""Names as staff paste them, class codes, and the value objects which forms and imports build. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from app.web.elision import elides

MAX_PASTED_LINES = 60
MAX_NAME = 80
MAX_GUARDIANS = 2
YOUNGEST, OLDEST = 9, 21
_PARTICLES = frozenset(
    {"DE", "DU", "DES", "LE", "LA", "LES", "VAN", "VANDEN", "VON", "EL", "AL", "BEN", "AIT", "DI", "DA", "DEL", "DOS"}
)
_HEADER = frozenset({("nom", "prenom"), ("prenom", "nom"), ("nomdefamille", "prenom"), ("nom", "prenoms")})
_NUMBERING = re.compile(r"^\s*(?:\d{1,3}\s*[.):°-]|\d{1,3}\s|[-*•–])\s*")
_SEPARATOR = re.compile(r"\s*[;\t,]\s*")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’.\-\u2010\u2011\u0300-\u036f])*")


@dataclass(frozen=True, slots=True)
class SchoolDraft:
    uai: str
    name: str
    address: str
    postcode: str
    commune_id: int
    lat: float | None
    lon: float | None
    is_public: bool
    priority_education: str
    phone: str = ""
    email: str = ""
    board_approval_on: date | None = None


@dataclass(frozen=True, slots=True)
class ClassDraft:
    name: str
    level: str
    teacher_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GuardianDraft:
    name: str
    email: str | None
    phone: str = ""
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class StudentFile:
    """What staff write of a student: names, birth date, guardians (at most two)."""

    last_name: str
    first_name: str
    birth_date: date | None = None
    guardians: tuple[GuardianDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class NameRow:
    """One student read from a line; `guessed` when nothing on the line said which word is the family name."""

    line: int
    last_name: str
    first_name: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class UnreadLine:
    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class StudentDraft:
    """A student to add. `homonyms_seen`: how many of the same name the person had in front of them when saying yes.

    Sent twice, the second finds one more than was seen, so nothing is added twice.
    """

    last_name: str
    first_name: str
    homonyms_seen: int = 0


def name_key(last_name: str, first_name: str) -> tuple[str, str]:
    """Equal for two spellings of one name: case, accents, hyphens and apostrophes do not count."""
    return _plain(last_name), _plain(first_name)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if c.isalnum())


def name_problem(name: str) -> str | None:
    """Why `name` cannot be somebody's name, in a sentence, or None."""
    if not name:
        return _("Le nom et le prénom sont tous les deux nécessaires.")
    if len(name) > MAX_NAME:
        return _("Un nom tient en %(n)s signes au plus.", n=MAX_NAME)
    if not _NAME.fullmatch(name):
        return _("Un nom ne contient que des lettres, des espaces, des tirets et des apostrophes.")
    return None


def birth_date_problem(birth_date: date | None, today: date) -> str | None:
    """Why no student of a collège or a lycée was born that day, in a sentence, or None (also when it is not known)."""
    if birth_date is None:
        return None
    years = today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
    if birth_date > today or not YOUNGEST <= years <= OLDEST:
        return _("Cette date ferait un élève de %(years)s ans : vérifiez l’année.", years=max(years, 0))
    return None


def read_names(text: str) -> tuple[list[NameRow], list[UnreadLine]]:
    """What a pasted list says: « NOM Prénom », « Prénom NOM » or « NOM;Prénom », one student a line.

    Numbering, bullets, a heading line and further columns are forgiven. Never raises.
    """
    rows: list[NameRow] = []
    unread: list[UnreadLine] = []
    first_name_first = False
    for number, raw in enumerate(text.splitlines(), start=1):
        line = _NUMBERING.sub("", raw, count=1).strip().strip('"').strip()
        heading = _heading(line)
        if heading:
            first_name_first = heading[0].startswith("prenom")
        if not line or heading:
            continue
        row = _read_line(number, line, first_name_first)
        if row is None:
            unread.append(UnreadLine(number, line, _("Il faut un nom et un prénom sur la ligne.")))
            continue
        problem = name_problem(row.last_name) or name_problem(row.first_name)
        if problem:
            unread.append(UnreadLine(number, line, problem))
        else:
            rows.append(row)
    return rows, unread


def _heading(line: str) -> tuple[str, str] | None:
    """The two column names, when the line is the heading of a table."""
    words = [_plain(word) for word in (_SEPARATOR.split(line) if _SEPARATOR.search(line) else line.split())]
    columns = (words[0], words[1]) if len(words) >= 2 else None
    return columns if columns in _HEADER else None


def _read_line(number: int, line: str, first_name_first: bool) -> NameRow | None:
    if _SEPARATOR.search(line):
        cells = [cell.strip().strip('"').strip() for cell in _SEPARATOR.split(line)]
        cells = [cell for cell in cells if cell]
        if len(cells) < 2:
            return _read_words(number, cells[0].split()) if cells else None
        last, first = cells[0], cells[1]
        if first_name_first:
            last, first = first, last
        turned = _shouted(first) and not _shouted(last)
        if turned:
            last, first = first, last
        return NameRow(number, cased(last), cased(first), guessed=turned)
    return _read_words(number, line.split())


def split_name(text: str) -> NameRow | None:
    """Family and first name of « NOM Prénom » or « Prénom NOM », or None when one of them is missing."""
    return _read_words(0, text.split())


def _read_words(number: int, words: list[str]) -> NameRow | None:
    if len(words) < 2:
        return None
    loud = [_shouted(word) for word in words]
    if all(loud):
        cut = 1
        while cut < len(words) - 1 and words[cut - 1] in _PARTICLES:
            cut += 1
        return _row(number, words[:cut], words[cut:], guessed=True)
    lead = loud.index(False)
    if lead > 0 and not any(loud[lead:]):
        return _row(number, words[:lead], words[lead:])
    tail = len(words) - loud[::-1].index(False)
    if tail < len(words) and not any(loud[:tail]):
        return _row(number, words[tail:], words[:tail])
    return _row(number, words[1:], words[:1], guessed=True)


def _row(number: int, last: list[str], first: list[str], guessed: bool = False) -> NameRow:
    return NameRow(number, cased(" ".join(last)), cased(" ".join(first)), guessed)


def _shouted(word: str) -> bool:
    """All in capitals. A lone capital (« D. ») says nothing and counts as ordinary."""
    letters = [c for c in word if c.isalpha()]
    return len(letters) > 1 and all(c.isupper() for c in letters)


def cased(name: str) -> str:
    """« DUPONT-MARTIN » becomes « Dupont-Martin »; a name already in mixed case is left as it is."""
    name = re.sub(r"\s+", " ", name).strip().replace("'", "’")
    if any(c.islower() for c in name) and any(c.isupper() for c in name):
        return name
    return re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), name.lower())


def class_code_stem(school_name: str, class_name: str) -> str:
    """The readable beginning of a class code: « Collège François Rabelais », « 3e A » give « RABELA3EA »."""
    words = [w for w in re.split(r"[^0-9A-Za-z]+", _ascii(school_name)) if len(w) > 2]
    stem = (words[-1] if words else "CLASSE").upper()[:6]
    return stem + "".join(c for c in _ascii(class_name).upper() if c.isalnum())[:4]


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if c.isascii() and (c.isalnum() or c in " -'"))


def grouped(code: str) -> str:
    """A personal code in groups of four, as it is printed: « K7QM 3TXR »."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


_WORDS = {
    "A": "avion", "C": "cinéma", "D": "domino", "E": "école", "F": "foot", "G": "guitare", "H": "hôtel", "J": "judo",
    "K": "karaté", "M": "moto", "N": "neige", "P": "pizza", "Q": "quiche", "R": "radio", "T": "train", "W": "wagon",
    "X": "xylophone", "Y": "yaourt", "Z": "zèbre",
}  # fmt: skip


def spelled(code: str) -> list[str]:
    """Each group of a code, as it is read aloud without mistake: « K de karaté, 7, Q de quiche, M de moto »."""

    def said(sign: str) -> str:
        word = _WORDS.get(sign)
        if word is None:
            return sign
        return f"{sign} d’{word}" if elides(word) else f"{sign} de {word}"

    return [", ".join(said(sign) for sign in group) for group in grouped(code).split()]


def names_on_cards(names: Iterable[tuple[int, str, str]]) -> dict[int, str]:
    """From (id, first name, last name): the first name, and as much of the last as tells two of a class apart.

    A lost card says as little as it can: « Lina », or « Lina W. » beside another Lina.
    """
    people = list(names)
    shown: dict[int, str] = {}
    for number, first, last in people:
        rivals = [other for n, f, other in people if n != number and _plain(f) == _plain(first)]
        length = next((n for n in range(len(last)) if not any(_plain(r[:n]) == _plain(last[:n]) for r in rivals)), None)
        shown[number] = first if length == 0 else f"{first} {last}" if length is None else f"{first} {last[:length]}."
    return shown


def homonyms(rows: Iterable[NameRow], known: Iterable[tuple[str, str]]) -> list[int]:
    """For each row, how many students of the same name come before it: in the class, then in the list itself."""
    counts: dict[tuple[str, str], int] = {}
    for key in known:
        counts[key] = counts.get(key, 0) + 1
    seen = []
    for row in rows:
        key = name_key(row.last_name, row.first_name)
        seen.append(counts.get(key, 0))
        counts[key] = counts.get(key, 0) + 1
    return seen
