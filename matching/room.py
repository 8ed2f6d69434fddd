"""What pins leave: the capacities that remain, the bounds of the limits, and the candidate pairs that are closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matching.problem import BoolArray, IntArray, Market


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """What is left once pins are honoured: capacities of slots, hosts and (host, week), and the students to place."""

    pinned_slot: IntArray  # by student, -1 when not pinned
    slot: IntArray
    host: Mapping[str, int]
    week: Mapping[tuple[str, str], int]


def room_of(market: Market) -> Room:
    """Capacities left by the pins."""
    students, slots = market.index_of_students(), market.index_of_slots()
    pinned = np.full(len(market.students), -1, np.int64)
    slot = np.fromiter((s.capacity for s in market.slots), np.int64, len(market.slots))
    host = {h.id: h.capacity for h in market.hosts if h.capacity is not None}
    by_id = {h.id: h for h in market.hosts}
    week: dict[tuple[str, str], int] = {}
    for place in market.slots:
        limit = by_id[place.host].in_week(place.week)
        if limit is not None:
            week[place.host, place.week] = limit
    for student, name in market.pinned:
        pinned[students[student]] = k = slots[name]
        place = market.slots[k]
        slot[k] -= 1
        if place.host in host:
            host[place.host] -= 1
        if (place.host, place.week) in week:
            week[place.host, place.week] -= 1
    return Room(pinned, slot, host, week)


def group_codes(market: Market, key: str) -> tuple[IntArray, list[str]]:
    """Number of each student's value of group ``key`` (-1: none), and the values in order."""
    values = sorted({s.groups[key] for s in market.students if key in s.groups})
    where = {v: i for i, v in enumerate(values)}
    codes = np.fromiter(
        (where.get(s.groups.get(key, ""), -1) if key in s.groups else -1 for s in market.students),
        np.int64,
        len(market.students),
    )
    return codes, values


def bounds_of(market: Market, key: str, slot: IntArray, code: IntArray, values: list[str]) -> IntArray:
    """The tightest limit on ``key`` for each (slot, value); a large number where there is none."""
    bound = np.full(len(slot), np.iinfo(np.int64).max // 4)
    slots = market.index_of_slots()
    for limit in market.limits:
        if limit.group_key != key:
            continue
        here = code >= 0
        if limit.slot is not None:
            here = here & (slot == slots[limit.slot])
        if limit.value is not None:
            here = here & (code == (values.index(limit.value) if limit.value in values else -2))
        bound[here] = np.minimum(bound[here], limit.maximum)
    return bound


def exclusions_of(market: Market, room: Room) -> dict[str, BoolArray]:
    """For each reason why a candidate pair is closed, the pairs it closes (a pair may have several)."""
    pairs = market.columns
    closed: dict[str, BoolArray] = {}
    n_slots = max(len(market.slots), 1)
    students, slots = market.index_of_students(), market.index_of_slots()
    forbidden = np.fromiter(
        (students[a] * n_slots + slots[b] for a, b in market.forbidden), np.int64, len(market.forbidden)
    )
    closed["forbidden"] = np.isin(pairs.student * n_slots + pairs.slot, forbidden)
    closed["no_capacity"] = (room.slot <= 0)[pairs.slot]
    host_full = np.fromiter((room.host.get(s.host, 1) <= 0 for s in market.slots), np.bool_, len(market.slots))
    weeks = (room.week.get((s.host, s.week), 1) <= 0 for s in market.slots)
    week_full = np.fromiter(weeks, np.bool_, len(market.slots))
    closed["host_full"] = (host_full | week_full)[pairs.slot] if len(market.slots) else np.zeros(0, np.bool_)
    return closed
