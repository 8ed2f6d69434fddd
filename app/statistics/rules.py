"""Figures that say nothing of anybody: small counts hidden, and what would give them away hidden too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

SMALLEST = 5


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people; `hidden` when it is not shown."""

    value: int
    hidden: bool = False

    @property
    def shown(self) -> str:
        if self.hidden:
            return _("moins de %(n)s", n=SMALLEST) if self.value < SMALLEST else _("non montré")
        return str(self.value)

    @property
    def drawn(self) -> int:
        """The length of its bar: none when hidden."""
        return 0 if self.hidden else self.value


def is_small(value: int) -> bool:
    """Whether a count could point at somebody. Nobody at all points at nobody."""
    return 0 < value < SMALLEST


def masked(values: Sequence[int]) -> list[Count]:
    """A column whose total is shown: small counts are hidden, and the next smallest with them when only one is."""
    hidden = {i for i, value in enumerate(values) if is_small(value)}
    if len(hidden) == 1:
        others = [i for i, value in enumerate(values) if value and i not in hidden]
        if others:
            hidden.add(min(others, key=lambda i: (values[i], i)))
    return [Count(value, i in hidden) for i, value in enumerate(values)]


def parts(rows: Sequence[tuple[int, int]]) -> list[tuple[str, float]]:
    """What to write and how long a bar to draw for each (value, whole) of a column whose total is shown.

    A value too small, or too close to its whole, is hidden; when only one is, the next smallest is hidden with it.
    """
    hidden = {i for i, (value, whole) in enumerate(rows) if is_small(value) or is_small(whole - value)}
    alone = len(hidden) == 1
    others = [i for i, (value, _whole) in enumerate(rows) if value and i not in hidden]
    beside = {min(others, key=lambda i: (rows[i][0], i))} if alone and others else set()
    return [
        (_("non montré"), 0.0) if i in beside else (part(value, whole), drawn_part(value, whole))
        for i, (value, whole) in enumerate(rows)
    ]


def part(value: int, whole: int) -> str:
    """« 12 sur 30 », unless what it says, or what is missing, points at somebody."""
    if is_small(whole):
        return Count(whole, hidden=True).shown
    if is_small(value):
        return Count(value, hidden=True).shown
    if is_small(whole - value):
        return _("presque tous")
    return _("%(value)s sur %(whole)s", value=value, whole=whole)


def drawn_part(value: int, whole: int) -> float:
    """The length of the bar that goes with `part`, 0 to 1; none where the value is hidden."""
    if not whole or is_small(whole) or is_small(value):
        return 0.0
    return 1.0 if is_small(whole - value) else value / whole
