"""Which columns of a class list are read: a short whitelist. All the others are named, and never read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _

from app.kernel.tabular import Row


class Field(StrEnum):
    LAST_NAME = "last_name"
    USAGE_NAME = "usage_name"
    FIRST_NAME = "first_name"
    FULL_NAME = "full_name"
    BIRTH_DATE = "birth_date"
    CLASS = "class"
    CLASS_KIND = "class_kind"  # SIECLE's D(ivision) or G(roupe)
    LEVEL = "level"
    LEFT_ON = "left_on"
    GUARDIAN_1_LAST = "guardian_1_last"
    GUARDIAN_1_FIRST = "guardian_1_first"
    GUARDIAN_1_EMAIL = "guardian_1_email"
    GUARDIAN_1_PHONE = "guardian_1_phone"
    GUARDIAN_2_LAST = "guardian_2_last"
    GUARDIAN_2_FIRST = "guardian_2_first"
    GUARDIAN_2_EMAIL = "guardian_2_email"
    GUARDIAN_2_PHONE = "guardian_2_phone"


def _guardian(n: int) -> tuple[str, ...]:
    return (f"responsable {n}", f"responsable legal {n}", f"representant legal {n}", f"parent {n}")


_F = Field
# Headings after `plain`, the best first: when two columns of a file mean the same field, the earlier one is read.
_HEADINGS: Mapping[Field, tuple[str, ...]] = {
    _F.LAST_NAME: ("nom de famille", "nom", "noms", "nom patronymique", "nom de naissance", "nom legal", "last name"),
    _F.USAGE_NAME: ("nom d usage", "nom usage"),
    _F.FIRST_NAME: (
        "prenom",
        "prenom usuel",
        "prenom d usage",
        "premier prenom",
        "1er prenom",
        "prenom 1",
        "prenoms",
        "prenom s",
        "first name",
    ),
    _F.FULL_NAME: (
        "eleve",
        "eleves",
        "nom prenom",
        "nom et prenom",
        "noms et prenoms",
        "noms prenoms",
        "prenom nom",
        "prenom et nom",
        "nom complet",
        "identite",
        "libelle",
    ),
    _F.BIRTH_DATE: (
        "date de naissance",
        "date naissance",
        "ne e le",
        "ne le",
        "nee le",
        "ne le nee le",
        "date de naiss",
        "date naiss",
        "date nais",
        "dt naissance",
        "ddn",
        "naissance",
        "birth date",
    ),
    _F.CLASS: (
        "division",
        "classe",
        "classes",
        "classe de rattachement",
        "code structure",
        "code classe",
        "code division",
        "nom de la classe",
        "libelle classe",
        "libelle de la classe",
        "libelle court division",
        "libelle division",
        "lib classe",
        "lib division",
        "lib structure",
        "structure",
        "class",
        "groupe",
    ),
    _F.CLASS_KIND: ("type structure",),
    _F.LEVEL: (
        "niveau",
        "niveau scolaire",
        "niveau de classe",
        "lib niveau",
        "lib mef",
        "libelle mef",
        "mef",
        "formation",
        "code mef",
    ),
    _F.LEFT_ON: ("date sortie", "date de sortie", "sorti e le", "sortie", "sortie le", "radie e le"),
    **{
        field: tuple(
            f"{what} {who}".strip()
            for who in (*_guardian(n), f"repr leg {n}", f"resp {n}", f"resp legal {n}", f"resp leg {n}")
            for what in whats
        )
        + tuple(f"{who} {what}" for who in _guardian(n) for what in whats)
        for n in (1, 2)
        for field, whats in (
            (Field(f"guardian_{n}_last"), ("nom de famille", "nom", "nom et prenom", "nom prenom", "")),
            (Field(f"guardian_{n}_first"), ("prenom",)),
            (
                Field(f"guardian_{n}_email"),
                ("email", "e mail", "mail", "mel", "courriel", "adresse mail", "adresse e mail", "adresse email"),
            ),
            (
                Field(f"guardian_{n}_phone"),
                ("tel portable", "portable", "telephone portable", "mobile", "tel mobile", "telephone", "tel"),
            ),
        )
    },
}

# Why a column is not read. The first group would hold what the platform must never know.
_SENSITIVE = re.compile(
    r"\b(projets?|dispositifs?|pap|pps|pai|ppre|ulis|amenagement\w*|dys\w*|tiers temps|aesh|avs|medic\w*|sante|"
    r"allerg\w*|handicap|mdph|regime|demi pension|repas|"
    r"nation\w*|nat|religion|confession|bourse\w*|boursier|sanction\w*|pcs|profession)\b"
)
_NUMBERS = re.compile(r"\b(ine|id national|identifiant unique|identifiant national|nir|num eleve|numero national)\b")
_BIRTH_PLACE = re.compile(
    r"\b(commune|ville|pays|departement|lieu)\b.*\bnaiss|\bnaiss\w*\b.*\b(commune|ville|pays|lieu)\b"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file: `field` when it is read, else `why` it is not."""

    index: int
    heading: str
    field: Field | None
    why: str = ""


