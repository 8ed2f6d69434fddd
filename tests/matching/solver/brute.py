"""Brute force: every allocation of a small market, judged by definitions written here once more."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator

from matching.problem import Market

Outcome = dict[str, str]


def allocations(market: Market) -> Iterator[Outcome]:
    """Every allocation that respects every rule of the market."""
    pinned = dict(market.pinned)
    options = {}
    for student in market.students:
        mine = [p.slot for p in market.pairs if p.student == student.id and (p.student, p.slot) not in market.forbidden]
        options[student.id] = [pinned[student.id]] if student.id in pinned else [None, *mine]
    names = list(options)
    for choice in itertools.product(*options.values()):
        outcome = {s: t for s, t in zip(names, choice, strict=True) if t is not None}
        if allowed(market, outcome):
            yield outcome


def allowed(market: Market, outcome: Outcome) -> bool:
    """Whether an allocation of candidate pairs respects capacities, hosts, limits, minimums and couples."""
    taken = Counter(outcome.values())
    slots = {s.id: s for s in market.slots}
    groups = {s.id: s.groups for s in market.students}
    pinned = set(market.pinned)
    if any(n > slots[t].capacity or n < slots[t].minimum for t, n in taken.items()):
        return False
    for host in market.hosts:
        mine = Counter(slots[t].week for t in outcome.values() if slots[t].host == host.id)
        if host.capacity is not None and sum(mine.values()) > host.capacity:
            return False
        if any(host.in_week(w) is not None and n > host.in_week(w) for w, n in mine.items()):
            return False
    for limit in market.limits:
        cells, fixed = Counter(), Counter()
        for s, t in outcome.items():
            value = groups[s].get(limit.group_key)
            if value is not None and limit.slot in (None, t) and limit.value in (None, value):
                cells[t, value] += 1
                fixed[t, value] += (s, t) in pinned
        if any(n > max(limit.maximum, fixed[cell]) for cell, n in cells.items()):
            return False
    return all(outcome.get(c.a) == outcome.get(c.b) for c in market.together if c.must)


def key(market: Market, objective: str, outcome: Outcome, most: int) -> tuple[float, ...]:
    """What the objective makes as small as possible, as documented (lottery apart)."""
    pair = {(p.student, p.slot): p for p in market.pairs}
    pinned = dict(market.pinned)
    open_ranks = [p.rank for p in market.pairs if p.rank and _open(market, p)]
    worst = max(open_ranks, default=0)
    free = [s for s in market.students if s.id not in pinned]
    held = [pair[s.id, outcome[s.id]] for s in free if s.id in outcome]
    ranks = Counter(p.rank or worst + 1 for p in held)
    priorities = sorted({s.priority for s in free}, reverse=True)
    left = [sum(s.priority >= level and s.id not in outcome for s in free) for level in priorities[:-1]]
    unacceptable = sum(not p.acceptable for p in held)
    granted = sum(outcome.get(c.a, 0) == outcome.get(c.b, 1) for c in market.together if not c.must)
    strict, fair = equity(market, outcome, most)
    placed = -len(outcome)
    if objective == "rank_maximal":
        grades = Counter(worst + 2 if not p.acceptable else p.rank or worst + 1 for p in held)
        merged, _ = equity(market, outcome, most, merge=True)
        return (*(-grades[r] for r in range(1, worst + 3)), *merged, -granted, *left)
    if objective == "balanced":
        return (*strict, placed, *left, *fair, unacceptable, -granted, sum(_cost(p) for p in held))
    value: tuple[float, ...]
    if objective == "affinity":
        value = (-round(sum(p.affinity or 0 for p in held), 6),)
    elif objective == "min_rank":
        value = (sum(r * n for r, n in ranks.items()),)
    elif objective == "generous":
        value = tuple(ranks[r] for r in range(worst + 1, 1, -1))
    else:
        value = tuple(-ranks[r] for r in range(1, worst + 1))
    return (*strict, placed, *fair, unacceptable, *value, -granted, *left)


def _open(market: Market, p) -> bool:
    """Whether a pair is open once pins are served (it then counts for the worst rank)."""
    pinned = dict(market.pinned)
    if p.student in pinned or (p.student, p.slot) in market.forbidden:
        return False
    slots = {s.id: s for s in market.slots}
    slot = slots[p.slot]
    host = next(h for h in market.hosts if h.id == slot.host)
    here = [slots[t] for t in pinned.values()]
    if slot.capacity <= sum(t.id == slot.id for t in here):
        return False
    if host.capacity is not None and host.capacity <= sum(t.host == host.id for t in here):
        return False
    weekly = host.in_week(slot.week)
    if weekly is not None and weekly <= sum(t.host == host.id and t.week == slot.week for t in here):
        return False
    groups = {s.id: s.groups for s in market.students}
    for limit in market.limits:
        value = groups[p.student].get(limit.group_key)
        if value is None or limit.slot not in (None, slot.id) or limit.value not in (None, value):
            continue
        fixed = sum(t == slot.id and groups[s].get(limit.group_key) == value for s, t in pinned.items())
        if limit.maximum <= fixed:
            return False
    return True


def _cost(p) -> int:
    a = p.affinity or 0.0
    s = 0.5 + 0.4 * (1 - min(p.rank - 1, 10) / 10) + 0.1 * a if p.rank else 0.5 * a
    return round(10_000 * (1 - s) ** 2)


def equity(market: Market, outcome: Outcome, most: int, merge: bool = False) -> tuple[list[float], list[float]]:
    strict: list[float] = []
    fair: list[float] = []
    path: dict[str, tuple[str, ...]] = {s.id: () for s in market.students}
    for rule in market.equity:
        path = {s.id: (*path[s.id], s.groups.get(rule.group_key, "")) for s in market.students}
        cost = 0
        for name in sorted({path[s.id] for s in market.students if rule.group_key in s.groups}):
            members = [s.id for s in market.students if rule.group_key in s.groups and path[s.id] == name]
            n, k = len(members), sum(i not in outcome for i in members)
            if rule.mode == "convex":
                cost += sum(round(1_000_000 * (2 * u - 1) / n) for u in range(1, k + 1))
            else:
                rate = most / len(market.students) if rule.rate is None else rule.rate
                cost += max(0, k - (n - math.floor(rate * n + 1e-9)))
        (strict if rule.strict or merge else fair).append(cost)
    return strict, fair
