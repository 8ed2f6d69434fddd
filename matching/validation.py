"""What a market must satisfy before anything is computed from it, and its canonical order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from matching.problem import EQUITY_MODES, Host, Market, MarketError, Pairs, Path

MOST = 10**9  # above, sums of capacities or of ranks could leave 64 bits
WORST_RANK = 10**6


def check_market(market: Market) -> None:
    """Raise :class:`MarketError` at the first value of ``market`` that makes no sense, naming its path."""
    students = _unique([s.id for s in market.students], "students")
    slots = _unique([s.id for s in market.slots], "slots")
    hosts = _unique([h.id for h in market.hosts], "hosts")
    _check_priorities(market)
    _check_slots(market, hosts)
    _check_hosts(market)
    if isinstance(market.pairs, Pairs):
        _check_columns(market.pairs, len(students), len(slots))
    else:
        _check_columns(Pairs.of(market.pairs, list(students), list(slots)), len(students), len(slots))
    _check_decisions(market, students, slots)
    _check_rules(market, students, slots)


def canonical_order(market: Market) -> Mapping[str, Any]:
    """The fields of ``market`` sorted by identifier, pairs as columns; hosts that were only named are added."""
    students = tuple(sorted(market.students, key=lambda s: s.id))
    slots = tuple(sorted(market.slots, key=lambda s: s.id))
    named = {h.id for h in market.hosts}
    implied = sorted({s.host for s in market.slots} - named)
    hosts = tuple(sorted((*market.hosts, *(Host(name) for name in implied)), key=lambda h: h.id))
    student_ids = tuple(s.id for s in students)
    slot_ids = tuple(s.id for s in slots)
    return {
        "students": students,
        "slots": slots,
        "hosts": hosts,
        "pairs": _sorted_pairs(market, student_ids, slot_ids),
        "pinned": tuple(sorted(market.pinned)),
        "forbidden": tuple(sorted(set(market.forbidden))),
        "together": tuple(sorted((_ordered(t) for t in market.together), key=lambda t: (t.a, t.b))),
        "limits": tuple(sorted(market.limits, key=lambda x: (x.group_key, x.value or "", x.slot or "", x.maximum))),
        "equity": market.equity,  # their order is an order of priority
    }


def _ordered(together: Any) -> Any:
    return together if together.a <= together.b else replace(together, a=together.b, b=together.a)


def _sorted_pairs(market: Market, student_ids: Sequence[str], slot_ids: Sequence[str]) -> Pairs:
    pairs = market.pairs
    if not isinstance(pairs, Pairs):
        columns = Pairs.of(pairs, student_ids, slot_ids)
        student, slot = columns.student, columns.slot
    else:
        columns = pairs
        to_student = _positions([s.id for s in market.students], student_ids)
        to_slot = _positions([s.id for s in market.slots], slot_ids)
        student, slot = to_student[pairs.student], to_slot[pairs.slot]
    key = student.astype(np.int64) * max(len(slot_ids), 1) + slot
    if len(key) and not np.all(key[1:] > key[:-1]):
        order = np.argsort(key, kind="stable")
        return Pairs(
            student_ids,
            slot_ids,
            student[order],
            slot[order],
            columns.affinity[order],
            columns.rank[order],
            columns.acceptable[order],
        )
    return Pairs(student_ids, slot_ids, student, slot, columns.affinity, columns.rank, columns.acceptable)


def _positions(given: Sequence[str], wanted: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    where = {name: i for i, name in enumerate(wanted)}
    return np.fromiter((where[name] for name in given), np.int64, len(given))


def _check_priorities(market: Market) -> None:
    for i, student in enumerate(market.students):
        if abs(student.priority) > MOST:
            raise MarketError(f"a priority is between -{MOST} and {MOST}", ("students", i, "priority"))


def _unique(ids: Sequence[str], what: str) -> dict[str, int]:
    where: dict[str, int] = {}
    for i, name in enumerate(ids):
        if not name:
            raise MarketError("an identifier cannot be empty", (what, i, "id"))
        if where.setdefault(name, i) != i:
            raise MarketError(f"identifier {name!r} is already used by {what}[{where[name]}]", (what, i, "id"))
    return where


def _check_slots(market: Market, hosts: Mapping[str, int]) -> None:
    for i, s in enumerate(market.slots):
        if s.capacity < 0:
            raise MarketError(f"a capacity cannot be negative (got {s.capacity})", ("slots", i, "capacity"))
        if s.capacity > MOST:
            raise MarketError(f"a capacity is at most {MOST}", ("slots", i, "capacity"))
        if s.minimum < 0:
            raise MarketError(f"a minimum cannot be negative (got {s.minimum})", ("slots", i, "minimum"))
        if s.minimum > s.capacity:
            text = f"the minimum {s.minimum} is above the capacity {s.capacity}: this slot could never open"
            raise MarketError(text, ("slots", i, "minimum"))
        if hosts and s.host not in hosts:
            raise MarketError(f"unknown host {s.host!r}", ("slots", i, "host"))


def _check_hosts(market: Market) -> None:
    for i, h in enumerate(market.hosts):
        weekly = h.weekly_capacity
        for name, values in (
            ("capacity", [h.capacity]),
            ("weekly_capacity", list(weekly.values()) if isinstance(weekly, Mapping) else [weekly]),
        ):
            for value in values:
                if value is not None and not 0 <= value <= MOST:
                    raise MarketError(f"a capacity is between 0 and {MOST} (got {value})", ("hosts", i, name))


def _check_columns(pairs: Pairs, n_students: int, n_slots: int) -> None:
    def fail(bad: Any, name: str, text: str) -> None:
        at = np.flatnonzero(bad)
        if at.size:
            raise MarketError(text, ("pairs", int(at[0]), name))

    with np.errstate(invalid="ignore"):
        fail((pairs.affinity < 0) | (pairs.affinity > 1), "affinity", "an affinity is between 0 and 1")
    fail(pairs.rank < 0, "rank", "a rank is a whole number from 1")
    fail(pairs.rank > WORST_RANK, "rank", f"a rank is at most {WORST_RANK}")
    fail((pairs.student < 0) | (pairs.student >= n_students), "student", "unknown student")
    fail((pairs.slot < 0) | (pairs.slot >= n_slots), "slot", "unknown slot")
    key = pairs.student.astype(np.int64) * max(n_slots, 1) + pairs.slot
    if len(key) and not np.all(key[1:] > key[:-1]):
        order = np.argsort(key, kind="stable")
        twice = np.flatnonzero(key[order][1:] == key[order][:-1])
        if twice.size:
            k = int(np.min(order[twice + 1]))
            pair = pairs[k]
            raise MarketError(f"the pair {pair.student!r} and {pair.slot!r} is given twice", ("pairs", k))


def _known(name: str, where: Mapping[str, int], kind: str, path: Path) -> None:
    if name not in where:
        raise MarketError(f"unknown {kind} {name!r}", path)


def _check_decisions(market: Market, students: Mapping[str, int], slots: Mapping[str, int]) -> None:
    forbidden = set(market.forbidden)
    for i, (student, slot) in enumerate(market.forbidden):
        _known(student, students, "student", ("forbidden", i, "student"))
        _known(slot, slots, "slot", ("forbidden", i, "slot"))
    held: dict[str, str] = {}
    in_slot: Counter[str] = Counter()
    in_host: Counter[str] = Counter()
    in_week: Counter[tuple[str, str]] = Counter()
    hosts = {h.id: h for h in market.hosts}
    for i, (student, slot) in enumerate(market.pinned):
        _known(student, students, "student", ("pinned", i, "student"))
        _known(slot, slots, "slot", ("pinned", i, "slot"))
        if student in held:
            raise MarketError(f"student {student!r} is already pinned to {held[student]!r}", ("pinned", i, "student"))
        if (student, slot) in forbidden:
            raise MarketError(f"{student!r} and {slot!r} are both pinned and forbidden", ("pinned", i))
        held[student] = slot
        place = market.slots[slots[slot]]
        host = hosts.get(place.host, Host(place.host))
        in_slot[slot] += 1
        in_host[place.host] += 1
        in_week[place.host, place.week] += 1
        weekly = host.in_week(place.week)
        if in_slot[slot] > place.capacity:
            raise MarketError(f"more students are pinned to {slot!r} than its capacity {place.capacity}", ("pinned", i))
        if host.capacity is not None and in_host[place.host] > host.capacity:
            text = f"more students are pinned at host {place.host!r} than its capacity {host.capacity}"
            raise MarketError(text, ("pinned", i))
        if weekly is not None and in_week[place.host, place.week] > weekly:
            text = f"more students are pinned at host {place.host!r} in week {place.week!r} than its capacity {weekly}"
            raise MarketError(text, ("pinned", i))
    for i, t in enumerate(market.together):
        if t.must and t.a in held and t.b in held and held[t.a] != held[t.b]:
            text = f"{t.a!r} and {t.b!r} must be together but are pinned to {held[t.a]!r} and {held[t.b]!r}"
            raise MarketError(text, ("together", i))


def _check_rules(market: Market, students: Mapping[str, int], slots: Mapping[str, int]) -> None:
    couples: set[tuple[str, str]] = set()
    for i, t in enumerate(market.together):
        _known(t.a, students, "student", ("together", i, "students", 0))
        _known(t.b, students, "student", ("together", i, "students", 1))
        if t.a == t.b:
            raise MarketError(f"student {t.a!r} cannot be together with themselves", ("together", i, "students"))
        couple = (min(t.a, t.b), max(t.a, t.b))
        if couple in couples:
            raise MarketError(f"{t.a!r} and {t.b!r} are given twice", ("together", i))
        couples.add(couple)
    for i, limit in enumerate(market.limits):
        if not 0 <= limit.maximum <= MOST:
            raise MarketError(f"a limit is between 0 and {MOST} (got {limit.maximum})", ("limits", i, "maximum"))
        if limit.slot is not None:
            _known(limit.slot, slots, "slot", ("limits", i, "slot"))
        _group_exists(market, limit.group_key, ("limits", i, "group"))
    keys: set[str] = set()
    for i, equity in enumerate(market.equity):
        if equity.mode not in EQUITY_MODES:
            raise MarketError(f"unknown mode {equity.mode!r}: floor or convex", ("equity", i, "mode"))
        if equity.group_key in keys:
            raise MarketError(f"group {equity.group_key!r} is given twice", ("equity", i, "group"))
        keys.add(equity.group_key)
        if equity.rate is not None and not 0 <= equity.rate <= 1:
            raise MarketError(f"a rate is between 0 and 1 (got {equity.rate})", ("equity", i, "rate"))
        if equity.mode == "convex" and (equity.strict or equity.rate is not None):
            raise MarketError("rate and strict belong to the mode floor", ("equity", i, "mode"))
        _group_exists(market, equity.group_key, ("equity", i, "group"))


def _group_exists(market: Market, key: str, path: Path) -> None:
    if market.students and not any(key in s.groups for s in market.students):
        raise MarketError(f"no student has the group {key!r}", path)
