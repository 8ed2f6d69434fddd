"""The questions that open each day of a diary, and the parts of a report. Pure."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

MAX_ANSWER = 2000
MAX_SECTION = 6000
EVE = 0

_EVE: dict[str, str] = {
    "ask": _l("Trois questions que je veux poser"),
    "expect": _l("Ce que j’imagine, ce qui m’intrigue"),
}
_EVERY_DAY: dict[str, str] = {
    "seen": _l("Ce que j’ai vu et fait"),
    "met": _l("Qui j’ai rencontré, quel est son métier"),
}
_OF_THE_DAY: dict[int, tuple[str, str]] = {
    1: ("arrival", _l("Mon arrivée : la première chose que j’ai remarquée")),
    2: ("word", _l("Un outil, un geste ou un mot nouveau")),
    3: ("path", _l("Le parcours d’une personne : comment en est-elle arrivée à ce métier ?")),
    4: ("asked", _l("Une question que j’ai posée, et la réponse")),
}
_LAST: tuple[str, str] = ("keep", _l("Ce que je garde de cette semaine"))


def of_day(number: int, last: int) -> dict[str, str]:
    """The questions of a day: 0 is the eve, 1 the first day, `last` the last one."""
    if number == EVE:
        return dict(_EVE)
    questions = dict(_EVERY_DAY)
    if number == last:
        questions[_LAST[0]] = _LAST[1]
    elif number in _OF_THE_DAY:
        key, question = _OF_THE_DAY[number]
        questions[key] = question
    return questions


def question(key: str) -> str:
    """The words of a question kept under `key`; empty for a key of another time."""
    return str({**_EVE, **_EVERY_DAY, **dict(_OF_THE_DAY.values()), **dict([_LAST])}.get(key, ""))


SECTIONS: dict[str, tuple[str, str]] = {
    "place": (_l("Le lieu et les personnes"), _l("À quoi sert cette structure ? Qui y travaille ? Pour qui ?")),
    "seen": (_l("Ce que j’ai vu et fait"), _l("Une journée racontée, un moment précis, un outil, un geste.")),
    "questions": (_l("Les questions que j’ai posées"), _l("La question, qui a répondu, et ce que tu as compris.")),
    "jobs": (
        _l("Les métiers rencontrés"),
        _l("Un métier : ce qu’on y fait, ce qu’il faut savoir, comment on y arrive."),
    ),
    "keep": (_l("Ce que je garde"), _l("Ce qui t’a plu, ce qui t’a surpris, ce que tu veux essayer maintenant.")),
}
