"""Hours of presence as values: an interval, a dated day, a whole schedule, and the hours of an undated week.

Times are local wall-clock times of France, to the minute. Nothing here can hold hours that do not follow each other:
the constructors raise `ScheduleError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby, pairwise

from app.regulations import words

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ScheduleError(ValueError):
    """These hours cannot be: an end before its start, two intervals at once, a day that does not exist."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `start` to `end` on one day, without interruption."""

    start: time
    end: time

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment.second or moment.microsecond or moment.tzinfo is not None:
                raise ScheduleError(f"{moment} is not a wall-clock time to the minute")
        if not self.start < self.end:
            raise ScheduleError(f"{self.start} to {self.end} ends before it starts")

    @property
    def minutes(self) -> int:
        return minute_of(self.end) - minute_of(self.start)

    @classmethod
    def at(cls, start: str, end: str) -> Interval:
        """`Interval.at("09:00", "12:30")`."""
        try:
            return cls(time.fromisoformat(start), time.fromisoformat(end))
        except (TypeError, ValueError) as error:
            raise ScheduleError(f"{start!r} to {end!r} is not an interval") from error


def minute_of(moment: time) -> int:
    """Minutes since midnight on the wall clock."""
    return moment.hour * 60 + moment.minute


def in_order(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The intervals sorted; raises `ScheduleError` when two of them overlap (touching is allowed)."""
    ordered = tuple(sorted(intervals))
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise ScheduleError(f"{after.start} comes before {before.end}")
    return ordered


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day of presence: at least one interval, in the order of the day."""

    date: date
    intervals: tuple[Interval, ...]

    def __post_init__(self) -> None:
        if not self.intervals:
            raise ScheduleError(f"{self.date} has no hours")
        object.__setattr__(self, "intervals", in_order(self.intervals))

    @property
    def start(self) -> time:
        return self.intervals[0].start

    @property
    def end(self) -> time:
        return self.intervals[-1].end

    @property
    def minutes(self) -> int:
        """Minutes of presence, breaks left out."""
        return sum(interval.minutes for interval in self.intervals)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The days of presence of one student, dates rising."""

    days: tuple[DayPlan, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", tuple(sorted(self.days, key=lambda day: day.date)))
        for before, after in pairwise(self.days):
            if before.date == after.date:
                raise ScheduleError(f"{after.date} is written twice")

    @classmethod
    def for_week(cls, monday: date, hours: WeekHours) -> Schedule:
        """The hours of an ordinary week, in the week of `monday`."""
        if monday.weekday() != 0:
            raise ScheduleError(f"{monday} is not a Monday")
        return cls(tuple(DayPlan(monday + timedelta(days=n), hours.days[n]) for n in hours.weekdays))

    @classmethod
    def joined(cls, schedules: Iterable[Schedule]) -> Schedule:
        """One itinerary of several hosts. A day may be shared; raises `ScheduleError` when two hosts overlap."""
        days: dict[date, tuple[Interval, ...]] = {}
        for schedule in schedules:
            for day in schedule.days:
                days[day.date] = (*days.get(day.date, ()), *day.intervals)
        return cls(tuple(DayPlan(day, intervals) for day, intervals in days.items()))

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(day.date for day in self.days)

    @property
    def minutes(self) -> int:
        return sum(day.minutes for day in self.days)

    def weeks(self) -> Iterator[tuple[date, tuple[DayPlan, ...]]]:
        """(Monday, days of presence) of each week with presence."""
        for monday, days in groupby(self.days, key=lambda day: day.date - timedelta(days=day.date.weekday())):
            yield monday, tuple(days)

    def to_json(self) -> dict[str, list[list[str]]]:
        """`{"2027-01-25": [["09:00", "12:00"], ["13:00", "16:00"]]}`."""
        return {day.date.isoformat(): _written(day.intervals) for day in self.days}

    @classmethod
    def from_json(cls, data: object) -> Schedule:
        """The reverse of `to_json`; raises `ScheduleError` on anything else."""
        try:
            return cls(tuple(DayPlan(date.fromisoformat(day), _read(pairs)) for day, pairs in _items(data)))
        except (TypeError, ValueError) as error:
            raise ScheduleError(str(error)) from error


@dataclass(frozen=True, slots=True)
class WeekHours:
    """The hours of an ordinary week: seven days from Monday on, each with its intervals (none: absent)."""

    days: tuple[tuple[Interval, ...], ...] = ((),) * 7

    def __post_init__(self) -> None:
        if len(self.days) != 7:
            raise ScheduleError("a week has seven days")
        object.__setattr__(self, "days", tuple(in_order(intervals) for intervals in self.days))

    @classmethod
    def of(cls, hours: Mapping[int, Iterable[Interval]]) -> WeekHours:
        """From weekday (0 is Monday) to intervals; the other days are free."""
        return cls(tuple(tuple(hours.get(n, ())) for n in range(7)))

    @classmethod
    def uniform(cls, intervals: Sequence[Interval], weekdays: Iterable[int] = range(5)) -> WeekHours:
        """The same hours each of `weekdays`."""
        return cls.of(dict.fromkeys(weekdays, intervals))

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days of presence, 0 being Monday."""
        return tuple(n for n, intervals in enumerate(self.days) if intervals)

    @property
    def minutes(self) -> int:
        """Minutes of presence in the week, breaks left out."""
        return sum(interval.minutes for intervals in self.days for interval in intervals)

    def groups(self) -> list[tuple[str, str]]:
        """Days with the same hours together: `[("du lundi au vendredi", "9 h – 12 h et 13 h – 16 h")]`."""
        same: dict[tuple[Interval, ...], list[int]] = {}
        for weekday in self.weekdays:
            same.setdefault(self.days[weekday], []).append(weekday)
        return [(words.weekdays(days), hours_of(intervals)) for intervals, days in same.items()]

    def sentences(self) -> list[str]:
        """Lines: « lundi, mardi, jeudi et vendredi : 9 h – 12 h et 13 h – 16 h »."""
        return [words.line(days, hours) for days, hours in self.groups()]

    def to_json(self) -> dict[str, list[list[str]]]:
        """`{"mon": [["09:00", "12:00"], ["13:00", "16:00"]], …}`; free days are left out."""
        return {WEEKDAYS[n]: _written(self.days[n]) for n in self.weekdays}

    @classmethod
    def from_json(cls, data: object) -> WeekHours:
        """The reverse of `to_json`; raises `ScheduleError` on anything else."""
        try:
            return cls.of({WEEKDAYS.index(day): _read(pairs) for day, pairs in _items(data)})
        except (TypeError, ValueError) as error:
            raise ScheduleError(str(error)) from error


USUAL_WEEK = WeekHours.uniform((Interval(time(9), time(12)), Interval(time(13), time(16))))


def hours_of(intervals: Sequence[Interval]) -> str:
    """« 9 h – 12 h et 13 h – 16 h »."""
    return words.enumeration([words.between(i.start, i.end) for i in intervals])


def _written(intervals: Sequence[Interval]) -> list[list[str]]:
    return [[f"{i.start:%H:%M}", f"{i.end:%H:%M}"] for i in intervals]


def _items(data: object) -> Iterable[tuple[str, object]]:
    if not isinstance(data, Mapping):
        raise ScheduleError("hours are an object: day → list of intervals")
    return data.items()


def _read(pairs: object) -> tuple[Interval, ...]:
    if not isinstance(pairs, list | tuple):
        raise ScheduleError("a day is a list of intervals")
    return in_order(Interval.at(start, end) for start, end in pairs)
