"""A valid outcome for a basin when the integer programme found none in time: cut down, then filled up one by one."""

from __future__ import annotations

import numpy as np

from matching.network import Network
from matching.problem import IntArray, Market, MarketError
from matching.room import bounds_of, group_codes, room_of


def valid(market: Market, net: Network, members: IntArray, chosen: IntArray) -> IntArray:
    """``chosen`` with the students of ``members`` moved out of what breaks a rule, then placed again where all holds.

    Raises :class:`MarketError` when pins alone break a minimum or a couple that must be together.
    """
    return _Cutter(market, net, members, chosen).run()


class _Cutter:
    def __init__(self, market: Market, net: Network, members: IntArray, chosen: IntArray) -> None:
        self.market, self.net, self.chosen = market, net, chosen.copy()
        self.room = room_of(market)
        self.movable = np.zeros(len(market.students), np.bool_)
        self.movable[members] = True
        self.movable &= self.room.pinned_slot < 0
        self.partner: dict[int, set[int]] = {}
        number = market.index_of_students()
        for couple in (t for t in market.together if t.must):
            a, b = number[couple.a], number[couple.b]
            self.partner.setdefault(a, set()).add(b)
            self.partner.setdefault(b, set()).add(a)
        self.codes = {key: group_codes(market, key) for key in {x.group_key for x in market.limits}}
        couples = zip(net.pairs.student.tolist(), net.pairs.slot.tolist(), strict=True)
        self.open = {(i, t) for i, t in couples if self.movable[i]}

    def run(self) -> IntArray:
        bunches = self.bunches()
        for bunch in bunches:
            places = {int(self.chosen[i]) for i in bunch}
            if len(places) > 1:
                self.chosen[[i for i in bunch if self.movable[i]]] = -1
        for i in np.flatnonzero(self.movable & (self.chosen >= 0)).tolist():  # limits that cross: the last ones leave
            t, self.chosen[i] = int(self.chosen[i]), -1
            if self.fits([i], t):
                self.chosen[i] = t
            else:
                for j in self.bunch_of(i, bunches):
                    self.chosen[j] = -1 if self.movable[j] else self.chosen[j]
        for bunch in bunches:
            self.seat(bunch, bunches)
        self.close_below_minimum(bunches)
        for i in np.flatnonzero(self.movable & (self.chosen < 0)).tolist():
            self.seat(self.bunch_of(i, bunches), bunches, only_open=True)
        self.close_below_minimum(bunches)
        for bunch in bunches:
            if len({int(self.chosen[i]) for i in bunch}) > 1:
                raise MarketError("pins and students who must be together exclude one another", ("pinned",))
        return self.chosen

    def bunches(self) -> list[list[int]]:
        """Students bound together, directly or through others."""
        found, seen = [], set()
        for start in sorted(self.partner):
            bunch, todo = [], [start]
            while todo:
                i = todo.pop()
                if i not in seen:
                    seen.add(i)
                    bunch.append(i)
                    todo.extend(self.partner[i])
            if bunch:
                found.append(sorted(bunch))
        return found

    def bunch_of(self, i: int, bunches: list[list[int]]) -> list[int]:
        return next((b for b in bunches if i in b), [i]) if i in self.partner else [i]

    def seat(self, bunch: list[int], bunches: list[list[int]], only_open: bool = False) -> None:
        """Place a bunch in the first slot where all of it fits (where its pinned members are, if any)."""
        seated = {int(self.chosen[i]) for i in bunch if self.chosen[i] >= 0}
        waiting = [i for i in bunch if self.chosen[i] < 0]
        if not waiting:
            return
        slots = sorted(seated) or sorted({t for i, t in self.open if i == waiting[0]})
        for t in slots:
            if only_open and self.market.slots[t].minimum > 1 and not np.any(self.chosen == t):
                continue
            if all((i, t) in self.open for i in waiting) and self.fits(waiting, t):
                self.chosen[waiting] = t
                return

    def fits(self, who: list[int], t: int) -> bool:
        """Whether ``who``, unplaced, can join slot ``t``: capacities of slot, host and week, and limits."""
        market, slot = self.market, self.market.slots[t]
        host = next(h for h in market.hosts if h.id == slot.host)
        held = self.chosen[self.chosen >= 0]
        in_host = sum(market.slots[int(x)].host == slot.host for x in held)
        in_week = sum(market.slots[int(x)].host == slot.host and market.slots[int(x)].week == slot.week for x in held)
        weekly = host.in_week(slot.week)
        if int(np.sum(held == t)) + len(who) > slot.capacity:
            return False
        if host.capacity is not None and in_host + len(who) > host.capacity:
            return False
        if weekly is not None and in_week + len(who) > weekly:
            return False
        for key, (codes, values) in self.codes.items():
            for code in {int(codes[i]) for i in who if codes[i] >= 0}:
                bound = int(bounds_of(market, key, np.array([t]), np.array([code]), values)[0])
                inside = int(np.sum((self.chosen == t) & (codes == code)))
                if inside + sum(codes[i] == code for i in who) > bound:
                    return False
        return True

    def close_below_minimum(self, bunches: list[list[int]]) -> None:
        changed = True
        while changed:
            changed = False
            for t, slot in enumerate(self.market.slots):
                inside = np.flatnonzero(self.chosen == t)
                if not 0 < len(inside) < slot.minimum:
                    continue
                if np.any(self.room.pinned_slot[inside] >= 0):
                    raise MarketError(
                        f"{slot.id!r} opens for {slot.minimum} and cannot gather them around its pins", ("pinned",)
                    )
                for i in inside.tolist():
                    for j in self.bunch_of(i, bunches):
                        self.chosen[j] = -1
                changed = True
