"""What a correct offer says. Pure: no database, no clock.

The rules of law on hours and days are those of the room `regulations`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _

from app.occupations import reference
from app.regulations.rules import (
    USUAL_WEEK,
    Context,
    Finding,
    Line,
    Schedule,
    WeekHours,
    blocking,
    check,
    lines,
    ordinary_student,
)

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
ORDINARY_WEEK = date(2027, 1, 25)  # when no week is known: neither holiday nor change of hour


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """An offer as somebody writes it. `places`: Monday → number of places, zero left out; no `hours`: unreadable."""

    title: str
    description: str = ""
    sector: str = ""
    site_id: int | None = None
    occupations: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ("3e",)
    hours: WeekHours | None = USUAL_WEEK
    places: Mapping[date, int] | None = None
    lunch: str = ""
    dress: str = ""
    tutor_name: str = ""
    tutor_role: str = ""
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What the campaign and the structure allow: their weeks, levels and sites; why any other week is refused; the
    days of their weeks without any stage, and why.
    """

    mondays: Sequence[date]
    levels: Sequence[str]
    site_ids: Sequence[int]
    week_problem: Mapping[date, str] | None = None
    closed_days: Mapping[date, str] = field(default_factory=dict)


def hours_findings(draft: OfferDraft, frame: Frame) -> tuple[Finding, ...]:
    """What the hours break, in each week offered, for an ordinary student of each level: nobody is known yet."""
    if draft.hours is None:
        return ()
    offered = [monday for monday, number in (draft.places or {}).items() if number and monday in frame.mondays]
    mondays = offered or frame.mondays[:1] or [ORDINARY_WEEK]
    context = Context(closed_days=frame.closed_days)
    return tuple(
        finding
        for monday in sorted(mondays)
        for level in draft.levels or frame.levels[:1]
        for finding in check(Schedule.for_week(monday, draft.hours), ordinary_student(level, monday), context)
        if finding.field == "schedule" and finding.case != "total"  # an offer is one week, already counted
    )


def hours_lines(draft: OfferDraft, frame: Frame) -> tuple[Line, ...]:
    """The same, as the host reads it: weekdays, each sentence once."""
    return lines(hours_findings(draft, frame), dated=False)


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
    for line in lines(blocking(hours_findings(draft, frame)), dated=False):
        refuse("hours", line.text)
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
