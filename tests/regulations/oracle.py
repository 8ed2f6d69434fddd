"""The same rules, read another way: a table of the law, and one sign a minute.

Nothing here comes from the engine or from its data: the table below was typed from the Code du travail, a day is a
string of 1,440 signs, a break is a regular expression, a birthday is a date on the calendar, and the change of hour
is found by counting Sundays. Only the value objects are shared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, time, timedelta

from app.regulations.rules import Context, DayPlan, Schedule, Subject

Verdict = tuple[str, str, date | None]  # rule, case, day (or the Monday of its week)

#               day  week  from  until rest
LAW = {
    "under 15": (420, 1800, 360, 1200, 840),
    "15": (420, 2100, 360, 1200, 840),
    "16 and over": (420, 2100, 360, 1320, 720),
}
MAY_GO = {"4e": 5, "3e": 5, "2de": 10}
PRESENT, ABSENT = "#", "."


def verdicts(schedule: Schedule, subject: Subject, context: Context) -> list[tuple[Verdict, int]]:
    """Every broken rule, with the figure that breaks it (0 where there is none). A day may hold two long stretches."""
    switches = frozenset({"thirty_hours_below_15"}) if context.switches is None else context.switches
    grids = {day.date: _grid(day) for day in schedule.days}
    law = {day: _law(subject, day, switches) for day in grids}
    found: dict[Verdict, int] = {}
    for day, grid in grids.items():
        longest, _week, earliest, latest, rest = law[day]
        if grid.count(PRESENT) > longest:
            found["HRS-1", "long", day] = grid.count(PRESENT)
        if PRESENT in grid[:earliest]:
            found["HRS-4", "early", day] = 0
        if PRESENT in grid[latest:]:
            found["HRS-4", "late", day] = 0
        slept = _rest(day, grid, grids.get(day + timedelta(days=1)))
        if slept is not None and slept < rest:
            found["HRS-5", "short", day] = slept
        if day in context.closed_days:
            found["CAL-1", "closed", day] = 0
    found |= _weeks(grids, law) | _sundays(grids) | _surroundings(grids, subject, context)
    return [*found.items(), *(verdict for day, grid in grids.items() for verdict in _breaks(day, grid))]


def _grid(day: DayPlan) -> str:
    grid = ABSENT * 1440
    for interval in day.intervals:
        start, end = _minute(interval.start), _minute(interval.end)
        grid = grid[:start] + PRESENT * (end - start) + grid[end:]
    return grid


def _minute(moment: time) -> int:
    return int(f"{moment:%H}") * 60 + int(f"{moment:%M}")


def _law(subject: Subject, day: date, switches: frozenset[str]) -> tuple[int, int, int, int, int]:
    group = _group(subject, day)
    longest, week, earliest, latest, rest = LAW[group]
    if group == "16 and over" and "eight_hours_from_16" in switches:
        longest = 480
    if group == "under 15" and "thirty_hours_below_15" not in switches:
        week = 2100
    return longest, week, earliest, latest, rest


def _group(subject: Subject, day: date) -> str:
    if subject.birth_date is None:
        supposed = subject.assumed_age or 0
        return "16 and over" if supposed >= 16 else "15" if supposed == 15 else "under 15"
    if day >= _birthday(subject.birth_date, 16):
        return "16 and over"
    return "15" if day >= _birthday(subject.birth_date, 15) else "under 15"


def _birthday(born: date, years: int) -> date:
    try:
        return date(born.year + years, born.month, born.day)
    except ValueError:  # 29 February in an ordinary year
        return date(born.year + years, 3, 1)


def _breaks(day: date, grid: str) -> Iterator[tuple[Verdict, int]]:
    for stretch in re.split(r"\.{30,}", grid.strip(ABSENT)):
        if stretch.count(PRESENT) > 270:
            gaps = re.findall(r"\.+", stretch)
            yield ("HRS-3", "pause" if gaps else "stretch", day), max(map(len, gaps), default=stretch.count(PRESENT))


def _rest(day: date, grid: str, following: str | None) -> int | None:
    """Minutes from the end of a day to the start of the next, when there is presence on it."""
    if following is None:
        return None
    start = following.index(PRESENT)
    slept = len(grid) - len(grid.rstrip(ABSENT)) + start
    if start >= 180:  # the clocks change at 2 or 3 in the morning
        slept += {3: -60, 10: 60}.get(_month_of_change(day + timedelta(days=1)), 0)
    return slept


def _month_of_change(day: date) -> int:
    """3 or 10 on the last Sunday of March or October, else 0."""
    is_last_sunday = day.isoweekday() == 7 and (day + timedelta(days=7)).month != day.month
    return day.month if is_last_sunday and day.month in (3, 10) else 0


def _weeks(grids: dict[date, str], law: dict[date, tuple[int, int, int, int, int]]) -> dict[Verdict, int]:
    found: dict[Verdict, int] = {}
    weeks: dict[tuple[int, int], list[date]] = defaultdict(list)
    for day in grids:
        weeks[day.isocalendar()[:2]].append(day)
    for (year, number), days in weeks.items():
        monday = date.fromisocalendar(year, number, 1)
        total = "".join(grids[day] for day in days).count(PRESENT)
        if total > min(law[day][1] for day in days):
            found["HRS-2", "long", monday] = total
        if total < 24 * 60 or len(days) < 4:
            found["HRS-7", "short", monday] = total
        if len(days) > 5:
            found["CAL-2", "week", monday] = len(days)
    return found


def _sundays(grids: dict[date, str]) -> dict[Verdict, int]:
    found: dict[Verdict, int] = {}
    for day in grids:
        if f"{day:%u}" == "7":
            found["HRS-6", "sunday", day] = 0
        if f"{day:%u}" == "6":
            weekend_before = day - timedelta(days=6), day - timedelta(days=5)
            weekend_after = day + timedelta(days=1), day + timedelta(days=2)
            if weekend_before[1] in grids or weekend_after[1] in grids:
                found["HRS-6", "rest", day] = 0
    return found


def _surroundings(grids: dict[date, str], subject: Subject, context: Context) -> dict[Verdict, int]:
    found: dict[Verdict, int] = {}
    elsewhere = {day.date: _grid(day) for day in context.elsewhere.days}
    for day in grids.keys() & elsewhere.keys():
        if any(a == b == PRESENT for a, b in zip(grids[day], elsewhere[day], strict=True)):
            found["CAL-3", "overlap", day] = 0
    done, most = len(grids.keys() | elsewhere.keys()), MAY_GO.get(subject.level, 5)
    if not grids:
        found["CAL-2", "none", None] = 0
    elif done > most:
        found["CAL-2", "total", None] = done
    elif context.is_whole and subject.level == "2de" and done < 10:
        found["CAL-2", "short", None] = done
    if context.is_whole and subject.level == "3e" and done != 5:
        found["LVL-2", "partial", None] = done
    facts = {
        ("LVL-1", "refused"): subject.level not in MAY_GO,
        ("HST-1", "ineligible"): context.host_eligible is False,
        ("HST-2", "suspended"): context.host_suspended,
        ("HST-2", "bar"): context.is_bar,
        ("HST-3", "unread"): context.hazards_acknowledged is False,
        ("HST-4", "unnamed"): context.tutor_named is False,
        ("HST-4", "many"): (context.students_of_tutor or 0) > 2,
        ("FAM-1", "same"): context.tutor_is_guardian,
    }
    return found | {(rule, case, None): 0 for (rule, case), broken in facts.items() if broken}
