"""Forms of offers. One number field a week of the campaign; `rules.py` says what is wrong."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)

from app.campaigns.models import Campaign
from app.hosts.models import HostSite
from app.kernel.errors import Invalid
from app.occupations import queries as occupations
from app.occupations import reference
from app.offers.queries import Filter
from app.offers.rules import MAX_OCCUPATIONS, OfferDraft, places_field
from app.offers.states import LABELS, OfferState
from app.web.forms import Form, clean, one_line
from app.web.schedules import WeekField

_PLACES = re.compile(r"places_(\d{4})_(\d{2})_(\d{2})")
_SHOWN_OCCUPATIONS = 3


class PlacesField(StringField):  # type: ignore[misc]  # no types for this WTForms field
    """How many students in a week; an empty field means none."""

    monday: date

    def pre_validate(self, form: Any) -> None:
        text = self.data or ""
        if text and not (text.isascii() and text.isdigit()):
            raise validators.StopValidation(_("Écrivez un nombre entier, ou laissez vide."))

    @property
    def number(self) -> int:
        """The number typed, however large; 0 when it is none."""
        text = self.data or ""
        return min(int(text[:12]), 10**9) if text.isascii() and text.isdigit() else 0


class OfferForm(Form):
    title = StringField(_l("Titre de l’offre"), filters=[one_line])
    description = TextAreaField(_l("Ce que l’élève verra et fera"), filters=[clean])
    sector = SelectField(_l("Domaine"), validate_choice=False)
    occupations = FieldList(
        StringField(filters=[one_line]), min_entries=_SHOWN_OCCUPATIONS, max_entries=MAX_OCCUPATIONS
    )
    site_id = SelectField(_l("Lieu"), validate_choice=False)
    weeks = StringField(_l("Semaines"))  # never drawn: it holds what is wrong with the weeks as a whole
    levels = SelectMultipleField(_l("Niveaux"), validate_choice=False)
    hours = WeekField(_l("Les horaires"))
    conditions = SelectMultipleField(_l("À quoi l’élève doit s’attendre"), validate_choice=False)
    lunch = StringField(_l("Le repas de midi"), filters=[one_line])
    dress = StringField(_l("La tenue"), filters=[one_line])
    tutor_name = StringField(_l("Qui accueille l’élève"), filters=[one_line])
    tutor_role = StringField(_l("Sa fonction"), filters=[one_line])
    acknowledged = BooleanField(_l("J’ai lu cette liste : aucun de ces travaux ne sera confié à un élève"))
    request_key = HiddenField(validators=[validators.Length(max=40)])

    places: list[PlacesField]

    @classmethod
    def over(
        cls, campaign: Campaign, sites: list[HostSite], draft: OfferDraft | None = None, *, fresh: bool = False
    ) -> Self:
        """The form of this campaign's weeks and this structure's sites, filled with `draft` if given.

        `fresh`: leave out what the request holds (it was another form).
        """
        mondays = [week.monday for week in campaign.weeks]
        fields = {places_field(monday): PlacesField(filters=[one_line]) for monday in mondays}
        made: type[Self] = type("CampaignOfferForm", (cls,), fields)
        data = _data(draft) if draft else _first_data(campaign, sites)
        form = made(formdata=None, data=data) if fresh else made(data=data)
        form.sector.choices = [("", _("Choisir…")), *((s.code, s.label) for s in reference.sectors().values())]
        form.site_id.choices = [(str(site.id), f"{site.name}, {site.town}") for site in sites if site.is_located]
        form.levels.choices = [(level, level) for level in campaign.level_list]
        form.conditions.choices = [(c.code, c.host) for c in reference.conditions().values()]
        form.places = [form[places_field(monday)] for monday in mondays]
        for monday, field in zip(mondays, form.places, strict=True):
            field.monday = monday
        if not form.request_key.data:
            form.request_key.data = secrets.token_urlsafe(20)
        return form

    def take(self, error: Invalid) -> None:
        """As in every form, but a field which could not be read keeps its own sentence alone."""
        unread = {name for name, field in self._fields.items() if field.errors}
        left = {name: sentence for name, sentence in error.fields.items() if name not in unread}
        if left or not unread:
            super().take(Invalid(error.message, left))

    def to_draft(self) -> OfferDraft:
        """What was typed; hours that could not be read are None, and the form holds their error."""
        return OfferDraft(
            title=self.title.data or "",
            description=self.description.data or "",
            sector=self.sector.data or "",
            site_id=identifier(self.site_id.data),
            occupations=tuple(dict.fromkeys(occupations.code_of(text) for text in self.occupations.data if text)),
            conditions=tuple(self.conditions.data or ()),
            levels=tuple(self.levels.data or ()),
            hours=self.hours.data,
            places=self._places(),
            lunch=self.lunch.data or "",
            dress=self.dress.data or "",
            tutor_name=self.tutor_name.data or "",
            tutor_role=self.tutor_role.data or "",
            acknowledged=bool(self.acknowledged.data),
        )

    def _places(self) -> dict[date, int]:
        """The weeks of the campaign, and any other week somebody slipped in (to be refused with its reason)."""
        places = {field.monday: field.number for field in self.places if field.number}
        for name, typed in request.form.items():
            match = _PLACES.fullmatch(name)
            if match is None or name in self._fields or not typed.strip() or typed.strip() == "0":
                continue
            try:
                places[date(int(match[1]), int(match[2]), int(match[3]))] = 1
            except ValueError:
                continue
        return places


def identifier(text: str | None) -> int | None:
    """The identifier written in an address or a select; None when it can be none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _first_data(campaign: Campaign, sites: list[HostSite]) -> dict[str, Any]:
    return _data(
        OfferDraft(title="", levels=tuple(campaign.level_list), site_id=sites[0].id if len(sites) == 1 else None)
    )


def _data(draft: OfferDraft) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title": draft.title,
        "description": draft.description,
        "sector": draft.sector,
        "site_id": str(draft.site_id) if draft.site_id is not None else None,
        "occupations": [occupations.label_of(code) for code in draft.occupations],
        "conditions": list(draft.conditions),
        "levels": list(draft.levels),
        "hours": draft.hours,
        "lunch": draft.lunch,
        "dress": draft.dress,
        "tutor_name": draft.tutor_name,
        "tutor_role": draft.tutor_role,
        "acknowledged": draft.acknowledged,
    }
    for monday, number in (draft.places or {}).items():
        data[places_field(monday)] = str(number)
    return data


def filter_of(arguments: Mapping[str, str], campaign: Campaign | None) -> Filter:
    """What the address asks for; whatever makes no sense is left out."""
    state, sector = arguments.get("etat", ""), arguments.get("domaine", "")
    commune, level = arguments.get("commune", ""), arguments.get("niveau", "")
    mondays = [week.monday for week in campaign.weeks] if campaign else []
    monday = next((day for day in mondays if day.isoformat() == arguments.get("semaine")), None)
    return Filter(
        words=(one_line(arguments.get("q")) or "")[:80],
        state=OfferState(state) if state in set(OfferState) else None,
        sector=sector if sector in reference.sectors() else None,
        commune_id=identifier(commune),
        monday=monday,
        level=level if campaign and level in campaign.level_list else None,
    )


def state_choices() -> list[tuple[str, str]]:
    return [(state.value, str(label)) for state, (label, _tone) in LABELS.items()]
