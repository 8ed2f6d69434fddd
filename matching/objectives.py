"""What the allocation optimises: each objective is a list of tiers, most important first.

A tier is an integer cost on what happens to each student (this pair, or no place) and, for equity, on how many of a
group are left. A lower tier never buys anything from a higher one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.problem import OBJECTIVES, IntArray, Market, Pairs, SmallIntArray

WISH_SPAN = 10  # wishes beyond the tenth all count like the eleventh
SATISFACTION_UNIT = 10_000
LOTTERY_DRAWS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Tier:
    """Costs to minimise: ``pair`` by candidate pair, ``unplaced`` by student, ``left`` by equity arc (see network).

    The value shown is ``offset + sign * cost`` divided by ``unit``.
    """

    name: str
    pair: SmallIntArray
    unplaced: IntArray
    left: IntArray | None = None
    sense: str = "min"
    offset: int = 0
    sign: int = 1
    unit: int = 1
    couples: bool = False  # the wishes to be together that are granted, which no flow counts

    def shown(self, cost: int) -> int | float:
        """The value of the tier for people, from its total cost."""
        value = self.offset + self.sign * cost
        return value if self.unit == 1 else value / self.unit


def digest64(text: str) -> int:
    """64 bits that depend on ``text`` alone, whatever the platform."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def mixed(values: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """SplitMix64's finaliser: every bit of the input moves every bit of the output."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def affinity_unit(pairs: Pairs) -> int:
    """The power of ten (10³ to 10⁹) that writes every affinity of the market as a whole number."""
    known = pairs.affinity[~np.isnan(pairs.affinity)]
    for digits in (3, 4, 6):
        scaled = known * 10.0**digits
        if np.all(np.abs(scaled - np.rint(scaled)) < 1e-6):
            return int(10**digits)
    return 10**9


def class_of_rank(pairs: Pairs) -> tuple[IntArray, int]:
    """Rank of each pair, unranked pairs counting one more than the worst rank of the market; and that worst rank."""
    worst = int(pairs.rank.max(initial=0))
    return np.where(pairs.rank > 0, pairs.rank, worst + 1), worst


def dissatisfaction(pairs: Pairs) -> SmallIntArray:
    """Cost 0 to 10,000 of each pair under ``balanced``: ``(1 - s)²``, so that two fair outcomes beat a great and a bad.

    A wish of rank r is worth s = 0.5 + 0.4 (1 - (r - 1)/10) + 0.1 affinity, a place not asked for s = affinity / 2.
    """
    affinity = np.nan_to_num(pairs.affinity, nan=0.0)
    steps = np.minimum(pairs.rank - 1, WISH_SPAN)
    wish = 0.5 + 0.4 * (1 - steps / WISH_SPAN) + 0.1 * affinity
    s = np.where(pairs.rank > 0, wish, 0.5 * affinity)
    cost: SmallIntArray = np.rint(SATISFACTION_UNIT * (1 - s) ** 2).astype(np.int16)
    return cost


def tiers_for(
    market: Market,
    objective: str,
    pairs: Pairs,
    free: IntArray,
    previous: Mapping[str, str] | None,
    seed: int,
    equity: Sequence[Tier],
    stay_first: bool = False,
) -> list[Tier]:
    """The tiers of ``objective`` in order, over ``pairs`` (candidates still open) and ``free`` (students to place).

    ``stay_first`` puts the fewest moves right after the number placed (repair). Tiers that are all 0 are left out.
    """
    if objective not in OBJECTIVES:
        raise ValueError(f"unknown objective {objective!r}: one of {', '.join(OBJECTIVES)}")
    build = _Builder(market, pairs, free, seed)
    stay = build.stay(previous) if previous else []
    head = [*build.placed(), *(stay if stay_first else ())]
    strict = [t for t in equity if t.name.endswith(":strict")]
    loose = [t for t in equity if not t.name.endswith(":strict")]
    later_stay = [] if stay_first else stay
    if objective == "rank_maximal":
        tiers = [*build.profile(over_all=True), *stay, *equity, *build.couples(), *build.priority()]
    elif objective == "balanced":
        tiers = [
            *strict,
            *head,
            *build.priority(),
            *loose,
            *build.acceptable(),
            *later_stay,
            *build.couples(),
            *build.satisfaction(),
        ]
    else:
        value = {
            "affinity": build.affinity,
            "min_rank": build.total_rank,
            "generous": build.generous,
            "greedy_max": build.profile,
        }[objective]()
        tiers = [*strict, *head, *loose, *build.acceptable(), *later_stay, *value, *build.couples(), *build.priority()]
    return [*(t for t in tiers if _matters(t)), *build.lottery()]


def _matters(tier: Tier) -> bool:
    always = tier.name == "placed" or tier.left is not None or tier.couples
    return bool(always or tier.pair.any() or tier.unplaced.any())


