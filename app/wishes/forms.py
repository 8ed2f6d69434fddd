"""Forms of the three steps of "mes envies", and the filters of the offers page."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField

from app.campaigns.models import Commune
from app.kernel.discretion import About
from app.kernel.geography import TravelMode
from app.occupations import reference
from app.web.forms import Form, at_most, clean, discreet
from app.wishes.models import InterestProfile
from app.wishes.rules import (
    DISTANCES,
    MAX_AVOID_TEXT,
    MAX_TEXT,
    TRAVEL,
    ConditionsDraft,
    TastesDraft,
    TravelDraft,
)


class TastesForm(Form):
    interests = SelectMultipleField(_l("Ce qui me ressemble"), coerce=str, validate_choice=False)
    text = TextAreaField(_l("Avec mes mots"), [at_most(MAX_TEXT), discreet(About.WISH)], filters=[clean])

    @classmethod
    def over(cls, profile: InterestProfile | None) -> TastesForm:
        form = cls(data={"interests": profile.interests, "text": profile.text} if profile else None)
        form.interests.choices = [(i.code, i.short) for i in reference.interests().values()]
        return form

    def to_draft(self) -> TastesDraft:
        return TastesDraft(tuple(self.interests.data or ()), self.text.data or "")


class ConditionsForm(Form):
    likes = SelectMultipleField(_l("Ce que j’aime bien"), coerce=str, validate_choice=False)
    avoids = SelectMultipleField(_l("Ce que je préfère éviter"), coerce=str, validate_choice=False)
    avoid_text = TextAreaField(
        _l("Autre chose à éviter"), [at_most(MAX_AVOID_TEXT), discreet(About.WISH)], filters=[clean]
    )

    @classmethod
    def over(cls, profile: InterestProfile | None) -> ConditionsForm:
        data = {"likes": profile.likes, "avoids": profile.avoids, "avoid_text": profile.avoid_text} if profile else None
        form = cls(data=data)
        form.likes.choices = [(c.code, c.like) for c in reference.conditions().values()]
        form.avoids.choices = [(c.code, c.avoid) for c in reference.conditions().values()]
        return form

    def to_draft(self) -> ConditionsDraft:
        return ConditionsDraft(tuple(self.likes.data or ()), tuple(self.avoids.data or ()), self.avoid_text.data or "")


class TravelForm(Form):
    commune_id = SelectField(_l("Ma commune"), validate_choice=False)
    travel_mode = RadioField(
        _l("Comment je me déplace"),
        choices=[(mode.value, label) for mode, label in TRAVEL.items()],
        validate_choice=False,
    )
    max_km = RadioField(
        _l("Jusqu’où je peux aller"),
        choices=[(str(km), label) for km, label in DISTANCES.items()],
        validate_choice=False,
    )

    @classmethod
    def over(cls, profile: InterestProfile | None, communes: Iterable[Commune]) -> TravelForm:
        data: Mapping[str, Any] | None = None
        if profile is not None:
            data = {
                "commune_id": str(profile.commune_id or ""),
                "travel_mode": profile.travel_mode.value if profile.travel_mode else None,
                "max_km": str(profile.max_km) if profile.max_km else None,
            }
        form = cls(data=data)
        form.commune_id.choices = [("", _l("Choisis ta commune"))] + [(str(c.id), c.name) for c in communes]
        return form

    def to_draft(self) -> TravelDraft:
        """What is not among the choices becomes a value which the service refuses with a sentence."""
        mode = self.travel_mode.data
        return TravelDraft(
            commune_id=_number(self.commune_id.data),
            mode=TravelMode(mode) if mode in set(TravelMode) else None,
            max_km=_number(self.max_km.data),
        )


def _number(value: str | None) -> int | None:
    """None for nothing chosen, 0 for what is not a number of a plausible size."""
    if not value or value == "None":
        return None
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What narrows the offers page; anything unknown in the address is ignored."""

    words: str = ""
    monday: date | None = None
    sector: str = ""
    occupation: str = ""
    max_km: int | None = None

    @property
    def is_active(self) -> bool:
        return self != Wanted()

    def arguments(self) -> dict[str, str]:
        """The same, as arguments of an address."""
        pairs = {
            "q": self.words,
            "semaine": self.monday.isoformat() if self.monday else "",
            "domaine": self.sector,
            "metier": self.occupation,
            "distance": str(self.max_km or ""),
        }
        return {name: value for name, value in pairs.items() if value}


def wanted_of(arguments: Mapping[str, str]) -> Wanted:
    monday = None
    with contextlib.suppress(ValueError):
        monday = date.fromisoformat(arguments.get("semaine", ""))
    km = _number(arguments.get("distance"))
    return Wanted(
        words=(clean(arguments.get("q")) or "")[:80],
        monday=monday,
        sector=arguments.get("domaine", "") if arguments.get("domaine") in reference.sectors() else "",
        occupation=(clean(arguments.get("metier")) or "")[:120],
        max_km=km if km in DISTANCES else None,
    )
