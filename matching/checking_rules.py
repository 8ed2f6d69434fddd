"""First half of the checker: is the solution one that the market allows?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matching import interchange
from matching.problem import Assignment, Limit, Market, Solution, Student

UNREADABLE = frozenset({"unknown_student", "unknown_slot", "placed_twice"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault and a sentence with the identifiers concerned."""

    code: str
    message: str


def validity(market: Market, solution: Solution) -> Iterator[Fault]:
    """Every way in which ``solution`` breaks a rule of ``market``."""
    students = {s.id: s for s in market.students}
    slots = {s.id: s for s in market.slots}
    digest = solution.fingerprint.get("market")
    if digest is not None and digest != interchange.market_digest(market):
        yield Fault("other_market", "the fingerprint of the solution is that of another market")
    place: dict[str, str] = {}
    for a in solution.assignments:
        if a.student not in students:
            yield Fault("unknown_student", f"{a.student!r} is not in the market")
        if a.slot not in slots:
            yield Fault("unknown_slot", f"{a.slot!r} is not in the market")
        if a.student in place:
            yield Fault("placed_twice", f"{a.student!r} is placed more than once")
        place[a.student] = a.slot
    if not set(place) <= set(students) or not set(place.values()) <= set(slots):
        return
    yield from _candidates(market, place, solution.assignments)
    yield from _capacities(market, place)
    yield from _groups(market, place, students)
    yield from _unplaced(market, solution, place)


def _candidates(market: Market, place: dict[str, str], assignments: Sequence[Assignment]) -> Iterator[Fault]:
    pinned = dict(market.pinned)
    for student, slot in market.pinned:
        if place.get(student) != slot:
            yield Fault("pin_broken", f"{student!r} is pinned to {slot!r} but holds {place.get(student)!r}")
    columns = market.columns
    where = {s.id: i for i, s in enumerate(market.slots)}
    wanted = np.array([where[place[s.id]] if s.id in place else -1 for s in market.students], np.int64)
    rows = np.flatnonzero(wanted[columns.student] == columns.slot)
    candidates = {columns.student_ids[int(columns.student[k])] for k in rows.tolist()}
    said = {a.student: a for a in assignments}
    for k in rows.tolist():
        pair = columns[k]
        row = said[pair.student]
        if row.rank not in (None, pair.rank) or row.affinity not in (None, pair.affinity):
            yield Fault(
                "pair_values_wrong",
                f"{pair.student!r} and {pair.slot!r} have rank {pair.rank} and affinity "
                f"{pair.affinity}, not {row.rank} and {row.affinity}",
            )
    forbidden = set(market.forbidden)
    for student, slot in place.items():
        if student not in candidates and pinned.get(student) != slot:
            yield Fault("not_a_candidate", f"{student!r} and {slot!r} are not a candidate pair")
        if (student, slot) in forbidden:
            yield Fault("forbidden", f"{student!r} and {slot!r} are forbidden")


def _capacities(market: Market, place: dict[str, str]) -> Iterator[Fault]:
    taken = Counter(place.values())
    of_host: Counter[str] = Counter()
    of_week: Counter[tuple[str, str]] = Counter()
    for slot in market.slots:
        n = taken[slot.id]
        of_host[slot.host] += n
        of_week[slot.host, slot.week] += n
        if n > slot.capacity:
            yield Fault("slot_overfull", f"{slot.id!r} holds {n} students for {slot.capacity} places")
        if 0 < n < slot.minimum:
            yield Fault("minimum_not_met", f"{slot.id!r} holds {n} students and opens for {slot.minimum}")
    for host in market.hosts:
        if host.capacity is not None and of_host[host.id] > host.capacity:
            yield Fault("host_overfull", f"host {host.id!r} takes {of_host[host.id]} students for {host.capacity}")
    hosts = {host.id: host for host in market.hosts}
    for (name, week), n in of_week.items():
        most = hosts[name].in_week(week)
        if most is not None and n > most:
            yield Fault("host_week_overfull", f"host {name!r} takes {n} students in week {week!r} for {most}")


def _groups(market: Market, place: dict[str, str], students: dict[str, Student]) -> Iterator[Fault]:
    held = defaultdict(list)
    for student, slot in place.items():
        held[slot].append(student)
    pinned = dict(market.pinned)
    for limit in market.limits:
        for slot in [limit.slot] if limit.slot is not None else list(held):
            counts: Counter[str] = Counter()
            fixed: Counter[str] = Counter()
            for student in held.get(slot, ()):
                value = students[student].groups.get(limit.group_key)
                if value is not None and limit.value in (None, value):
                    counts[value] += 1
                    fixed[value] += pinned.get(student) == slot
            for value, n in counts.items():
                if n > max(limit.maximum, fixed[value]):
                    yield Fault(
                        "limit_exceeded",
                        f"{slot!r} holds {n} students with {_named(limit, value)}, the limit is {limit.maximum}",
                    )
    for couple in market.together:
        if couple.must and place.get(couple.a) != place.get(couple.b):
            yield Fault("must_together_broken", f"{couple.a!r} and {couple.b!r} must be together")


def _named(limit: Limit, value: str) -> str:
    return f"{limit.group_key} {value!r}"


def _unplaced(market: Market, solution: Solution, place: dict[str, str]) -> Iterator[Fault]:
    """The list of unplaced students, when the solution gives one, must be exactly the others."""
    listed = [u.student for u in solution.unplaced]
    if not listed and not solution.fingerprint:
        return  # another tool's answer, with assignments only
    known = {s.id for s in market.students}
    once = set(listed)
    missing = [s.id for s in market.students if s.id not in place and s.id not in once]
    for student in missing[:5]:
        yield Fault("unplaced_list_wrong", f"{student!r} has no place and is not listed as unplaced")
    for student in listed:
        if student in place:
            yield Fault("unplaced_list_wrong", f"{student!r} is placed and listed as unplaced")
        if student not in known:
            yield Fault("unknown_student", f"{student!r} is not in the market")
    if len(once) != len(listed):
        yield Fault("unplaced_list_wrong", "a student is listed twice as unplaced")
