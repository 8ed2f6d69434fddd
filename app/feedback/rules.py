"""What may be said after a stage, by whom, and until when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.placements.states import PlacementState

MAX_WORDS = 300
FEWEST_THINGS, MOST_THINGS = 3, 6
EDITABLE_FOR = timedelta(days=14)
# Who has been in a stage, even cut short, may say how it was.
TOLD_OF = frozenset({PlacementState.UNDER_WAY, PlacementState.COMPLETED, PlacementState.INTERRUPTED})


class Recommend(StrEnum):
    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class Welcome(StrEnum):
    """How safe and well received the student felt. Asked, acted upon, never stored."""

    YES = "yes"
    NOT_ALWAYS = "not_always"
    NO = "no"


class Again(StrEnum):
    """Whether the host would take a student again."""

    YES = "yes"
    NEXT_YEAR = "next_year"
    NO = "no"


class Skill(StrEnum):
    OBSERVE = "observe"
    COMMUNICATE = "communicate"
    UNDERSTAND = "understand"
    ENGAGE = "engage"


FIT: dict[int, str] = {
    5: _l("Oui, c’était tout à fait pour moi"),
    4: _l("Plutôt oui"),
    3: _l("Moitié-moitié"),
    2: _l("Plutôt non"),
    1: _l("Non, ce n’était pas pour moi"),
}
RECOMMEND: dict[Recommend, str] = {
    Recommend.YES: _l("Oui"),
    Recommend.MAYBE: _l("Ça dépend de la personne"),
    Recommend.NO: _l("Non"),
}
WELCOME: dict[Welcome, str] = {
    Welcome.YES: _l("Oui, tout le temps"),
    Welcome.NOT_ALWAYS: _l("Pas toujours"),
    Welcome.NO: _l("Non"),
}
AGAIN: dict[Again, str] = {
    Again.YES: _l("Oui, dès que possible"),
    Again.NEXT_YEAR: _l("Oui, l’an prochain"),
    Again.NO: _l("Non"),
}
THINGS: dict[str, str] = {
    "new_job": _l("Un métier que je ne connaissais pas"),
    "several_jobs": _l("Qu’il y a plusieurs métiers au même endroit"),
    "tools": _l("Des outils ou des machines"),
    "team": _l("Le travail en équipe"),
    "public": _l("Accueillir et aider des gens"),
    "hands": _l("Travailler avec ses mains"),
    "screen": _l("Travailler sur ordinateur"),
    "order": _l("S’organiser, tenir un horaire"),
    "rules": _l("Des règles de sécurité"),
    "ess": _l("Comment marche une structure solidaire"),
    "studies": _l("Des études ou une formation"),
    "myself": _l("Quelque chose sur moi"),
}
JOB = "job:"  # before the ROME code of an occupation discovered

SKILLS: dict[Skill, tuple[str, str]] = {
    Skill.OBSERVE: (_l("Observer"), _l("Regarder, écouter, repérer ce qui se passe")),
    Skill.COMMUNICATE: (_l("Communiquer"), _l("Saluer, poser des questions, répondre")),
    Skill.UNDERSTAND: (_l("Comprendre"), _l("Saisir ce que fait la structure, et pourquoi")),
    Skill.ENGAGE: (_l("S’impliquer"), _l("Être à l’heure, proposer son aide, essayer")),
}
LEVELS: dict[int, str] = {
    3: _l("Presque toujours"),
    2: _l("Souvent"),
    1: _l("Un peu"),
    0: _l("Je n’ai pas pu le voir"),
}
CERTIFIED_FROM = 2  # a certificate says what was seen often, and keeps quiet about the rest


@dataclass(frozen=True, slots=True)
class StudentDraft:
    """`reread`: the student was asked about words on health or names, and keeps the sentence."""

    fit: int | None
    discovered: tuple[str, ...]
    words: str
    recommend: Recommend | None
    reread: bool = False


@dataclass(frozen=True, slots=True)
class TutorDraft:
    skills: Mapping[Skill, int | None]
    encouragement: str
    again: Again | None
    why: str
    reread: bool = False


def is_open(state: PlacementState, last_day: date, today: date) -> bool:
    """Whether this stage may be looked back upon: ended, cut short, or in its last day."""
    return state in TOLD_OF and (state is not PlacementState.UNDER_WAY or today >= last_day)


def is_editable(given_at: datetime | None, now: datetime) -> bool:
    """Two weeks to change one's mind, from the first answer."""
    return given_at is None or now <= given_at + EDITABLE_FOR


def year_forgotten_on(school_year: str) -> date:
    """The day when the diaries of « 2026-2027 » are erased: a month after its end, the 31 July."""
    return date(int(school_year[5:9]), 8, 31)