def plain(heading: object) -> str:
    """A heading as it is compared: no case, accents, punctuation; every space is one ordinary space."""
    text = unicodedata.normalize("NFKD", str(heading).casefold().replace("œ", "oe"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"\(.*?(?:jj|aaaa).*?\)", " ", text)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


_MEANING = {heading: (field, rank) for field, names in _HEADINGS.items() for rank, heading in enumerate(names)}


def _meaning(cell: object) -> tuple[Field, int] | None:
    """What a heading stands for, and how far it is from its best spelling."""
    spelled = re.sub(r"(?<=[a-zé])(?=[A-Z])", " ", str(cell))  # « NomEleve »
    shorter = plain(re.sub(r"\([^()]*\)", " ", spelled))  # « Élève (28) »
    bare = re.sub(r"\b(?:de )?(?:l )?eleves?\b", " ", shorter)  # « Nom de l’élève »
    undated = re.sub(r"\b20\d\d\b", " ", bare)  # « Classe 2026-2027 »
    for distance, heading in enumerate((plain(cell), shorter, " ".join(bare.split()), " ".join(undated.split()))):
        if found := _MEANING.get(heading):
            return found[0], found[1] + 100 * distance
    return None


def recognise(row: Row) -> list[Column] | None:
    """The columns of a heading line, or None when the line is no heading (a title, or already a student)."""
    found: dict[Field, tuple[int, int]] = {}
    for index, cell in row.cells.items():
        field, rank = _meaning(cell) or (None, 0)
        if field is not None and (field not in found or rank < found[field][0]):
            found[field] = (rank, index)
    if Field.FULL_NAME in found and Field.LAST_NAME in found and Field.FIRST_NAME in found:
        del found[Field.FULL_NAME]
    named = Field.FULL_NAME in found or Field.LAST_NAME in found
    if not named or (len(row.cells) > 1 and len(found) < 2 and len(row.cells) > 3):
        return None
    chosen = {index: field for field, (_rank, index) in found.items()}
    return [
        Column(index, str(cell)[:80], chosen.get(index), "" if index in chosen else why_not_read(cell))
        for index, cell in sorted(row.cells.items())
    ]


def why_not_read(cell: object) -> str:
    """Why a column is passed over, in a few words."""
    heading = plain(cell)
    if _SENSITIVE.search(heading):
        return _("donnée sensible : jamais lue")
    if _BIRTH_PLACE.search(heading):
        return _("lieu de naissance : jamais lu")
    if _NUMBERS.search(heading):
        return _("numéro d’élève : jamais lu, il n’en est pas besoin")
    if _meaning(cell):
        return _("une autre colonne dit déjà la même chose")
    return _("inutile ici : non lue")
