"""Frozen inputs and outputs of the allocation: students, slots, candidate pairs, rules, solutions.

A :class:`Market` is checked and put in canonical order (by identifier) when it is built, so whatever is computed
from it cannot depend on the order of the input. Candidate pairs are held in NumPy columns (:class:`Pairs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
SmallIntArray = NDArray[np.signedinteger[Any]]  # costs in as few bytes as they need: nations have 17 million
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Path = tuple[str | int, ...]
Progress = Callable[[str, float], None]

OBJECTIVES = ("balanced", "affinity", "min_rank", "generous", "greedy_max", "rank_maximal")
EQUITY_MODES = ("floor", "convex")


class MarketError(ValueError):
    """A market or a solution that makes no sense: where (``path``, ``line``), which ``field``, and why."""

    def __init__(self, message: str, path: Path = (), line: int | None = None, source: str | None = None) -> None:
        self.message = message
        self.path = path
        self.line = line
        self.source = source
        super().__init__(message)

    @property
    def field(self) -> str:
        """Readable path of the faulty value, such as ``pairs[3].affinity``."""
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
        return text

    def __str__(self) -> str:
        place = self.source or ""
        if self.line is not None:
            place += f":{self.line}" if place else f"line {self.line}"
        return ": ".join(part for part in (place, self.field, self.message) if part)


@dataclass(frozen=True, slots=True)
class Student:
    """A student to place. ``groups`` maps a key (school, class, REP…) to a value; a higher ``priority`` goes first.

    Of those who had a place, a higher ``firmness`` is moved only when no number of lower ones would do instead.
    """

    id: str
    groups: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    firmness: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """``capacity`` places of one offer in one week. It opens for at least ``minimum`` students or stays closed."""

    id: str
    offer: str
    host: str
    week: str
    capacity: int
    minimum: int = 0
    sector: str = ""
    commune: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """A host: ``capacity`` over all its slots, ``weekly_capacity`` in each week (one number, or one by week)."""

    id: str
    capacity: int | None = None
    weekly_capacity: int | Mapping[str, int] | None = None

    def in_week(self, week: str) -> int | None:
        """Most students this host takes in ``week`` (None: no limit of that kind)."""
        if isinstance(self.weekly_capacity, Mapping):
            return self.weekly_capacity.get(week)
        return self.weekly_capacity


@dataclass(frozen=True, slots=True)
class Pair:
    """A candidate: ``affinity`` between 0 and 1, ``rank`` of the wish from 1; both may be unknown."""

    student: str
    slot: str
    affinity: float | None = None
    rank: int | None = None
    acceptable: bool = True


@dataclass(frozen=True, slots=True)
class Together:
    """Two students for the same slot: a wish, or (``must``) both in one slot or both unplaced."""

    a: str
    b: str
    must: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``maximum`` students with one value of ``group_key`` in a slot (in every slot when ``slot`` is None)."""

    group_key: str
    maximum: int
    slot: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Equity:
    """Even out the share of students placed over the values of ``group_key``.

    ``floor``: each group reaches ``rate`` (by default the share placed over all) if that costs no placement;
    ``strict`` puts the floor before the number placed. ``convex``: the most even shares that cost no placement.
    """

    group_key: str
    mode: str = "floor"
    rate: float | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Pairs(Sequence[Pair]):
    """Candidate pairs in columns; ``student`` and ``slot`` are positions in the market's own tuples.

    ``affinity`` is NaN and ``rank`` is 0 where unknown.
    """

    student_ids: Sequence[str]
    slot_ids: Sequence[str]
    student: IntArray
    slot: IntArray
    affinity: FloatArray
    rank: IntArray
    acceptable: BoolArray

    def __len__(self) -> int:
        return len(self.student)

    @overload
    def __getitem__(self, k: int) -> Pair: ...
    @overload
    def __getitem__(self, k: slice) -> Sequence[Pair]: ...
    def __getitem__(self, k: int | slice) -> Pair | Sequence[Pair]:
        if isinstance(k, slice):
            return [self[i] for i in range(*k.indices(len(self)))]
        affinity = float(self.affinity[k])
        return Pair(
            self.student_ids[self.student[k]],
            self.slot_ids[self.slot[k]],
            None if np.isnan(affinity) else affinity,
            int(self.rank[k]) or None,
            bool(self.acceptable[k]),
        )

    def __iter__(self) -> Iterator[Pair]:
        return (self[k] for k in range(len(self)))

    @classmethod
    def of(cls, rows: Iterable[Pair], student_ids: Sequence[str], slot_ids: Sequence[str]) -> Pairs:
        """Columns from rows. Raises :class:`MarketError` with the position of a row that names an unknown id."""
        rows = rows if isinstance(rows, Sequence) else list(rows)
        where_student = {name: i for i, name in enumerate(student_ids)}
        where_slot = {name: i for i, name in enumerate(slot_ids)}
        try:
            student = np.fromiter((where_student[r.student] for r in rows), np.int64, len(rows))
            slot = np.fromiter((where_slot[r.slot] for r in rows), np.int64, len(rows))
        except KeyError:
            for k, r in enumerate(rows):
                _known(r.student, where_student, "student", ("pairs", k, "student"))
                _known(r.slot, where_slot, "slot", ("pairs", k, "slot"))
            raise
        nan = float("nan")
        affinity = np.fromiter((nan if r.affinity is None else r.affinity for r in rows), np.float64, len(rows))
        rank = np.fromiter((0 if r.rank is None else r.rank for r in rows), np.int64, len(rows))
        unranked = np.fromiter((r.rank is None for r in rows), np.bool_, len(rows))
        if (bad := np.flatnonzero((rank < 1) & ~unranked)).size:
            raise MarketError("a rank is a whole number from 1", ("pairs", int(bad[0]), "rank"))
        acceptable = np.fromiter((r.acceptable for r in rows), np.bool_, len(rows))
        return cls(student_ids, slot_ids, student, slot, affinity, rank, acceptable)


