"""How answers are said in templates."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import ngettext

from app.feedback import rules
from app.feedback.rules import Again, Recommend
from app.occupations import queries as occupations
from app.web.wording import number


def install(bp: Blueprint) -> None:
    """Give the filters to every template of the site."""
    bp.add_app_template_filter(thing, "decouverte")
    bp.add_app_template_filter(_fit, "convenance")
    bp.add_app_template_filter(_recommend, "conseil")
    bp.add_app_template_filter(_again, "de_nouveau")
    bp.add_app_template_filter(_level, "niveau_observe")
    bp.add_app_template_filter(duration, "duree")
    bp.add_app_template_filter(delay, "delai")


def thing(code: str) -> str:
    """« Un métier que je ne connaissais pas », or the name of an occupation."""
    if code.startswith(rules.JOB):
        return occupations.label_of(code.removeprefix(rules.JOB))
    return str(rules.THINGS.get(code, code))


def duration(minutes: int) -> str:
    """« 30 h », « 5 h 30 »."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}\u00a0h" + (f"\u00a0{rest:02d}" if rest else "")


def delay(hours: float | None) -> str:
    """« moins d’une heure », « 5 heures », « 2,5 jours »."""
    if hours is None:
        return _("pas encore de réponse")
    if hours < 1:
        return _("moins d’une heure")
    if hours < 48:
        return ngettext("%(num)s heure", "%(num)s heures", round(hours))
    return _("%(days)s jours", days=number(hours / 24, 0))


def _fit(value: int) -> str:
    return str(rules.FIT[value])


def _recommend(value: Recommend) -> str:
    return str(rules.RECOMMEND[value])


def _again(value: Again) -> str:
    return str(rules.AGAIN[value])


def _level(value: int | None) -> str:
    return str(rules.LEVELS[value or 0])
