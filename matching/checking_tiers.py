"""The checker's own statement of every objective, written from ``docs/matching.md`` and not from the solver."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matching.checking_book import Book, Level
from matching.problem import IntArray

_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One tier: its cost by open pair, by student left, and by k-th student left in each group of an equity level."""

    name: str
    pair: IntArray
    out: IntArray  # by student of the market
    level: int = -1

    def nth_left(self, level: Level, n: IntArray, share: float) -> IntArray:
        """Cost of the ``n``-th student left in each group of ``level``, by group."""
        if level.mode == "convex":
            steps: IntArray = np.rint(1_000_000 * (2 * n - 1) / level.size).astype(np.int64)
            return steps
        rate = share if level.rate is None else level.rate
        allowed = level.size - np.floor(rate * level.size + 1e-9).astype(np.int64)
        below: IntArray = (n > allowed).astype(np.int64)
        return below


def rules_of(book: Book, objective: str, seed: int, previous: Mapping[str, str] | None, stay_first: bool) -> list[Rule]:
    """The tiers of ``objective`` in order of priority, without those that are 0 everywhere."""
    n = len(book.market.students)
    none, nobody, everyone = np.zeros(len(book.rows), np.int64), np.zeros(n, np.int64), np.ones(n, np.int64)
    pairs = book.market.columns
    rank, affinity = pairs.rank[book.rows], np.nan_to_num(pairs.affinity[book.rows])
    fine = pairs.acceptable[book.rows]
    worst = int(rank.max(initial=0))
    wish = np.where(rank == 0, worst + 1, rank)

    def label(r: int) -> str:
        return "unranked" if r == worst + 1 else f"rank_{r}"

    placed = [Rule("placed", none, everyone)]
    levels = {s.priority for i, s in enumerate(book.market.students) if not book.pinned[i]}
    priority = [
        Rule(
            f"unplaced_of_priority_{p}", none, np.array([int(s.priority >= p) for s in book.market.students], np.int64)
        )
        for p in sorted(levels, reverse=True)[:-1]
    ]
    equity = [
        Rule(
            ("inequity:" if v.mode == "convex" else "below_floor:") + v.key + (":strict" if v.strict else ""),
            none,
            nobody,
            k,
        )
        for k, v in enumerate(book.levels)
    ]
    strict = [r for r in equity if r.name.endswith(":strict")]
    fair = [r for r in equity if not r.name.endswith(":strict")]
    acceptable = [Rule("unacceptable", 1 - fine.astype(np.int64), nobody)]
    stay = _stay(book, previous) if previous else []
    first, later = (stay, []) if stay_first else ([], stay)
    value: list[Rule]
    if objective == "rank_maximal":
        grade = np.where(fine, wish, worst + 2)
        value = [
            Rule("unacceptable" if r == worst + 2 else label(r), (grade != r).astype(np.int64), everyone)
            for r in sorted(set(grade.tolist()))
        ]
        rules = [*value, *stay, *equity, *priority]
    elif objective == "balanced":
        unhappy = [Rule("dissatisfaction", _unhappy(rank, affinity), nobody)]
        rules = [*strict, *placed, *first, *priority, *fair, *acceptable, *later, *unhappy]
    else:
        if objective == "affinity":
            unit = _unit(pairs.affinity[book.rows])
            value = [Rule("affinity", unit - np.rint(affinity * unit).astype(np.int64), everyone * unit)]
        elif objective == "min_rank":
            value = [Rule("total_rank", wish, nobody)]
        elif objective == "generous":
            value = [
                Rule(label(r), (wish == r).astype(np.int64), nobody)
                for r in sorted(set(wish.tolist()), reverse=True)
                if r > 1
            ]
        else:
            value = [
                Rule(label(r), (wish != r).astype(np.int64), everyone) for r in sorted(set(wish.tolist())) if r <= worst
            ]
        rules = [*strict, *placed, *first, *fair, *acceptable, *later, *value, *priority]
    useful = [r for r in rules if r.name == "placed" or r.level >= 0 or r.pair.any() or r.out[book.free].any()]
    return [*useful, _lottery(book, seed)]


