"""The checks of calendar, level and host (CAL, LVL, HST, FAM)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.regulations.catalogue import Rule
from app.regulations.facts import Days, Finding, Reading
from app.regulations.schedules import DayPlan


def levels(reading: Reading) -> Iterator[Finding]:
    """LVL-1: the level decides who may go, not the age. LVL-2: the days a level must do, said once all is known."""
    rule = _whole(reading, "LVL-1")
    if rule is not None and not reading.band(rule, _first_day(reading))["allowed"]:
        yield reading.found(rule, "refused", None)
    rule = _whole(reading, "LVL-2")
    if rule is not None and reading.context.is_whole:
        needed = reading.band(rule, _first_day(reading))["days"]
        done = len(_all_days(reading))
        if needed and done != needed:
            yield reading.found(rule, "partial", None, days=Days(done), needed=Days(needed))


def closed_days(reading: Reading) -> Iterator[Finding]:
    """CAL-1: holidays, and whatever the school closes."""
    for day in reading.schedule.dates:
        rule = reading.rule("CAL-1", day)
        if rule is not None and day in reading.context.closed_days:
            yield reading.found(rule, "closed", day, reason=reading.context.closed_days[day])


def numbers_of_days(reading: Reading) -> Iterator[Finding]:
    """CAL-2: days in a week and in all, the student's other placements counted."""
    rule = _whole(reading, "CAL-2")
    if rule is None:
        return
    if not reading.schedule.days:
        yield reading.found(rule, "none", None)
        return
    for monday, days in reading.schedule.weeks():
        dated = reading.rule("CAL-2", monday)
        if dated is not None and len(days) > (limit := reading.band(dated, monday)["week"]):
            yield reading.found(dated, "week", monday, days=Days(len(days)), limit=Days(limit))
    band = reading.band(rule, _first_day(reading))
    done = len(_all_days(reading))
    if done > band["total"]:
        yield reading.found(rule, "total", None, days=Days(done), limit=Days(band["total"]))
    elif reading.context.is_whole and band["exact"] and done < band["total"]:
        yield reading.found(rule, "short", None, days=Days(done), limit=Days(band["total"]))


def overlaps(reading: Reading) -> Iterator[Finding]:
    """CAL-3: nobody is in two places at once."""
    others = {day.date: day for day in reading.context.elsewhere.days}
    for day in reading.schedule.days:
        other = others.get(day.date)
        rule = reading.rule("CAL-3", day.date)
        if rule is not None and other is not None and _meet(day, other):
            yield reading.found(rule, "overlap", day.date, start=other.start, end=other.end)


def _meet(one: DayPlan, other: DayPlan) -> bool:
    return any(a.start < b.end and b.start < a.end for a in one.intervals for b in other.intervals)


def hosts(reading: Reading) -> Iterator[Finding]:
    """HST-1 to HST-4 and FAM-1: what is known about the host and the tutor."""
    context = reading.context
    broken = (
        ("HST-1", "ineligible", context.host_eligible is False),
        ("HST-2", "suspended", context.host_suspended),
        ("HST-2", "bar", context.is_bar),
        ("HST-3", "unread", context.hazards_acknowledged is False),
        ("HST-4", "unnamed", context.tutor_named is False),
        ("FAM-1", "same", context.tutor_is_guardian),
    )
    for name, case, is_broken in broken:
        rule = _whole(reading, name)
        if rule is not None and is_broken:
            yield reading.found(rule, case, None)
    rule = _whole(reading, "HST-4")
    if rule is not None and context.students_of_tutor is not None:
        limit = reading.band(rule, _first_day(reading))["students"]
        if context.students_of_tutor > limit:
            yield reading.found(rule, "many", None, students=context.students_of_tutor, limit=limit)


def _whole(reading: Reading, name: str) -> Rule | None:
    """The version of a rule on the whole stage: that of its first day."""
    return reading.rule(name, _first_day(reading))


def _first_day(reading: Reading) -> date:
    return reading.schedule.days[0].date if reading.schedule.days else date.max


def _all_days(reading: Reading) -> frozenset[date]:
    return frozenset(reading.schedule.dates) | frozenset(reading.context.elsewhere.dates)
