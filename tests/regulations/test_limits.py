"""Every limit of the law, one minute on each side."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.regulations import gateway
from app.regulations.rules import (
    Context,
    DayPlan,
    Days,
    Finding,
    Interval,
    Minutes,
    Schedule,
    Subject,
    WeekHours,
    check,
)

MONDAY = date(2027, 1, 25)
FOURTEEN, FIFTEEN, SIXTEEN = date(2012, 9, 1), date(2011, 9, 1), date(2010, 9, 1)  # ages in January 2027
EIGHT_HOURS = Context(switches=frozenset({"thirty_hours_below_15", "eight_hours_from_16"}))
NO_THIRTY = Context(switches=frozenset())
USUAL = "9-12 13-16"


def interval(text: str) -> Interval:
    start, end = (f"{part if ':' in part else part + ':00':0>5}" for part in text.split("-"))
    return Interval.at(start, end)


def week(**days: str) -> Schedule:
    """`week(mon="9-12 13-16", sat="9-12:30")`, in the week of 25 January 2027."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return Schedule.for_week(
        MONDAY, WeekHours.of({names.index(day): [interval(t) for t in text.split()] for day, text in days.items()})
    )


def every_day(text: str, weekdays: tuple[int, ...] = (0, 1, 2, 3, 4), monday: date = MONDAY) -> Schedule:
    return Schedule.for_week(monday, WeekHours.uniform([interval(t) for t in text.split()], weekdays))


def broken(
    schedule: Schedule, birth: date | None = FOURTEEN, context: Context | None = None, level: str = "3e"
) -> set[str]:
    """The identifiers of the rules that stop."""
    return {f.rule for f in check(schedule, Subject(birth, level), context) if f.blocks}


def only(schedule: Schedule, rule: str, birth: date | None = FOURTEEN, context: Context | None = None) -> Finding:
    (finding,) = (f for f in check(schedule, Subject(birth, "3e"), context) if f.rule == rule)
    return finding


@pytest.mark.parametrize(
    ("hours", "birth", "context", "rules"),
    [
        ("9-12 13-17", FIFTEEN, None, set()),  # 7 h, 35 h
        ("9-12 13-17:01", FIFTEEN, None, {"HRS-1", "HRS-2"}),
        ("9-12 13-17", SIXTEEN, None, set()),
        ("9-12 13-17:01", SIXTEEN, None, {"HRS-1", "HRS-2"}),
        ("9-12 13-17:01", SIXTEEN, EIGHT_HOURS, {"HRS-2"}),
        ("9-12 13-17:01", FIFTEEN, EIGHT_HOURS, {"HRS-1", "HRS-2"}),
        ("9-12 13-16", FOURTEEN, None, set()),  # 30 h exactly
        ("9-12 13-16:01", FOURTEEN, None, {"HRS-2"}),
        ("9-12 13-17", FOURTEEN, NO_THIRTY, set()),  # texts differ: 35 h exactly at 14
        ("9-12 13-17", FOURTEEN, None, {"HRS-2"}),
        ("9-12 13-17", None, None, {"HRS-2"}),  # nobody knows: the youngest
    ],
)
def test_days_and_weeks(hours: str, birth: date | None, context: Context | None, rules: set[str]) -> None:
    assert broken(every_day(hours), birth, context) == rules


def test_eight_hours_from_sixteen_hold_for_four_days() -> None:
    four = every_day("8-12 13-17", (0, 1, 2, 3))
    assert broken(four, SIXTEEN, EIGHT_HOURS) == set()
    assert broken(every_day("8-12 13-17:01", (0, 1)), SIXTEEN, EIGHT_HOURS) == {"HRS-1"}
    assert broken(four, SIXTEEN) == {"HRS-1"}


@pytest.mark.parametrize(
    ("hours", "case"),
    [
        ("8-12:30", None),  # 4 h 30 exactly
        ("8-12:31", "stretch"),
        ("8-12:30 13-15", None),  # 30 min exactly
        ("8-12:30 12:59-15", "pause"),
        ("8-12 12:29-15", "pause"),
        ("8-12 12:30-15", None),
        ("9-11 11-13", None),  # touching: four hours in a row
        ("9-11 11-13:31", "stretch"),
        ("8-9 9:10-12:40", None),  # 4 h 30 of presence in all: no break is due
        ("8-9 9:10-12:41", "pause"),
        ("8-8:30 9:00-11:30 11:35-14", "pause"),  # five minutes interrupt nothing
    ],
)
def test_breaks(hours: str, case: str | None) -> None:
    found = [f.case for f in check(week(mon=hours), Subject(FOURTEEN, "3e")) if f.rule == "HRS-3"]
    assert found == ([case] if case else [])


