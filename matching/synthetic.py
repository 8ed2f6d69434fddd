"""Markets of any size with the shape of real ones: neighbourhoods, weeks by school, popular offers, poorer areas.

Students and offers lie along a road; REP schools are where offers are scarce. A school allows some weeks. A student's
candidates are mostly near, some far; the best-liked become wishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.problem import BoolArray, FloatArray, Host, IntArray, Market, Pairs, Slot, Student

WEEKS = tuple(f"2027-{month:02}-{day:02}" for month, day in ((1, 25), (2, 1), (3, 8), (3, 15), (5, 31), (6, 7)))
TASTES = 6
CANDIDATES = 24
STUDENTS_BY_SCHOOL = 110
CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Size:
    """Students to place and places offered."""

    students: int
    places: int


SIZES = {
    "territory": Size(1_000, 830),
    "departement": Size(18_000, 15_000),
    "region": Size(100_000, 80_000),
    "nation": Size(800_000, 640_000),
}


def market(size: str | Size, seed: int = 0, limits: bool = True) -> Market:
    """About ``CANDIDATES`` pairs a student, drawn from ``seed`` alone. ``limits`` gives some hosts a capacity."""
    asked = SIZES[size] if isinstance(size, str) else size
    draw = np.random.default_rng(seed)
    slots, hosts, at, week, tastes = _slots(asked.places, draw, limits)
    students, home, weeks, wanted = _students(asked.students, draw)
    columns = _pairs(home, weeks, wanted, at, week, tastes, draw)
    return Market(students, slots, hosts, Pairs(tuple(s.id for s in students), tuple(s.id for s in slots), *columns))


def _slots(
    places: int,
    draw: np.random.Generator,
    limits: bool,
) -> tuple[tuple[Slot, ...], tuple[Host, ...], FloatArray, IntArray, FloatArray]:
    """Slots with their position on the road, their week and their tastes, in the order of their identifiers."""
    capacity = draw.choice((1, 1, 1, 2, 2, 3), size=places)
    capacity = capacity[: int(np.searchsorted(np.cumsum(capacity), places)) + 1]
    n = len(capacity)
    offer = np.sort(draw.integers(0, max(n * 10 // 17, 1), n))
    offers = int(offer.max(initial=0)) + 1
    host = np.arange(offers) * 4 // 5
    position = draw.random(offers)
    position = np.where((position < 0.25) & (draw.random(offers) < 0.5), 0.25 + 0.75 * draw.random(offers), position)
    taste = draw.normal(size=(offers, TASTES))
    week = draw.integers(0, len(WEEKS), n)
    width = len(str(max(n, offers)))
    names = [(f"o{o:0{width}}", f"h{h:0{width}}") for o, h in enumerate(host.tolist())]
    slots = tuple(
        Slot(f"t{k:0{width}}", names[o][0], names[o][1], WEEKS[w], int(c))
        for k, (o, w, c) in enumerate(zip(offer.tolist(), week.tolist(), capacity.tolist(), strict=True))
    )
    bounded = draw.random(offers) < (0.15 if limits else 0)
    hosts = tuple(
        Host(f"h{h:0{width}}", 2 if bounded[h] else None, 1 if bounded[h] and h % 3 == 0 else None)
        for h in sorted(set(host.tolist()))
    )
    return slots, hosts, position[offer], week, taste[offer]


def _students(n: int, draw: np.random.Generator) -> tuple[tuple[Student, ...], FloatArray, IntArray, FloatArray]:
    """Students with their position, the two weeks of their school, and what they like."""
    schools = max(n // STUDENTS_BY_SCHOOL, 2)
    school = draw.integers(0, schools, n)
    where = np.sort(draw.random(schools))
    rep = where < 0.25
    weeks = np.stack([draw.permutation(len(WEEKS))[:2] for _ in range(schools)])
    room = draw.integers(0, 4, n)
    home = np.clip(where[school] + draw.normal(0, 0.01, n), 0, 1)
    width = len(str(n))
    groups = [
        [{"school": f"c{s}", "class": f"c{s}-{r}", "rep": "1" if poor else "0"} for r in range(4)]
        for s, poor in enumerate(rep.tolist())
    ]  # shared by the students of a class
    students = tuple(
        Student(f"s{i:0{width}}", groups[s][r])
        for i, (s, r) in enumerate(zip(school.tolist(), room.tolist(), strict=True))
    )
    return students, home, weeks[school], draw.normal(size=(n, TASTES))


def _pairs(
    home: FloatArray,
    weeks: IntArray,
    wanted: FloatArray,
    at: FloatArray,
    week: IntArray,
    tastes: FloatArray,
    draw: np.random.Generator,
) -> tuple[IntArray, IntArray, FloatArray, IntArray, BoolArray]:
    """Columns of the pairs: near slots of the two weeks for the most part, and some anywhere in these weeks."""
    by_week = [np.flatnonzero(week == w)[np.argsort(at[week == w], kind="stable")] for w in range(len(WEEKS))]
    parts: tuple[list[Any], ...] = ([], [], [], [])
    for start in range(0, len(home), CHUNK):
        who = np.arange(start, min(start + CHUNK, len(home)))
        found = []
        for turn in range(2):
            for w in range(len(WEEKS)):
                mine = who[weeks[who, turn] == w]
                if mine.size and by_week[w].size:
                    found.append(_near_and_far(mine, home, by_week[w], at, draw))
        student, slot = (np.concatenate(column) for column in zip(*found, strict=True))
        key = np.unique(student * len(at) + slot)
        student, slot = key // len(at), key % len(at)
        score = np.einsum("ij,ij->i", wanted[student], tastes[slot])
        affinity = np.round(1 / (1 + np.exp(-0.6 * score)), 3)
        rank = _wishes(student, affinity + draw.normal(0, 0.1, len(student)), draw)
        for part, column in zip(parts, (student, slot, affinity, rank), strict=True):
            part.append(column)
    student, slot, affinity, rank = (np.concatenate(_emptied(part)) for part in parts)
    return student, slot, affinity, rank, (affinity >= 0.15) | (rank > 0)


def _emptied(part: list[Any]) -> list[Any]:
    """The content of a list that lets go of it: the four columns of a nation are never in memory twice."""
    content = part.copy()
    part.clear()
    return content


def _near_and_far(
    mine: IntArray,
    home: FloatArray,
    slots: IntArray,
    at: FloatArray,
    draw: np.random.Generator,
) -> tuple[IntArray, IntArray]:
    near, far = CANDIDATES * 2 // 5, CANDIDATES // 10
    centre = np.searchsorted(at[slots], home[mine])[:, None]
    window = draw.integers(-40, 41, (len(mine), near))
    chosen = np.concatenate(
        [np.clip(centre + window, 0, len(slots) - 1), draw.integers(0, len(slots), (len(mine), far))], axis=1
    )
    return np.repeat(mine, near + far), slots[chosen].ravel()


def _wishes(student: IntArray, liking: FloatArray, draw: np.random.Generator) -> IntArray:
    """Rank 1 to 3 for the best-liked candidates of each student, fewer for some."""
    order = np.lexsort((-liking, student))
    first = np.searchsorted(student[order], student[order])
    place = np.arange(len(student)) - first + 1
    most = draw.integers(0, 5, int(student.max(initial=0)) + 1)[student[order]]
    rank = np.zeros(len(student), np.int64)
    rank[order] = np.where(place <= np.minimum(most, 3), place, 0)
    return rank
