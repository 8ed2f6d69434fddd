"""Schedules made from bytes: close to every limit of the law, and anything at all in between.

The bytes come from hypothesis, so what fails is shrunk: zero means the plainest choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TypeVar

from app.regulations.rules import Context, DayPlan, Interval, Schedule, Subject

T = TypeVar("T")
SIZE = 320

MONDAYS = tuple(
    date.fromisoformat(text)
    for text in (
        *("2027-01-25", "2026-12-14", "2027-02-22"),  # ordinary, before and in the holidays
        *("2027-03-22", "2028-03-20", "2026-10-19", "2029-10-22"),  # the clocks change at their end
        *("2027-05-03", "2027-12-27", "2028-02-28", "2028-12-25"),  # a bridge, the end of the year, a 29 February
    )
)
STARTS = (540, 510, 480, 360, 359, 420, 570, 600, 780, 840, 0, 1, 1080)
LENGTHS = (180, 210, 270, 269, 271, 240, 150, 149, 151, 120, 60, 1, 420, 421, 480, 481, 300)
BREAKS = (60, 30, 29, 31, 90, 0, 5, 120, 1)
ENDS = (960, 1020, 1080, 1200, 1199, 1201, 1320, 1319, 1321, 1439)
# Days at a limit: usual, 4 h 30 in a row, 7 h, ends at 20 h, at 22 h, 14 h and 12 h before the next, half days.
PLAIN = (
    *((540, 720, 780, 960), (510, 720, 780, 930), (540, 810, 840, 930), (480, 750, 780, 930), (540, 720, 750, 990)),
    *((840, 1020, 1050, 1200), (960, 1110, 1140, 1320), (360, 600, 630, 810), (540, 810), (780, 960), (480, 720)),
    *((480, 720, 780, 1020), (600, 780, 840, 1080), (720, 900, 960, 1200), (480, 600, 630, 720, 780, 930)),
)
SHIFTS = (*(0,) * 24, 1, -1, 30, -30)
LEVELS = ("3e", "3e", "4e", "2de", "2de", "5e", "6e", "")
SWITCHES = (None, frozenset[str](), frozenset({"thirty_hours_below_15"}), frozenset({"eight_hours_from_16"}))


@dataclass
class Bytes:
    data: bytes
    at: int = 0

    def number(self, below: int) -> int:
        value = int.from_bytes(self.data[self.at : self.at + 2], "big")
        self.at += 2
        return value % below

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.number(len(choices))]

    def often(self, one_in: int) -> bool:
        return self.number(one_in) == one_in - 1


@dataclass(frozen=True)
class Case:
    schedule: Schedule
    subject: Subject
    context: Context = field(default_factory=Context)


def case_from(data: bytes) -> Case:
    source = Bytes(data)
    monday = source.pick(MONDAYS)
    weeks = source.pick((1, 1, 2))
    hours = source.pick((_plain, _plain, _plain, _intervals))
    usual = hours(source)
    chances = source.pick(((10, 0, 0), (10, 0, 0), (8, 3, 1), (7, 7, 0), (9, 1, 0), (0, 0, 0)))
    days = []
    for number in range(7 * weeks):
        if source.number(10) < chances[max(0, number % 7 - 4)]:
            intervals = hours(source) if source.often(3) else usual
            days.append(DayPlan(monday + timedelta(days=number), intervals))
    subject = Subject(_birth(source, monday, 7 * weeks), source.pick(LEVELS), source.pick((None, None, 13, 15, 16)))
    return Case(Schedule(tuple(days)), subject, _context(source, monday, 7 * weeks))


def _birth(source: Bytes, monday: date, days: int) -> date | None:
    """Unknown, born on a 29 February, or with a 15th or 16th birthday in or near the weeks."""
    if source.often(8):
        return None
    if source.often(8):
        return date(2012, 2, 29)
    day = monday + timedelta(days=source.number(days + 8) - 4)
    years = source.pick((15, 16, 14, 17, 13))
    if (day.month, day.day) == (2, 29):
        day += timedelta(days=1)
    return date(day.year - years, day.month, day.day)


def _context(source: Bytes, monday: date, days: int) -> Context:
    closed = {monday + timedelta(days=source.number(days)): "fermé" for _ in range(source.pick((0, 0, 0, 0, 1, 3)))}
    elsewhere = Schedule()
    if source.often(4):
        day = monday + timedelta(days=source.number(days + 7))
        elsewhere = Schedule((DayPlan(day, _intervals(source)),))
    return Context(
        closed_days=closed,
        switches=source.pick(SWITCHES),
        elsewhere=elsewhere,
        is_whole=source.often(2),
        is_bar=source.often(16),
        host_suspended=source.often(16),
        host_eligible=source.pick((None, True, True, False)),
        hazards_acknowledged=source.pick((None, True, True, False)),
        tutor_named=source.pick((None, True, True, False)),
        students_of_tutor=source.pick((None, 1, 2, 3)),
        tutor_is_guardian=source.often(8),
    )


def _plain(source: Bytes) -> tuple[Interval, ...]:
    """A day at a limit, each of its hours now and then moved."""
    minutes = sorted({min(minute + source.pick(SHIFTS), 1439) for minute in source.pick(PLAIN)})
    return tuple(_interval(a, b) for a, b in zip(minutes[::2], minutes[1::2], strict=False))


def _interval(start: int, end: int) -> Interval:
    return Interval(time(*divmod(start, 60)), time(*divmod(end, 60)))


def _intervals(source: Bytes) -> tuple[Interval, ...]:
    """One to three intervals: near the limits, from the end backwards, or anywhere."""
    kind = source.number(4)
    count = source.pick((2, 2, 1, 3))
    if kind == 3:
        minutes = sorted({source.number(1440) for _ in range(2 * count)})
        pairs = list(zip(minutes[::2], minutes[1::2], strict=False)) or [(540, 720)]
    else:
        pairs, minute = [], source.pick(STARTS)
        for _ in range(count):
            end = min(minute + source.pick(LENGTHS), 1439)
            if minute < end:
                pairs.append((minute, end))
            minute = end + source.pick(BREAKS)
        if kind == 2 and pairs:
            end = source.pick(ENDS)
            if pairs[-1][0] < end:
                pairs[-1] = (pairs[-1][0], end)
    return tuple(_interval(a, b) for a, b in pairs)
