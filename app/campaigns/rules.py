"""Pure decisions of a campaign: which weeks are school weeks, what a phase lets each role do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from flask_babel import gettext as _

from app.access.policy import Role
from app.campaigns.states import Phase

LEVELS = ("4e", "3e", "2de")


@dataclass(frozen=True, slots=True)
class TerritoryDraft:
    name: str
    operator: str
    contact_email: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class CommuneDraft:
    insee: str
    name: str
    postcode: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    name: str
    school_year: str
    levels: tuple[str, ...]
    max_wishes: int
    offers_open_on: date
    wishes_open_on: date
    wishes_close_on: date
    publish_on: date
    mondays: tuple[date, ...]


class Dated(Protocol):
    @property
    def phase(self) -> Phase: ...
    @property
    def wishes_open_on(self) -> date: ...
    @property
    def wishes_close_on(self) -> date: ...
    @property
    def publish_on(self) -> date: ...


class Yearly(Protocol):
    @property
    def phase(self) -> Phase: ...
    @property
    def school_year(self) -> str: ...


def wishes_open(campaign: Dated, today: date) -> bool:
    """Whether a student may still change wishes: the phase, and the deadline itself (its last day included)."""
    return campaign.phase is Phase.WISHES and today <= campaign.wishes_close_on


def week_problem(
    monday: date, *, is_school_holiday: Callable[[date], bool], public_holiday: Callable[[date], str | None]
) -> str | None:
    """Why no stage can take place in the week of `monday`, or None (rule CAL-1)."""
    if monday.weekday() != 0:
        return _("Une semaine de stage se désigne par son lundi.")
    for offset in range(5):
        day = monday + timedelta(days=offset)
        if is_school_holiday(day):
            return _("Cette semaine tombe pendant les vacances scolaires de la zone B.")
        name = public_holiday(day)
        if name:
            return _("Cette semaine contient un jour férié (%(name)s).", name=name)
    return None


def mondays_between(first: date, last: date) -> Iterable[date]:
    day = first + timedelta(days=-first.weekday() % 7)
    while day <= last:
        yield day
        day += timedelta(days=7)


def is_over(campaign: Yearly, today: date) -> bool:
    """Whether nobody has anything left to do in it: closed by the coordination, or its summer has come (31 July)."""
    return campaign.phase is Phase.CLOSED or today > school_year_bounds(campaign.school_year)[1] + timedelta(days=31)


def school_year_bounds(school_year: str) -> tuple[date, date]:
    """« 2026-2027 » → 1 September 2026, 30 June 2027."""
    start = int(school_year[:4])
    return date(start, 9, 1), date(start + 1, 6, 30)


def school_years(today: date) -> list[str]:
    """The school year under way (from July on: the coming one) and the next."""
    first = today.year - (today.month < 7)
    return [f"{year}-{year + 1}" for year in (first, first + 1)]


def parse_communes(text: str) -> tuple[list[CommuneDraft], list[tuple[int, str]]]:
    """Lines « code INSEE;nom;code postal;latitude;longitude »; what is wrong comes back as (line number, sentence)."""
    communes: list[CommuneDraft] = []
    problems: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split(";")]
        problem = _commune_problem(parts)
        if problem is None and any(c.insee == parts[0] for c in communes):
            problem = _("Le code INSEE %(code)s est déjà plus haut.", code=parts[0])
        if problem is not None:
            problems.append((number, problem))
            continue
        communes.append(CommuneDraft(parts[0], parts[1], parts[2], _number(parts[3]), _number(parts[4])))
    return communes, problems


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _commune_problem(parts: Sequence[str]) -> str | None:
    if len(parts) != 5:
        return _("Écrivez cinq éléments séparés par des points-virgules : code, nom, code postal, latitude, longitude.")
    insee, name, postcode, lat, lon = parts
    if len(insee) != 5 or not (insee.isdigit() or (insee[:2] in {"2A", "2B"} and insee[2:].isdigit())):
        return _("« %(value)s » n’est pas un code INSEE de cinq signes.", value=insee[:20])
    if not name or len(name) > 80:
        return _("Écrivez le nom de la commune, en 80 caractères au plus.")
    if len(postcode) != 5 or not postcode.isdigit():
        return _("« %(value)s » n’est pas un code postal de cinq chiffres.", value=postcode[:20])
    try:
        inside = 41 <= _number(lat) <= 51.5 and -5.5 <= _number(lon) <= 10
    except ValueError:
        inside = False
    if not inside:
        return _("La latitude et la longitude doivent se trouver en France, par exemple 50.40923;2.95900.")
    return None


def phase_sentence(role: Role, phase: Phase) -> str:
    """What the phase means for this reader, in one sentence."""
    student = role is Role.STUDENT
    return {
        Phase.COLLECTING: {
            Role.STUDENT: _("Les structures préparent leurs offres. Tu peux déjà dire ce que tu aimes."),
            Role.HOST: _("C’est le moment de proposer vos places d’accueil."),
            Role.COORDINATOR: _("Les structures publient leurs offres ; vous les relisez."),
        }.get(role, _("Les structures préparent leurs offres ; les élèves peuvent déjà dire ce qu’ils aiment.")),
        Phase.WISHES: {
            Role.STUDENT: _("C’est le moment de choisir : range tes vœux du préféré au dernier."),
            Role.HOST: _("Les élèves lisent vos offres et font leurs vœux. Vous pouvez encore en ajouter."),
        }.get(role, _("Les élèves lisent les offres et rangent leurs vœux.")),
        Phase.DECISIONS: {
            Role.STUDENT: _("Tes vœux sont entre les mains de la coordination, qui cherche une place pour chacun."),
            Role.COORDINATOR: _("Les vœux sont clos : lancez un calcul, puis décidez."),
        }.get(role, _("La coordination étudie les vœux et décide des affectations.")),
        Phase.PUBLISHED: _("Les affectations sont publiées. Ta place t’attend dans ton espace.")
        if student
        else _("Les affectations sont publiées."),
        Phase.UNDER_WAY: _("Les stages ont lieu. Belles découvertes.") if student else _("Les stages ont lieu."),
        Phase.CLOSED: _("La campagne est terminée."),
    }[phase]


def phase_deadline(campaign: Dated) -> date | None:
    """The date on which the phase is due to end."""
    return {
        Phase.COLLECTING: campaign.wishes_open_on,
        Phase.WISHES: campaign.wishes_close_on,
        Phase.DECISIONS: campaign.publish_on,
    }.get(campaign.phase)
