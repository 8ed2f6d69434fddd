"""Wasted places and justified envy under the published rule.

A student would rather have a slot when they are unplaced, or wished for it better than for what they hold, or, at
equal wishes, when its affinity is higher. This is *waste* when the slot has room and the tiers agree; and *justified
envy* when the slot is held by another and the tiers, applied to these two alone (they swap, or one replaces the other),
decide for the one who envies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.checking_book import Book
from matching.checking_tiers import Rule
from matching.problem import BoolArray, IntArray

MOST_SHOWN = 20


def improvements(book: Book, rules: Sequence[Rule], share: float) -> tuple[list[str], list[str]]:
    """Sentences naming the wasted places and the justified envies (at most 20 of each)."""
    wanted = np.flatnonzero(_rather(book))
    return _wasted(book, rules, wanted, share), _envied(book, rules, wanted, share)


def _rather(book: Book) -> BoolArray:
    """Open pairs that their student would rather have than what they hold."""
    pairs = book.market.columns
    rank = np.where(pairs.rank > 0, pairs.rank, np.iinfo(np.int64).max)[book.rows]
    affinity = np.nan_to_num(pairs.affinity)[book.rows]
    n = len(book.market.students)
    held_rank, held_affinity = np.full(n, np.iinfo(np.int64).max), np.full(n, -1.0)
    mine = np.flatnonzero(book.chosen)
    held_rank[book.student[mine]], held_affinity[book.student[mine]] = rank[mine], affinity[mine]
    unplaced = book.held[book.student] < 0
    same = rank == held_rank[book.student]
    better = (rank < held_rank[book.student]) | (same & (affinity > held_affinity[book.student]))
    rather: BoolArray = ~book.chosen & (unplaced | better)
    return rather


def _own_cost(book: Book, rule: Rule, share: float) -> IntArray:
    """What each student costs now; for someone left, what their group would cost less without them is in ``_left``."""
    cost = rule.out.copy()
    mine = np.flatnonzero(book.chosen)
    cost[book.student[mine]] = rule.pair[mine]
    return cost


def _left(book: Book, rule: Rule, share: float) -> tuple[IntArray, IntArray, IntArray]:
    """By student: cost saved if they were not left, cost added if they were left too, and their group (-1: none)."""
    n = len(book.market.students)
    if rule.level < 0:
        return np.zeros(n, np.int64), np.zeros(n, np.int64), np.full(n, -1)
    level = book.levels[rule.level]
    group = level.of_student
    saved = rule.nth_left(level, np.maximum(level.left, 1), share)
    added = rule.nth_left(level, level.left + 1, share)
    known = group >= 0
    return np.where(known, saved[group], 0), np.where(known, added[group], 0), group


def _decide(deltas: Sequence[IntArray]) -> IntArray:
    sign = np.zeros(len(deltas[0]) if deltas else 0, np.int64)
    for delta in deltas:
        sign = np.where(sign == 0, np.sign(delta), sign)
    return sign


def _wasted(book: Book, rules: Sequence[Rule], wanted: IntArray, share: float) -> list[str]:
    room = _room_for(book, wanted)
    rows = wanted[room]
    who = book.student[rows]
    deltas = []
    for rule in rules:
        saved, _, _ = _left(book, rule, share)
        unplaced = book.held[who] < 0
        deltas.append(rule.pair[rows] - _own_cost(book, rule, share)[who] - np.where(unplaced, saved[who], 0))
    found = []
    for k in rows[_decide(deltas) < 0].tolist():
        if _conditions_allow(book, int(book.student[k]), int(book.slot[k]), None):
            found.append(f"{_student(book, k)} would take the free place in {_slot(book, k)}")
    return found[:MOST_SHOWN]


def _room_for(book: Book, rows: IntArray) -> BoolArray:
    """Whether each open pair could be added, counting what its student would give back."""
    room = np.ones(len(rows), np.bool_)
    now = np.full(len(book.market.students), -1)
    mine = np.flatnonzero(book.chosen)
    now[book.student[mine]] = mine
    former = now[book.student[rows]]
    for shelf in book.shelves:
        member = shelf.of_pair[rows]
        own = np.where(former >= 0, shelf.of_pair[former], -1) if len(shelf.of_pair) else member
        if len(shelf.names):
            full = shelf.used[member] >= shelf.room[member]
            room &= (member < 0) | ~full | (own == member)
    return room


def _envied(book: Book, rules: Sequence[Rule], wanted: IntArray, share: float) -> list[str]:
    """All (student who envies, slot, holder) at once, tier after tier on those not yet decided."""
    held = np.where(book.pinned, -1, book.held)
    holders = np.flatnonzero(held >= 0)
    holders = holders[np.argsort(held[holders], kind="stable")]
    start = np.searchsorted(held[holders], np.arange(len(book.market.slots) + 1))
    slot = book.slot[wanted]
    count = start[slot + 1] - start[slot]
    row = np.repeat(wanted, count)
    total = int(count.sum())
    offset = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
    holder = holders[np.repeat(start[slot], count) + offset]
    envious = book.student[row]
    former = book.held[envious]
    swap = _position(book, holder, former)
    keep = (former < 0) | (swap >= 0)
    row, holder, envious, former, swap = row[keep], holder[keep], envious[keep], former[keep], swap[keep]
    sign = np.zeros(len(row), np.int64)
    for rule in rules:
        open_ = np.flatnonzero(sign == 0)
        if not open_.size:
            break
        r, h, e, f, s = row[open_], holder[open_], envious[open_], former[open_], swap[open_]
        own = _own_cost(book, rule, share)
        saved, added, group = _left(book, rule, share)
        replaced = f < 0
        after = np.where(replaced, rule.out[h], rule.pair[s] if len(rule.pair) else 0)
        groups = np.where(replaced & (group[h] != group[e]), added[h] - saved[e], 0)
        sign[open_] = np.sign(rule.pair[r] + after + groups - own[e] - own[h])
    found = []
    for k in np.flatnonzero(sign < 0).tolist():
        if _exchange_allowed(book, int(row[k]), int(holder[k]), int(swap[k])):
            other = book.market.students[int(holder[k])].id
            found.append(f"{_student(book, int(row[k]))} should hold {_slot(book, int(row[k]))} rather than {other!r}")
            if len(found) == MOST_SHOWN:
                break
    return found


def _position(book: Book, student: IntArray, slot: IntArray) -> IntArray:
    """Position of each open pair (student, slot) among the open pairs, -1 when there is none."""
    width = max(len(book.market.slots), 1)
    keys = book.student * width + book.slot  # sorted, as the pairs of a market are
    if not len(keys):
        return np.full(len(student), -1)
    wanted = student * width + slot
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where((slot >= 0) & (keys[at] == wanted), at, -1)


def _exchange_allowed(book: Book, row: int, holder: int, swap: int) -> bool:
    """Whether capacities and limits allow the exchange (only groups may differ between the two)."""
    change: dict[tuple[int, int], int] = {}
    own = [int(k) for k in np.flatnonzero(book.chosen) if book.student[k] in (holder, book.student[row])]
    for rows, sign in (([row, *([swap] if swap >= 0 else [])], 1), (own, -1)):
        for k in rows:
            for number, shelf in enumerate(book.shelves):
                if shelf.of_pair[k] >= 0:
                    at = (number, int(shelf.of_pair[k]))
                    change[at] = change.get(at, 0) + sign
    fits = all(
        book.shelves[number].used[c] + more <= book.shelves[number].room[c]
        for (number, c), more in change.items()
        if more > 0
    )
    return fits and _conditions_allow(book, int(book.student[row]), int(book.slot[row]), holder)


def _conditions_allow(book: Book, student: int, slot: int, holder: int | None) -> bool:
    """Whether together and minimum leave these students free to move (whom they concern is not judged so)."""
    market = book.market
    names = {market.students[i].id for i in (student, holder) if i is not None}
    if any(t.a in names or t.b in names for t in market.together):
        return False
    if holder is not None and book.held[student] >= 0:
        return True
    touched = [slot, int(book.held[student])]
    return all(market.slots[t].minimum <= 1 for t in touched if t >= 0) or holder is not None


def _student(book: Book, row: int) -> str:
    return repr(book.market.students[int(book.student[row])].id)


def _slot(book: Book, row: int) -> str:
    return repr(book.market.slots[int(book.slot[row])].id)
