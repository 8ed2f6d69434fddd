"""Why not that place: the matcher's answer as French sentences for the coordinator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from flask_babel import gettext as _
from flask_babel import ngettext

from app.web.wording import number, week


class Answered(Protocol):
    """What is read of an answer of the matcher."""

    @property
    def code(self) -> str: ...
    @property
    def figures(self) -> Mapping[str, float]: ...
    @property
    def was_candidate(self) -> bool: ...
    @property
    def rule(self) -> str: ...
    @property
    def worse_by(self) -> float: ...
    @property
    def capacity(self) -> int: ...
    @property
    def holders(self) -> Sequence[object]: ...
    @property
    def moved(self) -> int: ...
    @property
    def left(self) -> int: ...
    @property
    def wishes(self) -> Mapping[int, int]: ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What the sentences about a place need to know of the place and of the student."""

    monday: date
    weeks: Sequence[date]
    school: str
    level: str
    levels: Sequence[str]
    seed: int


@dataclass(frozen=True, slots=True)
class Told:
    """The reason in one sentence, what goes with it, and whether it was found by trying."""

    headline: str
    details: tuple[str, ...] = ()
    was_tried: bool = False


_TRIED = frozenset({"costs", "tie", "kept", "not_considered"})


def why_not(answer: Answered, where: Setting) -> Told:
    """Why this student is not in this place."""
    headline = _closed(answer, where) or _outcome(answer, where)
    if answer.code not in _TRIED:
        return Told(headline)
    details = [_full(answer), _decided(answer), _moves(answer), _wishes(answer.wishes), _asked(answer)]
    return Told(headline, tuple(text for text in details if text), was_tried=True)


def _closed(answer: Answered, where: Setting) -> str | None:
    figures = answer.figures
    match answer.code:
        case "holds_it":
            return _("C’est la place que ce calcul lui propose.")
        case "unknown_place":
            return _("Cette place n’était pas dans ce calcul : elle n’était pas publiée. Le prochain la verra.")
        case "other_week":
            return _(
                "Mauvaise semaine : la place est %(place)s, et %(school)s envoie ses élèves %(weeks)s.",
                place=week(where.monday),
                school=where.school,
                weeks=_(" ou ").join(week(monday) for monday in where.weeks) or _("à une date pas encore choisie"),
            )
        case "level":
            return _(
                "Mauvais niveau : l’offre accueille les %(levels)s, l’élève est en %(level)s.",
                levels=_(" et ").join(where.levels),
                level=where.level,
            )
        case "too_far":
            return _(
                "Trop loin de %(over)s km : elle est à %(km)s km par la route, l’élève a dit %(most)s km au plus.",
                over=number(figures["over_km"], 1),
                km=number(figures["km"], 1),
                most=number(figures["max_km"]),
            )
        case "forbidden":
            return _("Une décision l’écarte : cette place a été refusée ou interdite pour cet élève.")
        case "no_capacity":
            return ngettext(
                "La seule place est tenue par une décision : elle est approuvée ou gardée pour un autre élève.",
                "Les %(num)s places sont tenues par des décisions : approuvées ou gardées pour d’autres élèves.",
                answer.capacity,
            )
        case "impossible":
            return _("Les décisions déjà prises l’excluent : aucune répartition ne les respecte toutes avec celle-ci.")
        case "not_solved":
            return _("Le calcul est trop grand pour être refait pendant que vous attendez : voici qui tient la place.")
    return None


def _outcome(answer: Answered, where: Setting) -> str:
    if answer.code == "tie":
        return _("À égalité complète : le tirage au sort n° %(seed)s a décidé.", seed=where.seed)
    if answer.code == "kept":
        return _("C’était possible, mais le calcul a gardé la place du calcul précédent, comme vous l’avez demandé.")
    if answer.code == "not_considered":
        return _("C’est possible sans rien perdre : cette place n’était pas parmi celles regardées pour cet élève.")
    return cost(answer.rule, answer.worse_by)


