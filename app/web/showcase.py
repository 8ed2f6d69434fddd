"""Sample values for the living style guide: a refused form, a few places, every pictogram of the sprite."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange

from app.web.forms import Form, required

SPRITE = Path(__file__).parent.parent / "static" / "img" / "pictograms.svg"
INTERESTS = {
    "9": (_l("J’aime être au contact de la nature"), "feuille"),
    "14": (_l("J’aime le travail manuel"), "marteau"),
    "17": (_l("J’aime m’occuper des animaux"), "patte"),
    "21": (_l("Je souhaite m’occuper d’enfants"), "ours-en-peluche"),
    "27": (_l("Je suis passionné / passionnée par la cuisine"), "toque"),
    "30": (_l("Je suis un / une artiste"), "palette"),
}


class SampleForm(Form):
    """One field of every kind."""

    interests = SelectMultipleField(_l("Mes envies"), choices=[(code, label) for code, (label, _) in INTERESTS.items()])
    title = StringField(
        _l("Titre de l’offre"), [required(_l("Donnez un titre, par exemple « Une semaine à la recyclerie »."))]
    )
    occupation = StringField(_l("Métier"))
    occupation_code = HiddenField()
    description = TextAreaField(
        _l("Ce que l’élève verra et fera"), [required(_l("Racontez la semaine en quelques phrases."))]
    )
    email = EmailField(_l("Adresse électronique"), [required()])
    capacity = IntegerField(_l("Places"), [required(), NumberRange(1, 6, _l("Entre 1 et 6 places par semaine."))])
    school = SelectField(
        _l("Collège"),
        [required()],
        choices=[("1", _l("Collège Debussy, Courrières")), ("2", _l("Collège Pasteur, Oignies"))],
    )
    travel = RadioField(
        _l("Comment te déplaces-tu ?"),
        [required(_l("Choisis une réponse."))],
        choices=[
            ("pied", _l("À pied")),
            ("velo", _l("À vélo")),
            ("bus", _l("En bus")),
            ("voiture", _l("En voiture")),
        ],
    )
    password = PasswordField(_l("Mot de passe"), [required()])
    agreed = BooleanField(
        _l("J’ai lu la liste des travaux interdits aux élèves de 3e"),
        [required(_l("Cochez la case après avoir lu la liste."))],
    )
    reason = TextAreaField(_l("Votre raison, que la structure lira"), [required()])


@dataclass(frozen=True, slots=True)
class SamplePages:
    page: int = 2
    pages: int = 7


@cache
def pictogram_names() -> tuple[str, ...]:
    """The ids of the sprite's symbols, without their prefix, in the order of the file."""
    return tuple(re.findall(r'id="picto-([a-z-]+)"', SPRITE.read_text(encoding="utf-8")))


def sample() -> dict[str, Any]:
    """What `design/showcase.html` shows: a form sent half filled, places, pages, pictograms."""
    sent = MultiDict(
        [("interests", "9"), ("interests", "14"), ("capacity", "12"), ("email", "contact@exemple.fr"), ("school", "1")]
    )
    form = SampleForm(formdata=sent, meta={"csrf": False})
    form.validate()
    return {
        "f": form,
        "pictograms": {code: pictogram for code, (_, pictogram) in INTERESTS.items()},
        "picto_names": pictogram_names(),
        "pagination": SamplePages(),
        "markers": [
            {"lat": 50.4889, "lng": 2.9497, "title": "Ton quartier", "url": "", "home": True},
            {
                "lat": 50.4932,
                "lng": 2.9581,
                "title": "Une semaine au jardin",
                "url": "#offers-title",
                "meta": "Carvin",
                "pictogram": "pousse",
            },
            {
                "lat": 50.4217,
                "lng": 2.9508,
                "title": "Réparer des vélos",
                "url": "#offers-title",
                "meta": "Hénin-Beaumont",
                "pictogram": "fleches-recyclage",
            },
            {
                "lat": 50.4714,
                "lng": 2.9929,
                "title": "Dans les coulisses d’une salle",
                "url": "#offers-title",
                "meta": "Oignies",
                "pictogram": "masques",
            },
        ],
    }