class _Builder:
    def __init__(self, market: Market, pairs: Pairs, free: IntArray, seed: int) -> None:
        self.market, self.pairs, self.free, self.seed = market, pairs, free, seed
        self.n = len(market.students)
        self.zero_pairs = np.zeros(len(pairs), np.int8)
        self.zero_free = np.zeros(len(free), np.int64)
        self.one_free = np.ones(len(free), np.int64)

    def placed(self) -> list[Tier]:
        return [Tier("placed", self.zero_pairs, self.one_free, None, "max", self.n, -1)]

    def priority(self) -> list[Tier]:
        levels = np.fromiter((self.market.students[i].priority for i in self.free), np.int64, len(self.free))
        return [
            Tier(f"unplaced_of_priority_{level}", self.zero_pairs, (levels >= level).astype(np.int64))
            for level in sorted(set(levels.tolist()), reverse=True)[:-1]
        ]

    def acceptable(self) -> list[Tier]:
        return [Tier("unacceptable", (~self.pairs.acceptable).astype(np.int8), self.zero_free)]

    def couples(self) -> list[Tier]:
        wishes = [t for t in self.market.together if not t.must]
        return [Tier("together", self.zero_pairs, self.zero_free, None, "max", couples=True)] if wishes else []

    def stay(self, previous: Mapping[str, str]) -> list[Tier]:
        slots = self.market.index_of_slots()
        had = np.full(self.n, -1, np.int64)
        for i, student in enumerate(self.market.students):
            if student.id in previous:
                had[i] = slots.get(previous[student.id], -2)
        before = had[self.pairs.student]
        moved = (before >= 0) & (before != self.pairs.slot)
        firm = np.fromiter((student.firmness for student in self.market.students), np.int64, self.n)
        levels = sorted(set(firm[had >= 0].tolist()))
        return [
            Tier(
                "moved" if level == levels[0] else f"moved_of_firmness_{level}",
                (moved & (firm[self.pairs.student] >= level)).astype(np.int8),
                ((had[self.free] >= 0) & (firm[self.free] >= level)).astype(np.int64),
            )
            for level in reversed(levels)
        ]

    def satisfaction(self) -> list[Tier]:
        return [Tier("dissatisfaction", dissatisfaction(self.pairs), self.zero_free, unit=SATISFACTION_UNIT)]

    def affinity(self) -> list[Tier]:
        unit = affinity_unit(self.pairs)
        scaled = np.rint(np.nan_to_num(self.pairs.affinity, nan=0.0) * unit).astype(np.int64)
        return [Tier("affinity", unit - scaled, self.one_free * unit, None, "max", len(self.free) * unit, -1, unit)]

    def total_rank(self) -> list[Tier]:
        return [Tier("total_rank", class_of_rank(self.pairs)[0], self.zero_free)]

    def generous(self) -> list[Tier]:
        rank, worst = class_of_rank(self.pairs)
        return [
            Tier(_rank_name(r, worst), (rank == r).astype(np.int8), self.zero_free)
            for r in np.unique(rank)[::-1].tolist()
            if r > 1
        ]

    def profile(self, over_all: bool = False) -> list[Tier]:
        """Most first choices, then most second choices… With ``over_all`` unplaced students cost, and what nobody
        asked for comes last (acceptable before unacceptable), so that no useful place is wasted."""
        rank, worst = class_of_rank(self.pairs)
        unplaced = self.one_free if over_all else self.zero_free
        if over_all:
            rank = np.where(self.pairs.acceptable, rank, worst + 2)
        tiers = []
        for r in np.unique(rank).tolist():
            if r > worst and not over_all:
                continue
            name = "unacceptable" if r == worst + 2 else _rank_name(r, worst)
            # At one number placed, sparing unplaced students a cost changes nothing; it keeps the costs of a pair ≥ 0.
            tiers.append(
                Tier(
                    name,
                    (rank != r).astype(np.int8),
                    unplaced if over_all else self.one_free,
                    None,
                    "max",
                    len(self.free),
                    -1,
                )
            )
        return tiers

    def lottery(self) -> list[Tier]:
        """Draws 0 to 999 from the seed and the identifiers alone: the last word between equal outcomes."""
        seed = np.uint64(digest64(f"seed {self.seed}"))
        student = np.fromiter((digest64(s.id) for s in self.market.students), np.uint64, self.n)
        slot = np.fromiter((digest64(s.id) for s in self.market.slots), np.uint64, len(self.market.slots))
        mine = mixed(student ^ seed)
        draws = mixed(mine[self.pairs.student] + np.uint64(3) * slot[self.pairs.slot])
        return [
            Tier(
                "lottery",
                (draws % np.uint64(LOTTERY_DRAWS)).astype(np.int16),
                (mine[self.free] % np.uint64(LOTTERY_DRAWS)).astype(np.int64),
            )
        ]


def _rank_name(r: int, worst: int) -> str:
    return f"rank_{r}" if r <= worst else "unranked"
