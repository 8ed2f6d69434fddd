"""What students and structures say after the stage, as figures that point at nobody. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.feedback.rules import FIT, Again, Recommend
from app.feedback.summary import Answers
from app.statistics.rules import Count, is_small, masked, part

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class After:
    """`answered`, `recommended`, `again`: « 12 sur 30 » at most. `fits`: best first; `discovered`: most said first."""

    answered: str
    recommended: str
    again: str
    fits: list[tuple[int, Count]]
    discovered: list[tuple[str, Count]]


def figures(stages: int, answers: Answers, again: Sequence[Again]) -> After | None:
    """None before anybody answered; without the bars below five answers, whose parts would be people."""
    n = len(answers.fits)
    if not n and not again:
        return None
    by_fit = Counter(answers.fits)
    values = sorted(FIT, reverse=True)
    things = Counter(thing for each in answers.discovered for thing in set(each)).most_common(MOST_SHOWN)
    few = is_small(n) or not n
    return After(
        answered=part(n, stages),
        recommended=part(sum(r is Recommend.YES for r in answers.recommends), n),
        again=part(sum(a is not Again.NO for a in again), len(again)),
        fits=[] if few else list(zip(values, masked([by_fit[value] for value in values]), strict=True)),
        discovered=[] if few else list(zip([t for t, _n in things], masked([n for _t, n in things]), strict=True)),
    )
