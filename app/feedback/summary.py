"""What a structure may know of its students' answers: all together, in words, from five answers on. Pure.

Shares are said in words rather than numbers, so that one more answer does not show what it said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.feedback.rules import Recommend

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Answers:
    """What students said, apart from who said it."""

    fits: tuple[int, ...] = ()
    recommends: tuple[Recommend, ...] = ()
    discovered: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    fitted: str
    recommended: str
    discovered: tuple[str, ...]


def of(answers: Answers) -> Summary | None:
    """None below five answers."""
    n = len(answers.fits)
    if n < FEWEST:
        return None
    things = Counter(thing for each in answers.discovered for thing in set(each))
    return Summary(
        fitted=share(sum(fit >= 4 for fit in answers.fits), n),
        recommended=share(sum(r is Recommend.YES for r in answers.recommends), n),
        discovered=tuple(most_common(things, n)),
    )


def most_common(things: Counter[str], whole: int) -> Sequence[str]:
    """What half of the students at least discovered, and five of them, the most frequent first."""
    return [thing for thing, n in things.most_common() if n >= FEWEST and 2 * n >= whole]


def share(part: int, whole: int) -> str:
    """« la plupart des élèves »."""
    ratio = part / whole
    if ratio >= 0.85:
        return _("presque tous les élèves")
    if ratio >= 0.6:
        return _("la plupart des élèves")
    if ratio >= 0.4:
        return _("environ la moitié des élèves")
    if ratio >= 0.15:
        return _("quelques élèves")
    return _("très peu d’élèves")
