"""What a correct offer says. Pure: no database, no clock.

Rule names (LVL-1, HRS-1 to HRS-7, CAL-1, CAL-2) are those of the Code du travail rules as the glossary numbers them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.occupations import reference

Refusal = Callable[[str, str], None]

MAX_PLACES = 30
MAX_OCCUPATIONS = 5
MIN_DESCRIPTION = 40
LIMITS = {
    "title": 120,
    "description": 2000,
    "lunch": 300,
    "dress": 300,
    "tutor_name": 120,
    "tutor_role": 120,
}
OCCUPATION_LENGTH = 120

# The days of a week as they are stored; Sunday is there to be refused with a sentence.
DAYS: dict[str, str] = {
    "lun": _l("lundi"),
    "mar": _l("mardi"),
    "mer": _l("mercredi"),
    "jeu": _l("jeudi"),
    "ven": _l("vendredi"),
    "sam": _l("samedi"),
    "dim": _l("dimanche"),
}
SCHOOL_DAYS = ("lun", "mar", "mer", "jeu", "ven")

MAX_DAY = 7 * 60
MAX_WEEK = 30 * 60  # the limit under 15, and most are not 15 yet
MAX_STRETCH = 4 * 60 + 30
MIN_BREAK = 30
EARLIEST, LATEST = 6 * 60, 20 * 60
NIGHT_REST = 14 * 60
USUAL_WEEK, USUAL_DAYS = 24 * 60, 4


@dataclass(frozen=True, slots=True)
class Hours:
    """The same hours each day of presence; `lunch_starts_at == lunch_ends_at` means no break."""

    starts_at: time
    lunch_starts_at: time
    lunch_ends_at: time
    ends_at: time
    days: tuple[str, ...] = SCHOOL_DAYS

    @property
    def day_minutes(self) -> int:
        """Minutes of presence in a day, break left out."""
        return self._morning + self._afternoon

    @property
    def week_minutes(self) -> int:
        return self.day_minutes * len(self.days)

    @property
    def _morning(self) -> int:
        return _minutes(self.lunch_starts_at) - _minutes(self.starts_at)

    @property
    def _afternoon(self) -> int:
        return _minutes(self.ends_at) - _minutes(self.lunch_ends_at)

    @property
    def _break(self) -> int:
        return _minutes(self.lunch_ends_at) - _minutes(self.lunch_starts_at)


DEFAULT_HOURS = Hours(time(9), time(12), time(13), time(16))


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: its name, the field it shows beside, the sentence."""

    rule: str
    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """An offer as somebody writes it. `places`: Monday → number of places, zero left out."""

    title: str
    description: str = ""
    sector: str = ""
    site_id: int | None = None
    occupations: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ("3e",)
    hours: Hours = DEFAULT_HOURS
    places: Mapping[date, int] | None = None
    lunch: str = ""
    dress: str = ""
    tutor_name: str = ""
    tutor_role: str = ""
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What the campaign and the structure allow: their weeks, levels and sites; and why any other week is refused."""

    mondays: Sequence[date]
    levels: Sequence[str]
    site_ids: Sequence[int]
    week_problem: Mapping[date, str] | None = None


def hours_findings(hours: Hours) -> list[Finding]:
    """The broken rules of HRS-1 to HRS-6 and CAL-2, in the order of the day. Empty when all hold."""
    start, end = _minutes(hours.starts_at), _minutes(hours.ends_at)
    if not start < _minutes(hours.lunch_starts_at) <= _minutes(hours.lunch_ends_at) < end:
        sentence = _("Les heures ne se suivent pas : arrivée, début de pause, fin de pause, départ.")
        return [Finding("HRS-0", "starts_at", sentence)]
    findings: list[Finding] = []
    if start < EARLIEST:
        findings.append(Finding("HRS-4", "starts_at", _("Pas avant 6 heures : c’est la nuit pour un mineur.")))
    if end > LATEST:
        findings.append(Finding("HRS-4", "ends_at", _("Pas après 20 heures : c’est la nuit pour un mineur.")))
    if hours._morning > MAX_STRETCH:
        sentence = _("Plus de 4 h 30 sans pause : avancez le début de la pause.")
        findings.append(Finding("HRS-3", "lunch_starts_at", sentence))
    if hours._afternoon > MAX_STRETCH:
        sentence = _("Plus de 4 h 30 sans pause : reculez la fin de la pause.")
        findings.append(Finding("HRS-3", "lunch_ends_at", sentence))
    if hours.day_minutes > MAX_STRETCH and hours._break < MIN_BREAK:
        sentence = _("Au-delà de 4 h 30 dans la journée, la pause dure au moins 30 minutes.")
        findings.append(Finding("HRS-3", "lunch_ends_at", sentence))
    if hours.day_minutes > MAX_DAY:
        sentence = _(
            "Cela fait %(hours)s par jour : 7 heures au plus, pause non comprise.", hours=span(hours.day_minutes)
        )
        findings.append(Finding("HRS-1", "ends_at", sentence))
    return findings + _week_findings(hours, start, end)


def _week_findings(hours: Hours, start: int, end: int) -> list[Finding]:
    findings: list[Finding] = []
    days = [list(DAYS).index(day) for day in hours.days if day in DAYS]
    if not days or len(days) != len(hours.days):
        return [Finding("CAL-2", "days", _("Cochez au moins un jour de présence."))]
    if 6 in days:
        findings.append(Finding("HRS-6", "days", _("Jamais le dimanche : un élève se repose ce jour-là.")))
    elif 5 in days and 0 in days:
        sentence = _("Deux jours de repos de suite, dont le dimanche : avec le samedi, laissez le lundi libre.")
        findings.append(Finding("HRS-6", "days", sentence))
    if len(days) > 5:
        findings.append(Finding("CAL-2", "days", _("Cinq jours au plus dans la semaine.")))
    if any(day + 1 in days for day in days) and end - start > 24 * 60 - NIGHT_REST:
        sentence = _("Du départ à l’arrivée du lendemain, il faut 14 heures de repos : raccourcissez la journée.")
        findings.append(Finding("HRS-5", "ends_at", sentence))
    if hours.week_minutes > MAX_WEEK and not any(f.rule == "HRS-1" for f in findings):
        sentence = _(
            "Cela fait %(hours)s dans la semaine : 30 heures au plus pour un élève de moins de 15 ans.",
            hours=span(hours.week_minutes),
        )
        findings.append(Finding("HRS-2", "ends_at", sentence))
    return findings


def hours_advice(hours: Hours) -> str | None:
    """A remark that stops nobody (HRS-7): many schools expect four days and 24 hours."""
    if hours_findings(hours) or (hours.week_minutes >= USUAL_WEEK and len(hours.days) >= USUAL_DAYS):
        return None
    return _("C’est court : beaucoup de collèges attendent au moins quatre jours et 24 heures dans la semaine.")


def problems(draft: OfferDraft, frame: Frame, *, complete: bool) -> dict[str, str]:
    """Field by field, the first thing to correct. `complete`: to be sent; otherwise a draft may have holes."""
    found: dict[str, str] = {}

    def refuse(field: str, sentence: str) -> None:
        found.setdefault(field, sentence)

    if not draft.title:
        refuse("title", _("Donnez un titre à l’offre."))
    if draft.site_id not in frame.site_ids:
        refuse("site_id", _("Choisissez un de vos lieux."))
    for name, limit in LIMITS.items():
        size = len(getattr(draft, name))
        if size > limit:
            refuse(name, _("Ce texte est trop long : %(size)s caractères, %(limit)s au plus.", size=size, limit=limit))
    if any(len(text) > OCCUPATION_LENGTH for text in draft.occupations):
        refuse("occupations", _("Un nom de métier tient en %(limit)s caractères.", limit=OCCUPATION_LENGTH))
    if len(draft.occupations) > MAX_OCCUPATIONS:
        refuse("occupations", _("Cinq métiers au plus : gardez les plus visibles."))
    if draft.sector and draft.sector not in reference.sectors():
        refuse("sector", _("Choisissez un domaine dans la liste."))
    if any(code not in reference.conditions() for code in draft.conditions):
        refuse("conditions", _("Choisissez parmi les cases proposées."))
    if not draft.levels or any(level not in frame.levels for level in draft.levels):
        refuse("levels", _("Cochez au moins un niveau de la campagne."))
    for finding in hours_findings(draft.hours):
        refuse(finding.field, finding.sentence)
    _check_places(draft, frame, refuse)
    if complete:
        _check_complete(draft, refuse)
    return found


def _check_places(draft: OfferDraft, frame: Frame, refuse: Refusal) -> None:
    for monday, number in (draft.places or {}).items():
        field = places_field(monday)
        if monday not in frame.mondays:
            reason = (frame.week_problem or {}).get(monday)
            refuse("weeks", reason or _("Cette semaine n’est pas une semaine de stage de la campagne."))
        elif not 0 <= number <= MAX_PLACES:
            refuse(field, _("Écrivez un nombre de places entre 0 et %(most)s.", most=MAX_PLACES))


def _check_complete(draft: OfferDraft, refuse: Refusal) -> None:
    if len(draft.description) < MIN_DESCRIPTION:
        refuse("description", _("Racontez ce que l’élève verra et fera, en quelques phrases."))
    if not draft.sector:
        refuse("sector", _("Choisissez un domaine."))
    if not draft.occupations:
        refuse("occupations", _("Écrivez au moins un métier que l’élève verra."))
    if not any((draft.places or {}).values()):
        refuse("weeks", _("Proposez au moins une place, dans une des semaines."))
    if not draft.tutor_name:
        refuse("tutor_name", _("Écrivez le nom de la personne qui accueillera l’élève."))
    if not draft.acknowledged:
        refuse("acknowledged", _("Cochez la case : ces travaux sont interdits aux élèves."))


def places_field(monday: date) -> str:
    """The name of the number field of a week."""
    return f"places_{monday:%Y_%m_%d}"


def span(minutes: int) -> str:
    """« 7 h », « 7 h 30 »."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}\u00a0h" + (f"\u00a0{rest:02d}" if rest else "")


def days_sentence(days: Sequence[str]) -> str:
    """« du lundi au vendredi », « lundi, mardi et jeudi »."""
    order = list(DAYS)
    positions = sorted(order.index(day) for day in days if day in DAYS)
    names = [str(DAYS[order[position]]) for position in positions]
    if len(names) > 2 and positions == list(range(positions[0], positions[-1] + 1)):
        return _("du %(first)s au %(last)s", first=names[0], last=names[-1])
    if len(names) < 2:
        return "".join(names)
    return _("%(list)s et %(last)s", list=", ".join(names[:-1]), last=names[-1])


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
