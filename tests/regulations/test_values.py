"""Hours as values, and how they and the findings are said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import pytest
from flask import Flask

from app.regulations import catalogue, rules, words
from app.regulations.rules import (
    USUAL_WEEK,
    Context,
    DayPlan,
    Interval,
    Schedule,
    ScheduleError,
    Severity,
    Subject,
    WeekHours,
)

MONDAY = date(2027, 1, 25)
MORNING, AFTERNOON = Interval.at("09:00", "12:00"), Interval.at("13:00", "16:00")


@pytest.fixture(autouse=True)
def french(context: Flask) -> Iterator[None]:
    with context.test_request_context():
        yield


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("start", "end"), [("12:00", "09:00"), ("09:00", "09:00"), ("09:00:30", "12:00"), ("9h", "12h"), ("25:00", "26:00")]
)
def test_an_interval_goes_forward_to_the_minute(start: str, end: str) -> None:
    with pytest.raises(ScheduleError):
        Interval.at(start, end)


def test_intervals_of_a_day_are_sorted_and_never_overlap() -> None:
    assert DayPlan(MONDAY, (AFTERNOON, MORNING)).intervals == (MORNING, AFTERNOON)
    assert DayPlan(MONDAY, (MORNING, Interval.at("12:00", "13:00"))).minutes == 240
    for wrong in ((), (MORNING, Interval.at("11:59", "13:00"))):
        with pytest.raises(ScheduleError):
            DayPlan(MONDAY, wrong)


def test_a_day_is_written_once_and_a_week_starts_on_monday() -> None:
    with pytest.raises(ScheduleError):
        Schedule((DayPlan(MONDAY, (MORNING,)), DayPlan(MONDAY, (AFTERNOON,))))
    with pytest.raises(ScheduleError):
        Schedule.for_week(date(2027, 1, 26), USUAL_WEEK)


def test_two_hosts_may_share_a_day_and_not_an_hour() -> None:
    one, other = Schedule((DayPlan(MONDAY, (MORNING,)),)), Schedule((DayPlan(MONDAY, (AFTERNOON,)),))
    assert Schedule.joined([one, other]).days[0].intervals == (MORNING, AFTERNOON)
    with pytest.raises(ScheduleError):
        Schedule.joined([one, one])


def test_hours_survive_being_stored() -> None:
    hours = WeekHours.of({0: [MORNING, AFTERNOON], 5: [MORNING]})
    assert hours.to_json() == {"mon": [["09:00", "12:00"], ["13:00", "16:00"]], "sat": [["09:00", "12:00"]]}
    assert WeekHours.from_json(hours.to_json()) == hours
    schedule = Schedule.for_week(MONDAY, hours)
    assert schedule.to_json()["2027-01-30"] == [["09:00", "12:00"]]
    assert Schedule.from_json(schedule.to_json()) == schedule
    assert (hours.minutes, schedule.minutes) == (540, 540)


@pytest.mark.parametrize(
    "stored",
    [
        None, [], "mon", {"lun": []}, {"mon": "09:00"}, {"mon": [["09:00"]]}, {"mon": [["09:00", 12]]}, {"mon": [1]},
        {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}, {0: [["09:00", "12:00"]]},
    ],
)  # fmt: skip
def test_what_is_not_hours_is_refused(stored: object) -> None:
    with pytest.raises(ScheduleError):
        WeekHours.from_json(stored)
    with pytest.raises(ScheduleError):
        Schedule.from_json({"2027-02-30": [["09:00", "12:00"]]} if stored == [] else stored)


def test_hours_are_said_with_equal_days_together() -> None:
    hours = WeekHours.of({n: [MORNING, AFTERNOON] for n in (0, 1, 3, 4)} | {2: [Interval.at("08:30", "12:00")]})
    assert [plain(line) for line in hours.sentences()] == [
        "lundi, mardi, jeudi et vendredi : 9 h – 12 h et 13 h – 16 h",
        "mercredi : 8 h 30 – 12 h",
    ]
    assert [plain(line) for line in USUAL_WEEK.sentences()] == ["du lundi au vendredi : 9 h – 12 h et 13 h – 16 h"]
    assert WeekHours().sentences() == []


@pytest.mark.parametrize(
    ("positions", "said"),
    [
        ([0, 1, 2, 3, 4], "du lundi au vendredi"), ([4, 0], "lundi et vendredi"), ([0, 1, 3], "lundi, mardi et jeudi"),
        ([2], "mercredi"), ([], ""), ([0, 0], "lundi"),
    ],
)  # fmt: skip
def test_days_are_said_as_people_say_them(positions: list[int], said: str) -> None:
    assert words.weekdays(positions) == said


def test_spans_and_hours_are_said_in_hours_and_minutes() -> None:
    assert [plain(words.span(minutes)) for minutes in (420, 455, 20, 0)] == ["7 h", "7 h 35", "20 min", "0 min"]
    assert [plain(words.hour(time(*t))) for t in ((9, 0), (9, 5))] == ["9 h", "9 h 05"]


class TestSentences:
    long = Schedule.for_week(MONDAY, WeekHours.uniform([MORNING, Interval.at("13:00", "17:30")], [0, 1]))

    def said(self, birth: date | None, *, dated: bool = True) -> list[str]:
        findings = rules.blocking(rules.check(self.long, Subject(birth, "3e")))
        return [plain(line.text) for line in rules.lines(findings, dated=dated)]

    def test_a_sentence_says_the_figures_and_what_to_change(self) -> None:
        assert self.said(date(2012, 9, 1)) == [
            "Lundi 25 janvier et mardi 26 janvier : 7 h 30 de présence, pauses non comprises : "
            "7 h au plus par jour avant 16 ans. Retirez 30 min."
        ]

    def test_it_says_when_the_age_is_not_known_and_weekdays_when_there_is_no_date(self) -> None:
        assert self.said(None, dated=False) == [
            "Lundi et mardi : 7 h 30 de présence, pauses non comprises : "
            "7 h au plus par jour avant 16 ans (âge non connu). Retirez 30 min."
        ]

    def test_every_sentence_of_every_rule_finds_its_figures(self) -> None:
        wild = Schedule.for_week(
            MONDAY,
            WeekHours.of(
                {
                    0: [Interval.at("05:00", "11:00"), Interval.at("11:10", "23:00")],
                    1: [Interval.at("06:00", "13:00")],
                    **{n: [MORNING, AFTERNOON] for n in (2, 3, 5, 6)},
                }
            ),
        )
        context = Context(
            closed_days={MONDAY: "c’est un jour férié"},
            elsewhere=wild,
            is_whole=True,
            is_bar=True,
            host_suspended=True,
            host_eligible=False,
            hazards_acknowledged=False,
            tutor_named=False,
            students_of_tutor=4,
            tutor_is_guardian=True,
        )
        short = Schedule.for_week(MONDAY, WeekHours.uniform([MORNING]))
        findings = [
            *rules.check(wild, Subject(None, "3e"), context),
            *rules.check(short, Subject(None, "2de"), Context(is_whole=True)),
            *rules.check(Schedule(), Subject(None, "5e")),
            rules.finding("CNV-1", "missing", on=MONDAY, what="le téléphone", who="la structure"),
            rules.finding("CNV-1", "unsigned", on=MONDAY, who="l’élève"),
            rules.finding("CNV-1", "board", on=MONDAY, school="Collège Rabelais"),
            rules.finding("CNV-2", "changed", on=MONDAY),
            rules.finding("DATA-1", "health", on=MONDAY, words="asthme", where="activités"),
            rules.finding("CAL-3", "full", on=MONDAY),
        ]
        found = {(f.rule, f.case): f.sentence for f in findings}
        written = {(rule.id, case) for rule in catalogue.current().rules for case in rule.cases}
        assert written == set(found)
        assert all("%(" not in sentence for sentence in found.values())

    def test_what_stops_comes_first(self) -> None:
        short = Schedule.for_week(MONDAY, WeekHours.uniform([Interval.at("05:00", "08:00")], [0]))
        shown = rules.lines(rules.check(short, Subject(None, "3e")))
        assert [line.severity for line in shown] == [Severity.BLOCK, Severity.WARN]
