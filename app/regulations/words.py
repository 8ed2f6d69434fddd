"""How spans, hours and days are said: in French, and in the languages of the families."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

# How a day is written where "Monday 25 January" is not its order.
_DAY_PATTERNS = {"pt": "EEEE, d 'de' MMMM"}

WEEKDAYS = (_l("lundi"), _l("mardi"), _l("mercredi"), _l("jeudi"), _l("vendredi"), _l("samedi"), _l("dimanche"))


def span(minutes: int) -> str:
    """« 7 h », « 7 h 30 », « 20 min »."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}\u00a0min"
    return f"{hours}\u00a0h" + (f"\u00a0{rest:02d}" if rest else "")


def hour(value: time) -> str:
    """« 9 h », « 9 h 30 »; « 9:00 » in the other languages."""
    if _language() != "fr":
        return f"{value.hour}:{value.minute:02d}"
    return f"{value.hour}\u00a0h" + (f"\u00a0{value.minute:02d}" if value.minute else "")


def day(value: date) -> str:
    """« lundi 25 janvier » ; the first of a month is « 1er »."""
    language = _language()
    text = format_date(value, _DAY_PATTERNS.get(language, "EEEE d MMMM"))
    return text.replace(" 1 ", " 1er ") if language == "fr" else text


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else "fr"


def between(start: time, end: time) -> str:
    """« 9 h – 12 h »."""
    return _("%(start)s – %(end)s", start=hour(start), end=hour(end))


def line(days: str, hours: str) -> str:
    """« du lundi au vendredi : 9 h – 12 h »."""
    return _("%(days)s : %(hours)s", days=days, hours=hours)


def enumeration(items: Sequence[str]) -> str:
    """« a, b et c »."""
    if len(items) < 2:
        return "".join(items)
    return _("%(list)s et %(last)s", list=", ".join(items[:-1]), last=items[-1])


def weekdays(positions: Sequence[int]) -> str:
    """« du lundi au vendredi », « lundi, mardi et jeudi »; 0 is Monday."""
    ordered = sorted(set(positions))
    names = [str(WEEKDAYS[position]) for position in ordered]
    if len(names) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return _("du %(first)s au %(last)s", first=names[0], last=names[-1])
    return enumeration(names)
