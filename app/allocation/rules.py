"""Pure decisions about runs: what a person may ask for, and how two runs differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.kernel.errors import Invalid

MAX_SEED = 999_999
MAX_PER_CLASS = 30


class Objective(StrEnum):
    """What a run looks for once as many students as possible have a place."""

    BALANCED = "balanced"
    FIRST_WISHES = "rank_maximal"
    FEW_LAST_WISHES = "generous"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the coordinator asks of a run, stored with it. `stable`: keep the last run's places where possible."""

    objective: Objective = Objective.BALANCED
    stable: bool = True
    fair_between_schools: bool = True
    max_per_class: int | None = None
    seed: int = 1

    def check(self) -> None:
        """Raise `Invalid` naming the fields that make no sense."""
        problems = {}
        if not 0 <= self.seed <= MAX_SEED:
            problems["seed"] = _("Le numéro de tirage va de 0 à %(most)s.", most=MAX_SEED)
        if self.max_per_class is not None and not 1 <= self.max_per_class <= MAX_PER_CLASS:
            problems["max_per_class"] = _("Entrez un nombre de 1 à %(most)s, ou laissez vide.", most=MAX_PER_CLASS)
        if problems:
            raise Invalid(_("Quelques réponses sont à corriger."), problems)

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_stored(cls, values: Mapping[str, Any]) -> Parameters:
        """Parameters of a stored run; what an older version did not know has its default."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        if "objective" in known:
            known["objective"] = Objective(known["objective"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Change:
    """A student whose place is not the same in two runs; None: no place."""

    student: int
    before: int | None
    after: int | None


def changes(before: Mapping[int, int], after: Mapping[int, int]) -> list[Change]:
    """Who moved between two runs, given student → slot of each."""
    return [
        Change(student, before.get(student), after.get(student))
        for student in sorted(before.keys() | after.keys())
        if before.get(student) != after.get(student)
    ]


def exact_profile(ranks: Mapping[int | None, int]) -> list[tuple[int | None, int]]:
    """Rank → count as rows in order, offers nobody asked for last."""
    rows: list[tuple[int | None, int]] = [(rank, ranks[rank]) for rank in sorted(r for r in ranks if r is not None)]
    if None in ranks:
        rows.append((None, ranks[None]))
    return rows


@dataclass(frozen=True, slots=True)
class Reason:
    """A stored term of a score, as `wishes.sentences` reads it."""

    code: str
    values: Mapping[str, Any]
    weight: float


def reasons_of(stored: Iterable[Mapping[str, Any]]) -> list[Reason]:
    return [Reason(str(r["code"]), r.get("values") or {}, float(r.get("weight", 0))) for r in stored]


def why_left(code: str) -> str:
    """Why a run placed a student nowhere, in one sentence."""
    return {
        "no_offer_in_week": _("Aucune offre dans les semaines de stage de son collège."),
        "no_level": _("Aucune offre pour son niveau dans ces semaines."),
        "too_far": _("Toutes les offres possibles sont plus loin que la distance demandée."),
        "lost_competition": _("Les places possibles sont allées à d’autres élèves."),
        "filtered": _("Les places possibles ont été écartées par des décisions, ou sont déjà tenues."),
        "no_candidate": _("Aucune offre possible ne correspond à ce que l’élève a dit."),
    }.get(code, _("Le calcul n’a pas trouvé de place."))


def left_details(figures: Mapping[str, int]) -> str:
    """« 37 offres : 9 une autre semaine, 2 pour un autre niveau, 21 trop loin, 5 complètes. »"""
    offers = figures.get("offers", 0)
    head = ngettext("%(num)s offre", "%(num)s offres", offers)
    words: dict[str, Callable[[int], str]] = {
        "other_week": lambda n: ngettext("%(num)s une autre semaine", "%(num)s une autre semaine", n),
        "level": lambda n: ngettext("%(num)s pour un autre niveau", "%(num)s pour un autre niveau", n),
        "too_far": lambda n: ngettext("%(num)s trop loin", "%(num)s trop loin", n),
        "full": lambda n: ngettext("%(num)s déjà complète", "%(num)s déjà complètes", n),
        "forbidden": lambda n: ngettext("%(num)s place écartée", "%(num)s places écartées", n),
        "limit_full": lambda n: ngettext("%(num)s déjà prise par la classe", "%(num)s déjà prises par la classe", n),
    }
    parts = [say(figures[name]) for name, say in words.items() if figures.get(name)]
    return f"{head} : {', '.join(parts)}." if parts else f"{head}."


def lost_to(rule: str) -> str:
    """To which rule a student lost the competition; "" when there was none."""
    if not rule or rule == "none":
        return ""
    if rule.startswith(("below_floor", "inequity")):
        return _("La règle qui a décidé : donner à chaque collège sa part.")
    name = {
        "placed": _("placer le plus d’élèves possible"),
        "moved": _("garder les places du calcul précédent"),
        "unacceptable": _("n’envoyer personne là où il ne veut pas aller"),
        "dissatisfaction": _("servir au mieux les vœux et les envies de tous"),
        "lottery": _("le tirage au sort, à égalité complète"),
    }.get(rule, _("servir les vœux dans l’ordre choisi pour ce calcul"))
    return _("La règle qui a décidé : %(name)s.", name=name)


def held_by(figures: Mapping[str, int]) -> str:
    """« Leurs 12 places : 8 à des élèves qui les demandaient, 3 par décision, 1 à un autre élève. »"""
    words: dict[str, Callable[[int], str]] = {
        "held_wished": lambda n: ngettext(
            "%(num)s à un élève qui la demandait", "%(num)s à des élèves qui les demandaient", n
        ),
        "held_decided": lambda n: ngettext("%(num)s par une décision", "%(num)s par des décisions", n),
        "held_kept": lambda n: ngettext("%(num)s gardée du calcul précédent", "%(num)s gardées du calcul précédent", n),
        "held_other": lambda n: ngettext("%(num)s à un autre élève", "%(num)s à d’autres élèves", n),
    }
    parts = [say(figures[name]) for name, say in words.items() if figures.get(name)]
    total = sum(figures.get(name, 0) for name in words)
    if not parts:
        return ""
    head = ngettext("La seule place possible est allée :", "Les %(num)s places possibles sont allées :", total)
    return f"{head} {', '.join(parts)}."
