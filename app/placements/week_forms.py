"""The form that gives each day of a student's week to a structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField

from app.offers.models import Slot
from app.placements.rules import MAX_REASON
from app.placements.services.sharing import NEW
from app.placements.week_rules import Division, Place
from app.regulations.words import WEEKDAYS
from app.web.forms import Form, at_most, clean, discreet

DAYS = range(6)  # from Monday to Saturday; nobody works on a Sunday


def _day(number: int) -> RadioField:
    return RadioField(WEEKDAYS[number], validate_choice=False)


class WeekForm(Form):
    slot_id = SelectField(_l("Ajouter une structure"), validate_choice=False)
    day_0, day_1, day_2, day_3, day_4, day_5 = (_day(number) for number in DAYS)
    reason = TextAreaField(_l("La raison"), [at_most(MAX_REASON), discreet()], filters=[clean])

    @classmethod
    def over(cls, places: Mapping[str, Place], slots: Sequence[Slot], now: Division) -> WeekForm:
        """The form as the week is now, with the places that may join it."""
        form = cls(data={f"day_{day}": now.days.get(day, "") for day in DAYS})
        form.slot_id.choices = [
            ("", _("Aucune")),
            *((str(slot.id), _said(slot)) for slot in slots),
        ]
        joinable = {day for slot in slots for day in slot.offer.hours.weekdays}
        for number in DAYS:
            field = form.day(number)
            field.choices = [(key, place.name) for key, place in places.items() if number in place.open_on]
            if number in joinable:
                field.choices.append((NEW, _("La structure ajoutée")))
            if field.choices:
                field.choices.append(("", _("Pas de stage")))
        return form

    def day(self, number: int) -> RadioField:
        return self[f"day_{number}"]

    @property
    def open_days(self) -> list[RadioField]:
        """The days on which a structure is open."""
        return [self.day(number) for number in DAYS if len(self.day(number).choices) > 1]

    @property
    def chosen_slot(self) -> int | None:
        text = self.slot_id.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def to_division(self) -> Division:
        return Division({number: key for number in DAYS if (key := self.day(number).data or "")})


def _said(slot: Slot) -> str:
    offer = slot.offer
    days = ", ".join(str(WEEKDAYS[day]) for day in offer.hours.weekdays)
    return f"{offer.organization.name} : {offer.title} ({days})"
