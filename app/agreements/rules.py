"""Pure decisions of the agreements' papers: references, what a typed value may be, which signatures are asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from app.agreements.fields import FIELDS, READ_ONLY, Field, Part
from app.agreements.states import PartyRole
from app.kernel.identifiers import normalise_code, parse_siret

REFERENCE_LENGTH = 8
SHORT_DIGEST = 16

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_PHONE = re.compile(r"\+?[\d .()/\u00a0\u202f-]{8,28}")


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """Somebody whose signature is asked, before there is a row. `required`: "signed by all" waits for it."""

    role: PartyRole
    name: str
    title: str = ""
    email: str = ""
    phone: str = ""
    required: bool = True
    host_id: int | None = None
    guardian_id: int | None = None
    user_id: int | None = None

    @property
    def key(self) -> tuple[PartyRole, int | None, int | None]:
        """The place: a person may change in it, the place stays."""
        return self.role, self.host_id, self.guardian_id


def spoken_reference(reference: str) -> str:
    """« K7QM 4RTA »: easier to read aloud and to copy."""
    return " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))


def read_reference(text: str) -> str:
    """What a person typed or scanned, as references are stored."""
    return normalise_code(text)[:16]


def short_digest(digest: str) -> str:
    """The first signs of a digest, in groups of four, as printed at the foot of each page."""
    head = digest[:SHORT_DIGEST]
    return " ".join(head[i : i + 4] for i in range(0, len(head), 4))


def accepted(part: Part, typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(values that may be kept, field → sentence of refusal) of what somebody typed in a part; unknown names vanish."""
    kept: dict[str, str] = {}
    refused: dict[str, str] = {}
    for row in FIELDS[part]:
        if row.name not in typed or row.name in READ_ONLY[part]:
            continue
        value = typed[row.name].strip()
        sentence = _refusal(row, value)
        if sentence:
            refused[row.name] = sentence
        else:
            kept[row.name] = value
    return kept, refused


def _refusal(row: Field, value: str) -> str:
    if not value:
        return ""
    if len(value) > row.limit:
        return _("Ce texte est trop long : %(size)s caractères, %(limit)s au plus.", size=len(value), limit=row.limit)
    match row.kind:
        case "email" if not _EMAIL.fullmatch(value):
            return _("Cette adresse n’est pas complète. Exemple : prenom.nom@exemple.fr.")
        case "phone" if not _PHONE.fullmatch(value):
            return _("Ce numéro n’est pas complet. Exemple : 03 21 00 00 00.")
        case "siret" if parse_siret(value) is None:
            return _("Ce SIRET n’existe pas : quatorze chiffres, dont le dernier vérifie les autres.")
        case "choice" if value not in {key for key, _label in row.choices}:
            return _("Choisissez une des réponses proposées.")
        case "date" if not _is_date(value):
            return _("Écrivez une date, par exemple 12/03/2012.")
    return ""


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