@dataclass(frozen=True, slots=True)
class Market:
    """Everything one allocation needs. Built from any order, kept in the order of identifiers.

    ``pairs`` may be given as rows (:class:`Pair`) or columns (:class:`Pairs`); ``pinned`` and ``forbidden`` are
    ``(student, slot)``. Raises :class:`MarketError` when identifiers, numbers or rules contradict one another.
    """

    students: tuple[Student, ...]
    slots: tuple[Slot, ...]
    hosts: tuple[Host, ...]
    pairs: Sequence[Pair]
    pinned: tuple[tuple[str, str], ...] = ()
    forbidden: tuple[tuple[str, str], ...] = ()
    together: tuple[Together, ...] = ()
    limits: tuple[Limit, ...] = ()
    equity: tuple[Equity, ...] = ()

    def __post_init__(self) -> None:
        from matching import validation  # the checks are long and read better apart

        validation.check_market(self)
        canonical = validation.canonical_order(self)
        for name, value in canonical.items():
            object.__setattr__(self, name, value)

    @property
    def columns(self) -> Pairs:
        """The candidate pairs as NumPy columns, sorted by student then slot."""
        assert isinstance(self.pairs, Pairs)
        return self.pairs

    def index_of_students(self) -> dict[str, int]:
        """Identifier → position of each student."""
        return {s.id: i for i, s in enumerate(self.students)}

    def index_of_slots(self) -> dict[str, int]:
        """Identifier → position of each slot."""
        return {s.id: i for i, s in enumerate(self.slots)}


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    """One student in one slot, with what their pair says (None: unknown, or pinned to a slot that was no candidate)."""

    student: str
    slot: str
    rank: int | None = field(default=None, compare=False)
    affinity: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A student left without a place: a reason code and the figures behind it."""

    student: str
    code: str
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TierValue:
    """What one tier of the objective reached. ``sense`` is ``max`` or ``min``."""

    name: str
    sense: str
    value: int | float


@dataclass(frozen=True, slots=True)
class ObjectiveValue:
    """Values reached, tier after tier in order of priority, and the usual totals."""

    name: str
    tiers: tuple[TierValue, ...]
    profile: tuple[int, ...] = ()
    total_rank: int = 0
    total_affinity: float = 0.0


@dataclass(frozen=True, slots=True)
class Optimality:
    """``proved`` with ``gap`` 0, or the gap in placed students that remains possible, and by which method."""

    proved: bool
    gap: int
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One stage of a certificate: the tiers it packs with their weights; prices by kind and name, 0 where absent."""

    weights: tuple[tuple[str, int], ...]
    prices: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What :func:`matching.assignment.solve` found. ``duals`` is the certificate of optimality, stage by stage."""

    assignments: tuple[Assignment, ...]
    unplaced: tuple[Unplaced, ...]
    objective: ObjectiveValue
    optimal: Optimality
    duals: tuple[Stage, ...]
    fingerprint: Mapping[str, Any]
    seconds: float

    def places(self) -> dict[str, str]:
        """Student → slot."""
        return {a.student: a.slot for a in self.assignments}


def _known(name: str, where: Mapping[str, int], kind: str, path: Path) -> None:
    if name not in where:
        raise MarketError(f"unknown {kind} {name!r}", path)
