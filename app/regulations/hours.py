"""The checks of hours (HRS): day, week, breaks, night, rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.regulations.facts import Days, Finding, Minutes, Reading
from app.regulations.schedules import DayPlan, Interval, minute_of

PARIS = ZoneInfo("Europe/Paris")
UTC = ZoneInfo("UTC")
Check = Callable[[Reading], Iterator[Finding]]


def long_days(reading: Reading) -> Iterator[Finding]:
    """HRS-1: presence in a day, breaks left out."""
    for day in reading.schedule.days:
        rule = reading.rule("HRS-1", day.date)
        if rule is None:
            continue
        band = reading.band(rule, day.date)
        limit, worked = band["minutes"], day.minutes
        if worked > limit:
            yield reading.found(
                rule,
                "long",
                day.date,
                band,
                worked=Minutes(worked),
                limit=Minutes(limit),
                excess=Minutes(worked - limit),
            )


def long_weeks(reading: Reading) -> Iterator[Finding]:
    """HRS-2: presence from Monday to Sunday; the youngest age of the week decides."""
    for monday, days in reading.schedule.weeks():
        rule = reading.rule("HRS-2", monday)
        if rule is None:
            continue
        band = min((reading.band(rule, day.date) for day in days), key=lambda band: band["minutes"])
        limit, worked = band["minutes"], sum(day.minutes for day in days)
        if worked > limit:
            yield reading.found(
                rule, "long", monday, band, worked=Minutes(worked), limit=Minutes(limit), excess=Minutes(worked - limit)
            )


def long_stretches(reading: Reading) -> Iterator[Finding]:
    """HRS-3: presence without a sufficient break. A shorter break does not interrupt (the protective reading)."""
    for day in reading.schedule.days:
        rule = reading.rule("HRS-3", day.date)
        if rule is None:
            continue
        band = reading.band(rule, day.date)
        for stretch in _stretches(day.intervals, band["pause"]):
            worked = sum(interval.minutes for interval in stretch)
            if worked <= band["stretch"]:
                continue
            pause = max((_gap(before, after) for before, after in pairwise(stretch)), default=0)
            start, end = stretch[0].start, stretch[-1].end
            limit, needed = Minutes(band["stretch"]), Minutes(band["pause"])
            if pause:
                yield reading.found(
                    rule,
                    "pause",
                    day.date,
                    band,
                    start=start,
                    end=end,
                    pause=Minutes(pause),
                    needed=needed,
                    limit=limit,
                )
            else:
                yield reading.found(
                    rule,
                    "stretch",
                    day.date,
                    band,
                    worked=Minutes(worked),
                    start=start,
                    end=end,
                    limit=limit,
                    needed=needed,
                    latest=_clock(minute_of(start) + band["stretch"]),
                )


def _stretches(intervals: tuple[Interval, ...], pause: int) -> Iterator[tuple[Interval, ...]]:
    run: list[Interval] = []
    for interval in intervals:
        if run and _gap(run[-1], interval) >= pause:
            yield tuple(run)
            run = []
        run.append(interval)
    yield tuple(run)


def _gap(before: Interval, after: Interval) -> int:
    return minute_of(after.start) - minute_of(before.end)


def _clock(minute: int) -> time:
    return time(*divmod(minute, 60))


def nights(reading: Reading) -> Iterator[Finding]:
    """HRS-4: no presence at night; arriving or leaving exactly at the limit is allowed."""
    for day in reading.schedule.days:
        rule = reading.rule("HRS-4", day.date)
        if rule is None:
            continue
        band = reading.band(rule, day.date)
        if minute_of(day.start) < band["earliest"]:
            yield reading.found(rule, "early", day.date, band, start=day.start, limit=_clock(band["earliest"]))
        if minute_of(day.end) > band["latest"]:
            yield reading.found(rule, "late", day.date, band, end=day.end, limit=_clock(band["latest"]))


def short_rests(reading: Reading) -> Iterator[Finding]:
    """HRS-5: real hours between a day and the next, the night the clocks change included.

    The age is that of the day which ends, the younger of the two.
    """
    for before, after in pairwise(reading.schedule.days):
        rule = reading.rule("HRS-5", before.date)
        if rule is None:
            continue
        band = reading.band(rule, before.date)
        starts = _moment(after, after.start)
        rest = int((starts - _moment(before, before.end)).total_seconds()) // 60
        needed = band["minutes"]
        if rest < needed:
            latest = (starts - timedelta(minutes=needed)).astimezone(PARIS)
            yield reading.found(
                rule,
                "short",
                before.date,
                band,
                rest=Minutes(rest),
                needed=Minutes(needed),
                start=after.start,
                latest=latest.time(),
            )


def _moment(day: DayPlan, hour: time) -> datetime:
    return datetime.combine(day.date, hour, tzinfo=PARIS).astimezone(UTC)


def weekly_rests(reading: Reading) -> Iterator[Finding]:
    """HRS-6: never on Sunday; Saturday only with the Monday before and the Monday after free."""
    present = frozenset(reading.schedule.dates)
    for day in reading.schedule.dates:
        rule = reading.rule("HRS-6", day)
        if rule is None:
            continue
        if day.weekday() == 6:
            yield reading.found(rule, "sunday", day)
        elif day.weekday() == 5 and present & {day - timedelta(days=5), day + timedelta(days=2)}:
            yield reading.found(rule, "rest", day)


def short_weeks(reading: Reading) -> Iterator[Finding]:
    """HRS-7: a remark that stops nobody."""
    for monday, days in reading.schedule.weeks():
        rule = reading.rule("HRS-7", monday)
        if rule is None:
            continue
        band = reading.band(rule, days[0].date)
        worked = sum(day.minutes for day in days)
        if worked < band["minutes"] or len(days) < band["days"]:
            yield reading.found(
                rule,
                "short",
                monday,
                band,
                worked=Minutes(worked),
                days=Days(len(days)),
                least=Minutes(band["minutes"]),
                least_days=Days(band["days"]),
            )