@pytest.mark.parametrize(
    ("hours", "birth", "case"),
    [
        ("6-10", FOURTEEN, None),
        ("5:59-10", FOURTEEN, "early"),
        ("5:59-10", SIXTEEN, "early"),
        ("16-20", FIFTEEN, None),  # 20:00 exactly
        ("16-20:01", FIFTEEN, "late"),
        ("18-22", SIXTEEN, None),
        ("18-22:01", SIXTEEN, "late"),
        ("18-22", date(2011, 1, 25), None),  # 22:00 on the sixteenth birthday
        ("18-22", date(2011, 1, 26), "late"),  # the day before it
        ("18-22", None, "late"),
        ("0:00-3", SIXTEEN, "early"),
    ],
)
def test_nights(hours: str, birth: date | None, case: str | None) -> None:
    found = [f.case for f in check(week(mon=hours), Subject(birth, "3e")) if f.rule == "HRS-4"]
    assert found == ([case] if case else [])


@pytest.mark.parametrize(
    ("evening", "morning", "birth", "rest"),
    [
        ("14-18", "8-12", FOURTEEN, None),  # 14 h exactly
        ("14-18:01", "8-12", FOURTEEN, 839),
        ("14-18", "7:59-12", FOURTEEN, 839),
        ("18-20", "8-12", SIXTEEN, None),  # 12 h exactly
        ("18-20:01", "8-12", SIXTEEN, 719),
        ("18-20", "8-12", date(2011, 1, 26), 720),  # sixteen on the morrow: the rest begins at fifteen
    ],
)
def test_nightly_rest(evening: str, morning: str, birth: date, rest: int | None) -> None:
    found = [f for f in check(week(mon=evening, tue=morning), Subject(birth, "3e")) if f.rule == "HRS-5"]
    assert [f.figures["rest"] for f in found] == ([Minutes(rest)] if rest else [])
    assert all(f.day == MONDAY for f in found)
    assert broken(week(mon=evening, wed=morning), birth) == set()


@pytest.mark.parametrize(
    ("saturday", "rest"),
    [
        (date(2027, 3, 27), 780),  # an hour is lost on Sunday morning
        (date(2026, 10, 24), None),  # an hour is won
        (date(2027, 1, 30), None),  # 14 h by the clock, and 14 h slept
    ],
)
def test_the_night_the_clocks_change_is_counted_as_it_is_slept(saturday: date, rest: int | None) -> None:
    schedule = Schedule(
        (
            DayPlan(saturday, (interval("14-18"),)),
            DayPlan(saturday + timedelta(days=1), (interval("8-12"),)),
        )
    )
    found = [f.figures["rest"] for f in check(schedule, Subject(FOURTEEN, "3e")) if f.rule == "HRS-5"]
    assert found == ([Minutes(rest)] if rest else [])


def test_an_hour_won_in_october_may_be_worked() -> None:
    saturday = date(2026, 10, 24)
    schedule = Schedule(
        (DayPlan(saturday, (interval("15-19"),)), DayPlan(saturday + timedelta(days=1), (interval("8-12"),)))
    )
    assert "HRS-5" not in broken(schedule)  # 13 h by the clock, 14 h slept


@pytest.mark.parametrize(
    ("weekdays", "rules"),
    [
        ((1, 2, 3, 4, 5), set()),  # Saturday, with Sunday and Monday free
        ((0, 1, 5), {"HRS-6"}),
        ((0, 5), {"HRS-6"}),
        ((5,), set()),
        ((3, 4, 6), {"HRS-6"}),
        ((0, 1, 2, 3, 4, 5), {"HRS-6", "CAL-2"}),
    ],
)
def test_weekly_rest(weekdays: tuple[int, ...], rules: set[str]) -> None:
    assert broken(every_day("9-12 13-15", weekdays)) == rules


def test_a_saturday_also_leaves_the_next_monday_free() -> None:
    first = every_day("9-12 13-16", (1, 2, 3, 4, 5))
    second = every_day("9-12 13-16", (0, 1, 2, 3, 4), MONDAY + timedelta(days=7))
    later = every_day("9-12 13-16", (1, 2, 3, 4), MONDAY + timedelta(days=7))
    born = date(2011, 12, 1)
    assert broken(Schedule.joined([first, second]), born, level="2de") == {"HRS-6"}
    assert broken(Schedule.joined([first, later]), born, level="2de") == set()


class TestBirthdays:
    def test_fifteen_in_the_middle_of_the_week_keeps_thirty_hours(self) -> None:
        seven = every_day("9-12 13-17")
        assert broken(seven, date(2012, 1, 25)) == set()  # fifteen on Monday
        assert broken(seven, date(2012, 1, 26)) == {"HRS-2"}  # on Tuesday: one day before it is enough
        assert broken(every_day("9-12 13-17", (1, 2, 3, 4)), date(2012, 1, 26)) == set()  # not there on Monday

    def test_sixteen_in_the_middle_of_the_week_opens_the_evenings_that_follow(self) -> None:
        evenings = every_day("18-22")
        late = [f.day for f in check(evenings, Subject(date(2011, 1, 27), "3e")) if f.rule == "HRS-4"]
        assert late == [MONDAY, MONDAY + timedelta(days=1)]

    @pytest.mark.parametrize(("day", "age"), [(date(2027, 2, 28), 14), (date(2027, 3, 1), 15), (date(2028, 2, 29), 16)])
    def test_born_on_29_february_one_is_older_on_1_march(self, day: date, age: int) -> None:
        assert Subject(date(2012, 2, 29), "3e").age_on(day) == age


