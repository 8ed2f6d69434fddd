"""The law of hours, days and levels over what a student would do, before anybody is told."""

from __future__ import annotations

from datetime import date

from app.regulations import gateway as calendar
from app.regulations import rules as regulations
from app.regulations.facts import Context, Subject
from app.regulations.schedules import Schedule
from app.schools.models import Student


def broken(student: Student, schedule: Schedule, monday: date) -> tuple[regulations.Finding, ...]:
    """Every rule that this student breaks by these hours in the week of `monday`, remarks included."""
    sunday = date.fromordinal(monday.toordinal() + 6)
    try:
        closed = calendar.closed_days(monday, sunday)
    except calendar.UnknownYear:
        closed = calendar.public_holidays(monday, sunday)
    subject = (
        Subject(student.birth_date, student.school_class.level)
        if student.birth_date
        else regulations.ordinary_student(student.school_class.level, monday)
    )
    return regulations.check(schedule, subject, Context(closed_days=closed))


def sentences(found: tuple[regulations.Finding, ...]) -> list[str]:
    return [line.text for line in regulations.lines(found)]


def forbidden(student: Student, schedule: Schedule, monday: date) -> list[str]:
    """Why these hours are not allowed, in sentences; empty when they are."""
    return sentences(regulations.blocking(broken(student, schedule, monday)))
