"""May this student be there, on these days, at these hours? The engine and the words it speaks.

findings = rules.check(Schedule.for_week(monday, offer.hours), Subject(birth_date, "3e"), Context(closed_days=…))
rules.blocking(findings)    # what stops
rules.lines(findings)       # what to show: same sentence, its days together
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.regulations import catalogue, hours, surroundings, words
from app.regulations.catalogue import Catalogue, CatalogueError, Rule, Severity
from app.regulations.facts import Context, Days, Figure, Finding, Minutes, Reading, Subject, finding_of
from app.regulations.schedules import (
    USUAL_WEEK,
    DayPlan,
    Interval,
    Schedule,
    ScheduleError,
    WeekHours,
)

__all__ = [
    "USUAL_WEEK",
    "Catalogue",
    "CatalogueError",
    "Context",
    "DayPlan",
    "Days",
    "Finding",
    "Interval",
    "Line",
    "Minutes",
    "Rule",
    "Schedule",
    "ScheduleError",
    "Severity",
    "Subject",
    "WeekHours",
    "blocking",
    "check",
    "finding",
    "lines",
    "ordinary_student",
]

CHECKS = (
    surroundings.levels,
    surroundings.numbers_of_days,
    hours.long_days,
    hours.long_stretches,
    hours.nights,
    hours.short_rests,
    hours.weekly_rests,
    hours.long_weeks,
    hours.short_weeks,
    surroundings.closed_days,
    surroundings.overlaps,
    surroundings.hosts,
)


def check(
    schedule: Schedule,
    subject: Subject,
    context: Context | None = None,
    *,
    on: date | None = None,
    rules: Catalogue | None = None,
) -> tuple[Finding, ...]:
    """Every broken rule, in the order of `CHECKS` then of the days.

    Each rule is read as it stands on the day of presence, with the age of the student on that very day; `on` reads
    the texts of one date instead. `rules` is another catalogue than the product's. Raises `CatalogueError` when the
    context turns on a switch that the data does not declare.
    """
    rules, context = rules or catalogue.current(), context or Context()
    unknown = (context.switches or frozenset()) - rules.switches.keys()
    if unknown:
        raise CatalogueError(f"no such switch: {', '.join(sorted(unknown))}")
    reading = Reading(schedule, subject, context, rules, on)
    return tuple(finding for look in CHECKS for finding in look(reading))


def ordinary_student(level: str, on: date) -> Subject:
    """Somebody of that level whom nobody knows yet: the age which every ordinary student of the level has reached."""
    rule = catalogue.current().on(on)["LVL-1"]
    return Subject(None, level, assumed_age=rule.band(None, level, frozenset())["ordinary_age"])


def finding(rule: str, case: str, *, on: date, day: date | None = None, **figures: Figure) -> Finding:
    """A rule found broken by the room which knows the facts (CNV-1, CNV-2, DATA-1, CAL-3 full): worded by the data.

    The cases and the figures of each are in `catalogue.SHAPES`; raises KeyError for a rule not in force.
    """
    return finding_of(catalogue.current().on(on)[rule], case, day, figures)


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those which stop; the others are remarks."""
    return tuple(finding for finding in findings if finding.blocks)


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown: one sentence, the days it concerns, the articles."""

    rule: str
    severity: Severity
    field: str
    when: str
    sentence: str
    article: str

    @property
    def text(self) -> str:
        if not self.when:
            return self.sentence
        return f"{self.when[:1].upper()}{self.when[1:]} : {self.sentence[:1].lower()}{self.sentence[1:]}"


def lines(findings: Iterable[Finding], *, dated: bool = True) -> tuple[Line, ...]:
    """Findings as a person reads them: the same sentence once, what stops first. `dated`: dates, else weekdays."""
    together: dict[tuple[str, str, str], list[Finding]] = {}
    for found in findings:
        together.setdefault((found.rule, found.case, found.sentence), []).append(found)
    shown = [
        Line(
            rule=same[0].rule,
            severity=same[0].severity,
            field=same[0].field,
            when=_when([f.day for f in same if f.day is not None], dated) if same[0].is_of_one_day else "",
            sentence=same[0].sentence,
            article=same[0].article,
        )
        for same in together.values()
    ]
    return tuple(sorted(shown, key=lambda line: line.severity is not Severity.BLOCK))


def _when(days: list[date], dated: bool) -> str:
    if dated:
        return words.enumeration([words.day(day) for day in sorted(set(days))])
    return words.weekdays([day.weekday() for day in days])
