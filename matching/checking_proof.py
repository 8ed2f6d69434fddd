"""The certificate: at the stated prices every student holds a cheapest outcome, and only what is full has a price.

Prices are vectors, one component a stage, compared like words in a dictionary. If both statements hold, no allocation
is better: whatever another one gains at these prices it must pay for places that are already full.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.checking_book import Book
from matching.checking_rules import Fault
from matching.checking_tiers import Rule
from matching.problem import IntArray, Solution

Vector = list[IntArray]


def faults(book: Book, solution: Solution, rules: Sequence[Rule], share: float) -> list[Fault]:
    """What is wrong with the certificate of ``solution`` (nothing: the optimum is proved)."""
    stages = solution.duals
    if not stages:
        return [Fault("certificate_missing", "optimality is claimed by dual prices, and no price is given")]
    names = [name for stage in stages for name, _ in stage.weights]
    if names != [r.name for r in rules]:
        text = f"the certificate is about {names}, the tiers are {[r.name for r in rules]}"
        return [Fault("certificate_wrong", text)]
    rule_of = {r.name: r for r in rules}
    n = len(book.market.students)
    pair: Vector = []
    out: Vector = []
    for stage in stages:
        if (light := _light_weight(book, stage.weights, rule_of, share)) is not None:
            return [Fault("certificate_wrong", light)]
        pair.append(sum((w * rule_of[t].pair for t, w in stage.weights), np.zeros(len(book.rows), np.int64)))
        out.append(sum((w * rule_of[t].out for t, w in stage.weights), np.zeros(n, np.int64)))
    found: list[Fault] = []
    for shelf in book.shelves:
        by_name = [stage.prices.get(shelf.kind, {}) for stage in stages]
        prices = [np.array([known.get(name, 0) for name in shelf.names], np.int64) for known in by_name]
        sign = _sign(prices)
        for c in np.flatnonzero(sign < 0)[:3].tolist():
            found.append(Fault("certificate_wrong", f"the price of {shelf.kind} {shelf.names[c]!r} is negative"))
        for c in np.flatnonzero((sign > 0) & (shelf.used < shelf.room))[:3].tolist():
            found.append(Fault("certificate_wrong", f"{shelf.kind} {shelf.names[c]!r} has a price and is not full"))
        inside = shelf.of_pair >= 0
        for k, price in enumerate(prices):
            pair[k][inside] += price[shelf.of_pair[inside]]
    found += _groups(book, solution, rule_of, share, out)
    best = [np.array(part) for part in out]
    mine = np.flatnonzero(book.chosen)
    for k, part in enumerate(pair):
        best[k][book.student[mine]] = part[mine]
    free = book.free
    dearer = _sign([out[k][free] - best[k][free] for k in range(len(stages))])
    for i in free[dearer < 0][:3].tolist():
        student = book.market.students[i].id
        found.append(Fault("certificate_wrong", f"at these prices {student!r} is better off unplaced"))
    dearer = _sign([pair[k] - best[k][book.student] for k in range(len(stages))])
    for p in np.flatnonzero(dearer < 0)[:3].tolist():
        student, slot = book.market.students[int(book.student[p])].id, book.market.slots[int(book.slot[p])].id
        found.append(Fault("certificate_wrong", f"at these prices {student!r} is better off in {slot!r}"))
    return found


def _light_weight(book: Book, weights: Sequence[tuple[str, int]], rule_of: dict[str, Rule], share: float) -> str | None:
    """A weight must outweigh all that the tiers after it in the stage can add up to."""
    below = 0
    for name, weight in reversed(weights):
        if weight <= below:
            return f"the weight {weight} of {name} does not outweigh the tiers after it ({below})"
        below += weight * _reach(book, rule_of[name], share)
    return None


def _reach(book: Book, rule: Rule, share: float) -> int:
    """How far apart two allocations can be in a tier."""
    worst, best = rule.out.copy(), rule.out.copy()
    np.maximum.at(worst, book.student, rule.pair)
    np.minimum.at(best, book.student, rule.pair)
    reach = int((worst - best)[book.free].sum())
    if rule.level >= 0:
        level = book.levels[rule.level]
        for k in range(1, int(level.left_at_most.max(initial=0)) + 1):
            steps = rule.nth_left(level, np.full(len(level.size), k), share)
            reach += int(steps[level.left_at_most >= k].sum())
    return reach


def _groups(book: Book, solution: Solution, rule_of: dict[str, Rule], share: float, out: Vector) -> list[Fault]:
    """The price of being left, by group, lies between the cost of the last student left and that of the next one."""
    found = []
    for number, level in enumerate(book.levels):
        prices: Vector = []
        last: Vector = []
        further: Vector = []
        for k, stage in enumerate(solution.duals):
            price = np.array([stage.prices.get("group", {}).get(name, 0) for name in level.names], np.int64)
            prices.append(price)
            step, after = np.zeros(len(price), np.int64), np.zeros(len(price), np.int64)
            for name, weight in stage.weights:
                if rule_of[name].level == number:
                    step += weight * rule_of[name].nth_left(level, level.left, share)
                    after += weight * rule_of[name].nth_left(level, level.left + 1, share)
            last.append(price - step)
            further.append(after - price)
            member = level.of_student >= 0
            out[k][member] += price[level.of_student[member]]
        bad = (_sign(last) < 0) & (level.left > 0) | (_sign(further) < 0) & (level.left < level.left_at_most)
        for g in np.flatnonzero(bad)[:3].tolist():
            found.append(Fault("certificate_wrong", f"the price of group {level.names[g]!r} does not fit who is left"))
    return found


def _sign(vector: Vector) -> IntArray:
    """Sign of the first component that is not 0."""
    sign = np.zeros(len(vector[0]), np.int64)
    for part in vector:
        sign = np.where(sign == 0, np.sign(part), sign)
    return sign
