"""Pure decisions about a repair: what is lost, and the moves as chains that people can follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """What was lost; the value is what the address of the page says."""

    UNDONE = "sans-stage"  # everybody whose placement has come to nothing
    PLACEMENT = "stage"  # one student whom the structure cannot take
    STUDENT = "depart"  # a student who leaves
    SLOT = "semaine"  # one week of an offer
    OFFER = "offre"
    ORGANIZATION = "structure"
    SCHOOL_WEEK = "semaine-du-college"  # a school that closes one of its weeks


class Choice(StrEnum):
    """How it is mended."""

    CHAIN = "chaine"
    STILL = "sur-place"
    WIDE = "large"
    NONE = "personne"


@dataclass(frozen=True, slots=True)
class Loss:
    """`cause` and the identifier of what is lost; `monday` (ISO) for a school's week."""

    cause: Cause
    object_id: int = 0
    monday: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: who takes which seat, and which one that frees (None: had none any more)."""

    student: int
    before: int | None
    after: int


def chains(moves: Mapping[int, tuple[int | None, int]]) -> list[tuple[Link, ...]]:
    """The moves as chains: each begins with a student without a place and follows the seats, the longest first.

    Moves that no such student begins (an exchange among students who had a place) come as chains of their own. Each
    student is in one chain, so that drawing all the chains draws every move once.
    """
    leaving: dict[int, list[int]] = defaultdict(list)
    for student in sorted(moves):
        before, _after = moves[student]
        if before is not None:
            leaving[before].append(student)
    left = set(moves)

    def follow(student: int) -> tuple[Link, ...]:
        links = []
        while True:
            left.discard(student)
            before, after = moves[student]
            links.append(Link(student, before, after))
            following = [other for other in leaving[after] if other in left]
            if not following:
                return tuple(links)
            student = following[0]

    found = [follow(student) for student in sorted(moves) if student in left and moves[student][0] is None]
    while left:
        found.append(follow(min(left)))
    return sorted(found, key=lambda chain: (-len(chain), chain[0].student))


@dataclass(frozen=True, slots=True)
class Figures:
    """How many have a place: before the loss, after it, with the repair; and who pays for it by moving."""

    placed: int
    lost: int
    restored: int
    moved: int
    left: int

    @property
    def after_loss(self) -> int:
        return self.placed - self.lost

    @property
    def after(self) -> int:
        return self.after_loss + self.restored
