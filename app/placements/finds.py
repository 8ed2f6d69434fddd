"""A student's own find, as it is told: pure decisions, no database, no clock."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time
from difflib import SequenceMatcher

from flask_babel import gettext as _

from app.hosts.rules import siret_problem
from app.kernel.identifiers import parse_phone
from app.occupations.queries import fold
from app.regulations.schedules import WEEKDAYS, Interval, ScheduleError, WeekHours

MIN_WORK = 15
SIMILAR = 0.78
_COMMON = frozenset(
    ("association", "asso", "la", "le", "les", "de", "du", "des", "et", "sarl", "sas", "eurl", "ets", "chez", "centre")
)
_POSTCODE = re.compile(r"[0-9]{5}")
_TOWN = re.compile(r"[^\W\d_][^\d_]{0,78}[^\W\d_]")  # letters, with the signs of « L’Haÿ-les-Roses » between them
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class FindDraft:
    """What the student or the teacher typed. `siret` may be empty: it is then found by name later."""

    structure: str
    siret: str
    address: str
    commune_id: int | None
    contact_name: str
    contact_phone: str
    contact_email: str
    monday: date | None
    days: tuple[str, ...]
    starts_at: time | None
    lunch_starts_at: time | None
    lunch_ends_at: time | None
    ends_at: time | None
    work: str
    request_key: str
    postcode: str = ""  # these two for a commune that is not in the list
    town: str = ""

    @property
    def is_elsewhere(self) -> bool:
        """In a commune outside the territory, told by its postcode and its name."""
        return self.commune_id is None and bool(self.postcode or self.town)

    @property
    def weekdays(self) -> tuple[int, ...]:
        return tuple(sorted(WEEKDAYS.index(day) for day in self.days if day in WEEKDAYS))

    def hours(self) -> WeekHours | None:
        """The same hours each day of presence; None when they do not follow each other."""
        moments = (self.starts_at, self.lunch_starts_at, self.lunch_ends_at, self.ends_at)
        start, lunch, back, end = moments
        if start is None or end is None or (lunch is None) != (back is None):
            return None
        try:
            if lunch is None or back is None:
                intervals = [Interval(start, end)]
            else:
                intervals = [Interval(start, lunch), Interval(back, end)]
            return WeekHours.uniform(intervals, [WEEKDAYS.index(day) for day in self.days if day in WEEKDAYS])
        except ScheduleError:
            return None


def find_problems(draft: FindDraft, mondays: Sequence[date], communes: Collection[int]) -> dict[str, str]:
    """Field by field, what is to be completed; « tu » because most who read it are students."""
    problems: dict[str, str] = {}
    if not draft.structure:
        problems["structure"] = _("Écris le nom de la structure.")
    if draft.siret and (refused := siret_problem(draft.siret)):
        problems["siret"] = _("%(why)s Tu peux aussi laisser vide.", why=refused)
    if not draft.address:
        problems["address"] = _("Écris l’adresse : le numéro et la rue.")
    if draft.is_elsewhere:
        if not _POSTCODE.fullmatch(draft.postcode):
            problems["postcode"] = _("Un code postal a cinq chiffres. Exemple : 59000.")
        if not _TOWN.fullmatch(draft.town):
            problems["town"] = _("Écris le nom de la ville.")
    elif draft.commune_id not in communes:
        problems["commune_id"] = _("Choisis la commune dans la liste, ou écris une autre ville.")
    if not draft.contact_name:
        problems["contact_name"] = _("Écris le nom de la personne qui t’accueille.")
    if not draft.contact_phone and not draft.contact_email:
        problems["contact_phone"] = _("Donne un téléphone ou une adresse e-mail, pour la joindre.")
    if draft.contact_phone and parse_phone(draft.contact_phone) is None:
        problems["contact_phone"] = _("Ce numéro n’est pas complet. Exemple : 03 21 00 00 00.")
    if draft.contact_email and not _EMAIL.fullmatch(draft.contact_email):
        problems["contact_email"] = _("Cette adresse n’est pas complète. Exemple : prenom.nom@exemple.fr.")
    if draft.monday not in mondays:
        problems["monday"] = _("Choisis une des semaines de stage de ton collège.")
    if not [day for day in draft.days if day in WEEKDAYS]:
        problems["days"] = _("Coche les jours où tu iras.")
    if draft.hours() is None:
        problems["ends_at"] = _("Les heures ne se suivent pas : arrivée, pause, retour, départ.")
    if len(draft.work) < MIN_WORK:
        problems["work"] = _("Raconte en une phrase ou deux ce que tu vas voir et faire.")
    return problems


def looks_like(one: str, other: str) -> bool:
    """Whether two names are probably those of one structure (« Asso. La Bielle » and « La Bielle Solidaire »)."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return fold(one) == fold(other)
    if first <= second or second <= first:
        return True
    return SequenceMatcher(None, " ".join(sorted(first)), " ".join(sorted(second))).ratio() >= SIMILAR


def _words(name: str) -> set[str]:
    return {word for word in re.findall(r"[a-z0-9]+", fold(name)) if len(word) > 1} - _COMMON