def shown(rule: Rule, book: Book, share: float) -> float:
    """The value of a tier as a solution states it."""
    chosen, left = book.chosen, np.flatnonzero((book.held < 0) & ~book.pinned)
    if rule.name == "placed":
        return int(np.sum(book.held >= 0))
    cost = int(rule.pair[chosen].sum() + rule.out[left].sum())
    if rule.level >= 0:
        level = book.levels[rule.level]
        for group, n in enumerate(level.left.tolist()):
            steps = rule.nth_left(_only(level, group), np.arange(1, n + 1), share)
            cost += int(steps.sum())
        return cost / 1_000_000 if level.mode == "convex" else cost
    if rule.name == "dissatisfaction":
        return cost / 10_000
    if rule.name == "affinity":
        unit = int(rule.out.max(initial=1))
        return (len(book.free) * unit - cost) / unit
    if counts_wishes(rule, book):
        return len(book.free) - cost
    return cost


def counts_wishes(rule: Rule, book: Book) -> bool:
    """Whether a tier is of those that count what is *not* of a rank (to be made small), and is stated as a count."""
    of_rank = rule.name.startswith("rank_") or rule.name in ("unranked", "unacceptable")
    return of_rank and bool(rule.out[book.free].any())


def _only(level: Level, group: int) -> Level:
    return Level(
        level.key,
        level.mode,
        level.rate,
        level.strict,
        (level.names[group],),
        level.size[group : group + 1],
        level.left[group : group + 1],
        level.left_at_most[group : group + 1],
        level.of_student,
    )


def _stay(book: Book, previous: Mapping[str, str]) -> list[Rule]:
    where = {s.id: t for t, s in enumerate(book.market.slots)}
    before = np.array([where.get(previous.get(s.id, ""), -1) for s in book.market.students], np.int64)
    firm = np.array([s.firmness for s in book.market.students], np.int64)
    levels = sorted(set(firm[before >= 0].tolist()), reverse=True)
    rules = []
    for level in levels:
        counted = (before >= 0) & (firm >= level)
        elsewhere = (before[book.student] != book.slot) & counted[book.student]
        name = "moved" if level == levels[-1] else f"moved_of_firmness_{level}"
        rules.append(Rule(name, elsewhere.astype(np.int64), counted.astype(np.int64)))
    return rules


def _unhappy(rank: IntArray, affinity: np.ndarray[tuple[int], np.dtype[np.float64]]) -> IntArray:
    worth = np.array(
        [
            0.5 * a if r == 0 else 0.5 + 0.4 * (1 - min(r - 1, 10) / 10) + 0.1 * a
            for r, a in zip(rank.tolist(), affinity.tolist(), strict=True)
        ]
    )
    cost: IntArray = np.rint(10_000 * (1 - worth) ** 2).astype(np.int64)
    return cost


def _unit(affinity: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int:
    known = affinity[np.isfinite(affinity)]
    return next((10**d for d in (3, 4, 6) if (np.abs(known * 10.0**d - np.rint(known * 10.0**d)) < 1e-6).all()), 10**9)


def _lottery(book: Book, seed: int) -> Rule:
    mine = [_mix(_hash(s.id) ^ _hash(f"seed {seed}")) for s in book.market.students]
    slots = [3 * _hash(s.id) & _MASK for s in book.market.slots]
    draw = np.array(
        [
            _mix(mine[i] + slots[t] & _MASK) % 1000
            for i, t in zip(book.student.tolist(), book.slot.tolist(), strict=True)
        ],
        np.int64,
    )
    return Rule("lottery", draw, np.array([m % 1000 for m in mine], np.int64))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")


def _mix(x: int) -> int:
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & _MASK
    return x ^ x >> 31