def cost(rule: str, by: float) -> str:
    """What giving the place would worsen first, in the order of the rules of the run."""
    n = max(round(by), 1)
    if rule.startswith(("below_floor", "inequity")):
        return _equity(rule, n)
    known: dict[str, Callable[[], str]] = {
        "placed": lambda: ngettext(
            "La lui donner laisserait un élève de plus sans place.",
            "La lui donner laisserait %(num)s élèves de plus sans place.",
            n,
        ),
        "unacceptable": lambda: ngettext(
            "La lui donner enverrait un élève de plus là où il a dit ne pas vouloir aller.",
            "La lui donner enverrait %(num)s élèves de plus là où ils ont dit ne pas vouloir aller.",
            n,
        ),
        "moved": lambda: ngettext(
            "La lui donner changerait de place un élève qui garde celle du calcul précédent.",
            "La lui donner changerait de place %(num)s élèves qui gardent celle du calcul précédent.",
            n,
        ),
        "dissatisfaction": lambda: _("La lui donner servirait moins bien les vœux et les envies de l’ensemble."),
        "together": lambda: _("La lui donner séparerait des élèves qui souhaitent être ensemble."),
        "lottery": lambda: _("À égalité complète, le tirage au sort a décidé."),
    }
    say = known.get(rule)
    return say() if say else _("La lui donner servirait moins bien les vœux, dans l’ordre choisi pour ce calcul.")


def _equity(rule: str, n: int) -> str:
    if rule.endswith("rep"):
        return _("La lui donner creuserait l’écart entre l’éducation prioritaire et les autres collèges.")
    return ngettext(
        "La lui donner prendrait une place à un collège qui n’a pas encore sa part.",
        "La lui donner prendrait %(num)s places à des collèges qui n’ont pas encore leur part.",
        n,
    )


def _full(answer: Answered) -> str:
    taken = len(answer.holders)
    if taken < answer.capacity:
        return ngettext(
            "Dans ce calcul, une place y reste libre sur %(all)s.",
            "Dans ce calcul, %(num)s places y restent libres sur %(all)s.",
            answer.capacity - taken,
            all=answer.capacity,
        )
    return ngettext("La seule place est prise.", "Les %(num)s places sont prises.", answer.capacity)


def _decided(answer: Answered) -> str:
    return _("Une décision tient l’élève ailleurs : il faudrait d’abord la lever.") if answer.figures else ""


def _moves(answer: Answered) -> str:
    if not answer.moved:
        return _("Aucun autre élève ne changerait de place.")
    moved = ngettext("Un autre élève changerait de place", "%(num)s autres élèves changeraient de place", answer.moved)
    if not answer.left:
        return moved + "."
    return _("%(moved)s, dont %(left)s n’en aurait plus.", moved=moved, left=answer.left)


def _asked(answer: Answered) -> str:
    if answer.was_candidate:
        return ""
    return _(
        "L’élève ne l’a pas demandée et ses envies désignaient d’autres offres : elle a été ajoutée pour répondre."
    )


def _wishes(change: Mapping[int, int]) -> str:
    """« En tout : 1 vœu n° 1 de moins, 1 vœu n° 2 de plus. »"""
    parts = [
        (
            _("%(n)s vœu n° %(rank)s de plus", n=n, rank=rank)
            if n > 0
            else _("%(n)s vœu n° %(rank)s de moins", n=-n, rank=rank)
        )
        for rank, n in sorted(change.items())
        if n
    ]
    return _("En tout : %(parts)s.", parts=", ".join(parts)) if parts else ""


def holder(rank: int | None, is_decided: bool) -> str:
    """By what rule somebody has the place."""
    if is_decided:
        return _("place approuvée ou gardée par une décision")
    return _("son vœu n° %(rank)s", rank=rank) if rank else _("ne l’avait pas demandée")