@pytest.mark.parametrize(
    ("level", "days", "is_whole", "rules"),
    [
        ("3e", 5, True, set()),
        ("4e", 3, True, set()),
        ("2de", 5, False, set()),
        ("2de", 5, True, {"CAL-2"}),  # ten days, or five and five
        ("2de", 10, True, set()),
        ("3e", 10, True, {"CAL-2", "LVL-2"}),
        ("3e", 4, True, {"LVL-2"}),
        ("3e", 0, False, {"CAL-2"}),
        ("5e", 5, False, {"LVL-1"}),
        ("6e", 5, False, {"LVL-1"}),
        ("", 5, False, {"LVL-1"}),
    ],
)
def test_levels_and_numbers_of_days(level: str, days: int, is_whole: bool, rules: set[str]) -> None:
    weeks = [every_day(USUAL, tuple(range(min(days, 5)))) if days else Schedule()]
    if days > 5:
        weeks.append(every_day(USUAL, tuple(range(days - 5)), MONDAY + timedelta(days=7)))
    findings = check(Schedule.joined(weeks), Subject(FIFTEEN, level), Context(is_whole=is_whole))
    assert {f.rule for f in findings} - {"HRS-7"} == rules


def test_two_hosts_of_five_days_make_a_whole_second_stage() -> None:
    second = every_day(USUAL, monday=MONDAY + timedelta(days=7))
    assert broken(every_day(USUAL), FIFTEEN, Context(elsewhere=second, is_whole=True), "2de") == set()
    clash = Context(elsewhere=week(tue="15:59-17"))
    finding = only(every_day(USUAL), "CAL-3", FIFTEEN, clash)
    assert (finding.day, finding.case) == (MONDAY + timedelta(days=1), "overlap")
    assert "CAL-3" not in broken(every_day(USUAL), FIFTEEN, Context(elsewhere=week(tue="16-17")))


def test_a_short_week_is_remarked_and_stops_nobody() -> None:
    assert "HRS-7" not in {f.rule for f in check(every_day(USUAL, (0, 1, 3, 4)), Subject(FOURTEEN, "3e"))}  # 24 h, 4 d
    for short in (every_day("9-12 13-15:59", (0, 1, 3, 4)), every_day("8-12 13-16", (0, 1, 3))):
        finding = only(short, "HRS-7")
        assert not finding.blocks
        assert finding.figures["days"] == Days(len(short.days))


class TestTheCalendarItself:
    def test_a_bridge_and_the_holidays(self) -> None:
        closed = gateway.closed_days(date(2027, 5, 3), date(2027, 5, 9))
        assert sorted(closed) == [date(2027, 5, 6), date(2027, 5, 7), date(2027, 5, 8)]
        assert "Ascension" in closed[date(2027, 5, 6)]
        found = [
            f.day
            for f in check(
                every_day(USUAL, monday=date(2027, 5, 3)), Subject(FOURTEEN, "3e"), Context(closed_days=closed)
            )
            if f.rule == "CAL-1"
        ]
        assert found == [date(2027, 5, 6), date(2027, 5, 7)]

    def test_an_ordinary_week_and_a_year_not_published(self) -> None:
        assert gateway.closed_days(MONDAY, MONDAY + timedelta(days=6)) == {}
        with pytest.raises(gateway.UnknownYear):
            gateway.closed_days(date(2041, 1, 7), date(2041, 1, 8))


@pytest.mark.parametrize(
    ("context", "rule", "case", "blocks"),
    [
        (Context(host_eligible=False), "HST-1", "ineligible", True),
        (Context(host_suspended=True), "HST-2", "suspended", True),
        (Context(is_bar=True), "HST-2", "bar", True),
        (Context(hazards_acknowledged=False), "HST-3", "unread", True),
        (Context(tutor_named=False), "HST-4", "unnamed", False),
        (Context(students_of_tutor=3), "HST-4", "many", False),
        (Context(tutor_is_guardian=True), "FAM-1", "same", False),
    ],
)
def test_what_is_known_of_the_host(context: Context, rule: str, case: str, blocks: bool) -> None:
    (finding,) = check(every_day(USUAL), Subject(FOURTEEN, "3e"), context)
    assert (finding.rule, finding.case, finding.blocks) == (rule, case, blocks)


def test_nothing_known_against_the_host_breaks_nothing() -> None:
    known = Context(host_eligible=True, hazards_acknowledged=True, tutor_named=True, students_of_tutor=2)
    assert check(every_day(USUAL), Subject(FOURTEEN, "3e"), known) == ()
