"""The forms of the papers: one a part, drawn from `fields.py`; the reason of a change; the upload of a check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, StringField, TextAreaField

from app.agreements.fields import FIELDS, READ_ONLY, Field, Part
from app.agreements.models import AgreementHost
from app.regulations.schedules import Interval, Schedule, WeekHours
from app.web.forms import Form, at_most, clean, discreet, one_line, required
from app.web.schedules import WeekField

_FRENCH_DATE = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")


def iso(value: str | None) -> str | None:
    """« 12/3/2012 » typed by hand, as ISO; anything else as it is."""
    match = _FRENCH_DATE.fullmatch(value.strip()) if value else None
    return f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}" if match else value


class PartForm(Form):
    """The fields of one part. `rows` are those that this form holds, in order."""

    rows: tuple[Field, ...] = ()
    reason = StringField(_l("Pourquoi ce changement"), [discreet()], filters=[one_line])

    def to_values(self) -> dict[str, Any]:
        """Field → what was typed; "schedule" → the dated hours, when the form holds hours that can be read."""
        return {row.name: self[row.name].data or "" for row in self.rows}


def part_form(part: Part, values: Mapping[str, str], only: Iterable[Field] | None = None) -> PartForm:
    """The form of a part, filled with `values`; `only`: the fields that may be changed now."""
    rows = _writable(part) if only is None else tuple(only)
    made: type[PartForm] = type("OnePartForm", (PartForm,), {"rows": rows, **{row.name: _drawn(row) for row in rows}})
    return made(data=dict(values))


def _writable(part: Part) -> tuple[Field, ...]:
    return tuple(row for row in FIELDS[part] if row.name not in READ_ONLY[part])


def _drawn(row: Field) -> Any:
    if row.kind == "choice":
        return RadioField(row.label, choices=list(row.choices), validate_choice=False)
    validators = [at_most(row.limit), *([discreet()] if row.free_text else [])]
    if row.rows > 1:
        return TextAreaField(row.label, filters=[clean], validators=validators)
    filters = [one_line, iso] if row.kind == "date" else [one_line]
    return StringField(row.label, filters=filters, validators=validators)


class HoursForm(Form):
    """The days and hours of one stop, in the week of its slot."""

    hours = WeekField(_l("Les jours et les heures"))

    @classmethod
    def of(cls, host: AgreementHost) -> HoursForm:
        return cls(data={"hours": week_of(host)})

    def schedule(self, host: AgreementHost) -> dict[str, list[list[str]]] | None:
        """What was typed, dated; None when it cannot be read (the field then says why)."""
        hours = self.hours.data
        return Schedule.for_week(host.placement.slot.monday, hours).to_json() if hours is not None else None


def week_of(host: AgreementHost) -> WeekHours:
    """The hours of a stop as an ordinary week."""
    days: dict[int, tuple[Interval, ...]] = {
        plan.date.weekday(): plan.intervals for plan in Schedule.from_json(host.schedule).days
    }
    return WeekHours.of(days)


class ReasonForm(Form):
    reason = StringField(_l("Pourquoi"), filters=[one_line], validators=[required(), at_most(500), discreet()])


class CheckForm(Form):
    """A file to compare with the one that was signed."""

    document = FileField(_l("Le fichier PDF à comparer"))


class ReferenceForm(Form):
    reference = StringField(_l("Référence"), filters=[one_line], validators=[required(), at_most(40)])
