"""What the engine is told and what it answers: subject, context, finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from flask_babel import gettext as _
from flask_babel import ngettext

from app.regulations import words
from app.regulations.catalogue import Band, Catalogue, Rule, Severity
from app.regulations.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Subject:
    """The student. Without a birth date the age is unknown, and the rules for `assumed_age` or the youngest hold."""

    birth_date: date | None
    level: str
    assumed_age: int | None = None

    def age_on(self, day: date) -> int | None:
        """Full years on `day` (born on 29 February: a year older on 1 March); None when unknown."""
        if self.birth_date is None:
            return self.assumed_age
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds the schedule. None and the defaults mean: nothing known against it.

    `closed_days`: day → why no stage takes place (gateway.closed_days, and the window of the school).
    `switches`: the limits chosen where texts differ; None takes the defaults of the data.
    `elsewhere`: the presence of the same student in other placements.
    `is_whole`: the schedule is all that this student will do, so too few days are said.
    """

    closed_days: Mapping[date, str] = field(default_factory=dict)
    switches: frozenset[str] | None = None
    elsewhere: Schedule = field(default_factory=Schedule)
    is_whole: bool = False
    is_bar: bool = False
    host_suspended: bool = False
    host_eligible: bool | None = None
    hazards_acknowledged: bool | None = None
    tutor_named: bool | None = None
    students_of_tutor: int | None = None
    tutor_is_guardian: bool = False


@dataclass(frozen=True, slots=True)
class Minutes:
    """A duration, said « 7 h 30 »."""

    value: int


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days, said « 4 jours »."""

    value: int


@dataclass(frozen=True, slots=True)
class Ages:
    """The ages for which a limit holds, said « avant 15 ans » after a space; nothing when it holds for all."""

    below: int | None
    from_age: int | None
    is_supposed: bool


Figure = Minutes | Days | Ages | time | date | int | str

_OF_WEEKS = {("HRS-2", "long"), ("HRS-7", "short"), ("CAL-2", "week")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule. `day`: the day it concerns, or the Monday of its week, or None for the whole.

    `field` is the part of a form it stands beside: schedule, level, host, hazards, tutor, document or text.
    """

    rule: str
    case: str
    articles: tuple[str, ...]
    severity: Severity
    field: str
    day: date | None
    template: str
    figures: Mapping[str, Figure]

    @property
    def article(self) -> str:
        return ", ".join(self.articles)

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.BLOCK

    @property
    def sentence(self) -> str:
        """What to change, in French, with the figures."""
        said = {name: _said(figure) for name, figure in self.figures.items()}
        return _(self.template, **said)

    @property
    def is_of_one_day(self) -> bool:
        """Whether `day` is a day of presence, and not the Monday that names a week."""
        return self.day is not None and (self.rule, self.case) not in _OF_WEEKS


def _said(figure: Figure) -> str:
    match figure:
        case Minutes(value):
            return words.span(value)
        case Days(value):
            return ngettext("%(num)s jour", "%(num)s jours", value)
        case Ages():
            return _said_of_ages(figure)
        case time():
            return words.hour(figure)
        case date():
            return words.day(figure)
    return str(figure)


def _said_of_ages(ages: Ages) -> str:
    if ages.below is not None:
        known = _("avant %(age)s ans", age=ages.below)
        return " " + (_("%(ages)s (âge non connu)", ages=known) if ages.is_supposed else known)
    if ages.from_age is not None:
        return " " + _("à partir de %(age)s ans", age=ages.from_age)
    return ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the rules for one student: which version and which band hold on a day."""

    schedule: Schedule
    subject: Subject
    context: Context
    catalogue: Catalogue
    on: date | None = None

    def rule(self, name: str, day: date) -> Rule | None:
        """The version in force: on the day of presence, or on the date asked for."""
        return self.catalogue.on(self.on or day).get(name)

    def band(self, rule: Rule, day: date) -> Band:
        """The limits for the age which the student has on that very day."""
        switches = self.context.switches
        if switches is None:
            switches = self.catalogue.default_switches
        return rule.band(self.subject.age_on(day), self.subject.level, switches)

    def found(self, rule: Rule, case: str, day: date | None, band: Band | None = None, **figures: Figure) -> Finding:
        return finding_of(
            rule, case, day, {**figures, "level": self.subject.level}, band, age_unknown=self.subject.birth_date is None
        )


def finding_of(
    rule: Rule,
    case: str,
    day: date | None,
    figures: Mapping[str, Figure],
    band: Band | None = None,
    *,
    age_unknown: bool = False,
) -> Finding:
    """The finding of a rule, worded by its data; `who` says for which ages the limits of `band` hold, known or not."""
    text = rule.cases[case]
    return Finding(
        rule=rule.id,
        case=case,
        articles=text.articles,
        severity=rule.severity,
        field=rule.field,
        day=day,
        template=text.sentence,
        figures={**figures, "who": Ages(band.below, band.from_age, age_unknown)} if band is not None else figures,
    )
