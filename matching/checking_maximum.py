"""The checker's own maximum: how many students could be placed, by SciPy's maximum flow on a network built here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from matching.checking_book import Book, Level, Shelf
from matching.problem import IntArray

SMALL = 4_000  # pairs up to which the rules that no flow expresses are settled by a small integer programme


@dataclass(frozen=True, slots=True)
class Maximum:
    """The most students that can be placed, pins included; ``exact`` unless rules were left aside (then a bound)."""

    placed: int
    exact: bool


def largest(book: Book) -> Maximum:
    """The largest number of students that the market allows to place."""
    pins = int(book.pinned.sum())
    chain, left_aside = _chain(book)
    upper = pins + _through(book, chain, None, None)
    if not left_aside and not has_conditions(book):
        return Maximum(upper, True)
    if int((book.held >= 0).sum()) == upper:
        return Maximum(upper, True)
    if len(book.rows) <= SMALL:
        return Maximum(pins + _by_integers(book), True)
    return Maximum(upper, False)


def least_below_floor(book: Book, level: Level, share: float) -> int:
    """The fewest places that the groups of ``level`` can lack below their floors, at whatever number placed.

    Placeable sets of students form a matroid: what fills the floors can always be completed to the largest number.
    """
    rate = share if level.rate is None else level.rate
    floor = np.floor(rate * level.size + 1e-9).astype(np.int64)
    fixed = level.size - level.left_at_most  # pinned students count as placed
    wanted = np.clip(floor - fixed, 0, level.left_at_most)
    chain, _ = _chain(book)
    return int(wanted.sum()) - _through(book, chain, level.of_student, wanted)


def has_conditions(book: Book) -> bool:
    """Whether the market has rules that no flow expresses (students who must be together, minimums)."""
    market = book.market
    return any(t.must for t in market.together) or any(s.minimum > 1 for s in market.slots)


def _chain(book: Book) -> tuple[list[Shelf], bool]:
    """The shelves from student to sink, finest first, each inside the next; whether one had to be left out."""
    limits = sorted((s for s in book.shelves if s.kind == "limit"), key=lambda s: -len(s.names))
    chain: list[Shelf] = []
    aside = False
    for shelf in limits:
        if all(_nested(inner, shelf, book) for inner in chain):
            chain.append(shelf)
        else:
            aside = True
    return [*chain, *(s for s in book.shelves if s.kind != "limit")], aside


def _nested(inner: Shelf, outer: Shelf, book: Book) -> bool:
    """Whether all the pairs of one cell of ``inner`` lie in one cell of ``outer``."""
    inside = inner.of_pair >= 0
    pairs = np.unique(np.stack([inner.of_pair[inside], outer.of_pair[inside]]), axis=1)
    return bool(len(np.unique(pairs[0])) == pairs.shape[1])


def _through(book: Book, chain: list[Shelf], group: IntArray | None, quota: IntArray | None) -> int:
    """Maximum flow from the students (through groups with a quota, when given) to the sink."""
    n = len(book.market.students)
    tails, heads, rooms = [], [], []
    source, count = n, n + 1

    def arcs(tail: IntArray, head: IntArray, room: IntArray) -> None:
        tails.append(tail)
        heads.append(head)
        rooms.append(room)

    who = book.free
    if group is None or quota is None:
        arcs(np.full(len(who), source), who, np.ones(len(who), np.int64))
    else:
        who = who[group[who] >= 0]
        arcs(count + group[who], who, np.ones(len(who), np.int64))
        arcs(np.full(len(quota), source), count + np.arange(len(quota)), quota)
        count += len(quota)
    at = book.student.copy()
    for depth, shelf in enumerate(chain):
        members = np.flatnonzero(shelf.of_pair >= 0)
        cell = count + shelf.of_pair[members]
        width = count + len(shelf.names)
        edge = np.unique(at[members] * width + cell)
        arcs(edge // width, edge % width, np.full(len(edge), 1 if depth == 0 else 2**30))
        inlet = count + np.arange(len(shelf.names))
        outlet = inlet + len(shelf.names)
        arcs(inlet, outlet, shelf.room)
        at[members] = cell + len(shelf.names)
        count += 2 * len(shelf.names)
    arcs(np.unique(at), np.full(len(np.unique(at)), count), np.full(len(np.unique(at)), 2**30))
    tail, head = np.concatenate(tails), np.concatenate(heads)
    room = np.minimum(np.concatenate(rooms), 2**30).astype(np.int32)
    graph = sparse.csr_matrix((room, (tail, head)), shape=(count + 1, count + 1))
    graph.data = np.minimum(graph.data, 2**30)
    return int(sparse.csgraph.maximum_flow(graph, source, count).flow_value)


def _by_integers(book: Book) -> int:
    """The same maximum as an integer programme, with minimums, students who must be together, and crossing limits."""
    p, market = len(book.rows), book.market
    slots_with_minimum = [t for t, s in enumerate(market.slots) if s.minimum > 1]
    n = p + len(slots_with_minimum)
    rows: list[tuple[IntArray, list[float], float, float]] = []
    for i in book.free.tolist():
        mine = np.flatnonzero(book.student == i)
        rows.append((mine, [1.0] * len(mine), 0, 1))
    for shelf in book.shelves:
        for c, room in enumerate(shelf.room.tolist()):
            inside = np.flatnonzero(shelf.of_pair == c)
            rows.append((inside, [1.0] * len(inside), 0, room))
    fixed = (
        np.bincount(book.held[book.pinned], minlength=len(market.slots))
        if book.pinned.any()
        else np.zeros(len(market.slots), np.int64)
    )
    for k, t in enumerate(slots_with_minimum):
        inside = np.flatnonzero(book.slot == t)
        minimum, most = market.slots[t].minimum, market.slots[t].capacity
        both = np.append(inside, p + k)
        rows.append((both, [1.0] * len(inside) + [-float(minimum)], -float(fixed[t]), np.inf))
        rows.append((both, [1.0] * len(inside) + [-float(most)], -np.inf, -float(fixed[t])))
    where = {s.id: i for i, s in enumerate(market.students)}
    for couple in (t for t in market.together if t.must):
        a, b = where[couple.a], where[couple.b]
        for t in range(len(market.slots)):
            ones = np.flatnonzero((book.student == a) & (book.slot == t))
            others = np.flatnonzero((book.student == b) & (book.slot == t))
            fix = float(book.pinned[b] and book.held[b] == t) - float(book.pinned[a] and book.held[a] == t)
            if len(ones) or len(others) or fix:
                rows.append((np.append(ones, others), [1.0] * len(ones) + [-1.0] * len(others), fix, fix))
    matrix = sparse.lil_matrix((len(rows), n))
    for r, (columns, values, _, _) in enumerate(rows):
        matrix[r, columns] = values
    gain = np.zeros(n)
    gain[:p] = -1
    limits = optimize.LinearConstraint(matrix.tocsr(), [r[2] for r in rows], [r[3] for r in rows])
    answer = optimize.milp(gain, integrality=np.ones(n), bounds=optimize.Bounds(0, 1), constraints=limits)
    return -1 if answer.x is None else round(-answer.fun)
