"""A lesson of the matcher in French: what changes, the figures before and after, what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.web.wording import number

TOLERANCE = 0.005  # a guarded figure may fall by that much and still be called equal
_MOST_CHANGES = 3


def _channels() -> dict[str, str]:
    return {
        "concept": _("les sujets dont l’élève parle"),
        "refused_concept": _("les sujets que l’élève refuse"),
        "interest": _("les centres d’intérêt cochés"),
        "liked_condition": _("les conditions de travail aimées"),
        "refused_condition": _("les conditions de travail à éviter"),
        "stem": _("les mots communs à l’élève et à l’offre"),
        "refused_stem": _("les mots de ce que l’élève refuse"),
        "character": _("les mots qui se ressemblent"),
        "embedding": _("le sens des phrases"),
        "soft_concept": _("les sujets voisins"),
    }


def sentence(changes: Mapping[str, Sequence[float]]) -> str:
    """« Compter davantage les sujets dont l’élève parle (4 → 4,6), et moins … »; at most three, the biggest first."""
    names = _channels()
    ranked = sorted(
        ((channel, abs(after), abs(before)) for channel, (before, after) in changes.items() if channel in names),
        key=lambda row: -abs(row[1] - row[2]) / (row[2] or 1.0),
    )[:_MOST_CHANGES]
    more = [_change(names[channel], before, after) for channel, after, before in ranked if after > before]
    less = [_change(names[channel], before, after) for channel, after, before in ranked if after < before]
    if more and less:
        return _("Compter davantage %(more)s, et moins %(less)s.", more=", ".join(more), less=", ".join(less))
    if more:
        return _("Compter davantage %(more)s.", more=", ".join(more))
    return _("Compter moins %(less)s.", less=", ".join(less)) if less else _("Rien à changer.")


def _change(name: str, before: float, after: float) -> str:
    return _("%(name)s (de %(before)s à %(after)s)", name=name, before=number(before, 2), after=number(after, 2))


def figures(lesson: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """(what, before, after, verdict, tone) of each guarded figure, in the order a coordinator reads them."""
    before, after = lesson.get("before", {}), lesson.get("after", {})
    names = {
        "ndcg": _("Les cinq offres les mieux classées (sur des décisions mises de côté)"),
        "order": _("Une place approuvée passe devant une place refusée"),
        "refused_low": _("Places refusées qui ne sont plus parmi les cinq premières"),
        "group_gap": _("Écart d’accord entre éducation prioritaire et autres collèges"),
        "first_wishes": _("Premiers vœux accordés par un calcul complet"),
        "placed": _("Élèves placés par un calcul complet"),
        "equity": _("Écart de part placée entre collèges"),
        "likelihood": _("Surprise devant les décisions mises de côté"),
    }
    return [
        (what, _shown(name, before[name]), _shown(name, after[name]), *_verdict(before[name], after[name]))
        for name, what in names.items()
        if name in before and name in after
    ]


def _shown(name: str, value: float) -> str:
    if name in {"group_gap", "equity"}:
        return _("%(n)s points", n=number(abs(value) * 100, 1))
    if name in {"ndcg", "likelihood"}:
        return number(abs(value), 3)
    return _("%(n)s\u00a0%%", n=number(value * 100, 1))


def _verdict(before: float, after: float) -> tuple[str, str]:
    if after < before - TOLERANCE:
        return _("Moins bien"), "alert"
    if after > before + TOLERANCE:
        return _("Mieux"), "done"
    return _("Égal"), "neutral"


def conclusion(code: str, used: int, least: int) -> str:
    """What a study ends with."""
    return {
        "released": _("Aucun chiffre surveillé ne baisse : vous pouvez mettre ces réglages en service."),
        "held_quality": _("Au moins un chiffre surveillé baisse : les réglages actuels sont gardés."),
        "held_equity": _("L’écart entre groupes d’élèves se creuse : les réglages actuels sont gardés."),
        "too_few": ngettext(
            "Une seule décision utilisable : il en faut %(least)s, avec des approbations et des refus.",
            "%(num)s décisions utilisables : il en faut %(least)s, avec des approbations et des refus.",
            used,
            least=least,
        ),
        "failed": _("L’étude s’est arrêtée sur une panne de notre côté. Les réglages actuels sont gardés."),
    }.get(code, "")


def left_out(counts: Mapping[str, int]) -> str:
    """« Laissées de côté : 12 pour la distance, 3 pour les dates. »"""
    names = {
        "distance": _("pour la distance"),
        "dates": _("pour les dates"),
        "host": _("à cause de la structure"),
        "other": _("sans motif lié à ses envies"),
        "unknown_offer": _("sur des offres retirées depuis"),
    }
    parts = [f"{n} {names.get(code, names['other'])}" for code, n in sorted(counts.items(), key=lambda c: -c[1])]
    return _("Laissées de côté : %(parts)s.", parts=", ".join(parts)) if parts else ""
