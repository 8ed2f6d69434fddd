"""The editor of hours: one week, Monday to Saturday, a morning and an afternoon each day; or the same hours each day.

`WeekField` reads and shows a `WeekHours`; the macro `schedule.editor` of components/schedule.html draws it, and the
room which uses it answers the check while one types (see `offers.check_hours`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FormField, SelectMultipleField
from wtforms import Form as PlainForm
from wtforms.widgets import TimeInput

from app.regulations.rules import Interval, ScheduleError, WeekHours
from app.regulations.schedules import WEEKDAYS, in_order
from app.regulations.words import WEEKDAYS as NAMES
from app.web.forms import one_line

_HOUR = re.compile(r"([0-9]{1,2})(?: ?[:h] ?([0-9]{2})?(?::00)?)?")
_OFFERED = WEEKDAYS[:6]  # never on Sunday
_NOON = time(13)


class HourField(Field):  # type: ignore[misc]  # WTForms ships no types
    """An hour to the minute, or nothing; « 9h30 » typed by hand is understood."""

    widget = TimeInput()
    data: time | None

    def process_formdata(self, valuelist: Any) -> None:
        typed = (one_line(valuelist[0]) or "").lower() if valuelist else ""
        self.data = None
        if not typed:
            return
        match = _HOUR.fullmatch(typed)
        try:
            self.data = time(int(match[1]), int(match[2] or 0)) if match else None
        except ValueError:
            self.data = None
        if self.data is None:
            raise ValueError(_("Écrivez une heure, par exemple 09:00."))

    @property
    def shown(self) -> str:
        """What the control holds: the hour, else what was typed."""
        if self.data is not None:
            return f"{self.data:%H:%M}"
        return (one_line(str(self.raw_data[0])) or "") if self.raw_data else ""


class DayForm(PlainForm):  # type: ignore[misc]  # WTForms ships no types
    """One day: a morning, an afternoon, both, or nothing."""

    morning_start = HourField(_l("Matin, arrivée"))
    morning_end = HourField(_l("Matin, départ"))
    afternoon_start = HourField(_l("Après-midi, arrivée"))
    afternoon_end = HourField(_l("Après-midi, départ"))

    @property
    def halves(self) -> tuple[tuple[HourField, HourField], ...]:
        return (self.morning_start, self.morning_end), (self.afternoon_start, self.afternoon_end)

    def intervals(self) -> tuple[Interval, ...]:
        """What was typed; raises `ScheduleError` when it cannot be."""
        return in_order(Interval(a.data, b.data) for a, b in self.halves if a.data and b.data)

    def problem(self) -> str | None:
        """What keeps these hours from being read, in a sentence."""
        for field in self:
            if field.errors or field.process_errors:
                return str([*field.errors, *field.process_errors][0])
        for start, end in self.halves:
            if (start.data is None) != (end.data is None):
                return _("Écrivez l’arrivée et le départ, ou laissez les deux vides.")
            if start.data is not None and end.data is not None and start.data >= end.data:
                return _("Le départ vient après l’arrivée.")
        try:
            self.intervals()
        except ScheduleError:
            return _("L’après-midi commence après la fin du matin.")
        return None


class WeekForm(PlainForm):  # type: ignore[misc]  # WTForms ships no types
    """`same`: the hours of `usual` on each of `days`; otherwise each day its own."""

    same = BooleanField(_l("Les mêmes heures chaque jour"))
    usual = FormField(DayForm, label=_l("Chaque jour"))
    days = SelectMultipleField(_l("Jours de présence"), validate_choice=False)
    mon = FormField(DayForm, label=NAMES[0])
    tue = FormField(DayForm, label=NAMES[1])
    wed = FormField(DayForm, label=NAMES[2])
    thu = FormField(DayForm, label=NAMES[3])
    fri = FormField(DayForm, label=NAMES[4])
    sat = FormField(DayForm, label=NAMES[5])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days.choices = [(code, str(NAMES[n]).capitalize()) for n, code in enumerate(_OFFERED)]

    @property
    def each(self) -> list[FormField]:
        """The six days, in order."""
        return [self[code] for code in _OFFERED]

    @property
    def used(self) -> list[FormField]:
        """The rows which count: the usual day, or each."""
        return [self.usual] if self.same.data else self.each

    def hours(self) -> WeekHours:
        """What was typed; raises `ScheduleError` when it cannot be."""
        if self.same.data:
            weekdays = [n for n, code in enumerate(_OFFERED) if code in (self.days.data or ())]
            return WeekHours.uniform(self.usual.form.intervals(), weekdays)
        return WeekHours.of({n: field.form.intervals() for n, field in enumerate(self.each)})


class WeekField(FormField):  # type: ignore[misc]  # WTForms ships no types
    """The hours of a week. `data` is a `WeekHours`, or None when what was typed is no week (then `errors` says why)."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(WeekForm, label, **kwargs)
        self._said: list[str] = []

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """`data` is a `WeekHours`, at most two intervals a day."""
        super().process(formdata, _typed(data) if isinstance(data, WeekHours) else {}, extra_filters)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        self._said = list(dict.fromkeys(self._unreadable()))
        return not self._said

    def _unreadable(self) -> Iterator[str]:
        for row in self.form.used:
            problem = row.form.problem()
            if problem and self.form.same.data:
                yield problem
            elif problem:
                yield _("%(day)s : %(problem)s", day=str(row.label.text).capitalize(), problem=problem)

    @property
    def data(self) -> WeekHours | None:
        if any(row.form.problem() for row in self.form.used):
            return None
        hours: WeekHours = self.form.hours()
        return hours

    @property
    def errors(self) -> list[str]:
        return self._said

    @errors.setter
    def errors(self, sentences: list[str]) -> None:
        self._said = list(sentences)


def _typed(hours: WeekHours) -> dict[str, Any]:
    """The values of the fields which show these hours."""
    present = [hours.days[n] for n in hours.weekdays]
    usual = max(present, key=present.count, default=())
    rows = {_OFFERED[n]: _row(hours.days[n]) for n in range(len(_OFFERED))}
    codes = [WEEKDAYS[n] for n in hours.weekdays]
    return {"same": len(set(present)) == 1, "usual": _row(usual), "days": codes, **rows}


def _row(intervals: tuple[Interval, ...]) -> dict[str, time]:
    if len(intervals) > 2:
        raise ScheduleError("the editor shows two intervals a day")
    if not intervals:
        return {}
    halves = ("morning", "afternoon")
    if len(intervals) == 1 and intervals[0].start >= _NOON:
        halves = ("afternoon", "morning")
    row: dict[str, time] = {}
    for half, interval in zip(halves, intervals, strict=False):
        row |= {f"{half}_start": interval.start, f"{half}_end": interval.end}
    return row
