"""What every form shares: clean text, French sentences, and errors of a service put beside their fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, validators

from app.access.endpoints import optional_actor
from app.access.policy import Role
from app.kernel.discretion import About, scan
from app.kernel.errors import Invalid
from app.kernel.identifiers import parse_phone
from app.web.wording import topics

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def clean(value: str | None) -> str | None:
    """Composed accents, no control or direction-changing signs, no spaces around."""
    if value is None:
        return None
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", value)).replace("\r\n", "\n").strip()


def one_line(value: str | None) -> str | None:
    """As `clean`, with every run of spaces and line ends made one space."""
    cleaned = clean(value)
    return None if cleaned is None else re.sub(r"\s+", " ", cleaned)


class Required(validators.InputRequired):  # type: ignore[misc]  # WTForms ships no types
    """Something was sent, and it is not only spaces (which the filters of the field have removed by now)."""

    def __call__(self, form: Any, field: Any) -> None:
        super().__call__(form, field)
        if isinstance(field.data, str) and not field.data.strip():
            field.errors = []
            raise validators.StopValidation(self.message or field.gettext("This field is required."))


def required(message: str | None = None) -> Required:
    return Required(message or _l("Remplissez ce champ."))


def at_most(length: int) -> Callable[..., None]:
    """Refuse a longer text, saying by how much, and keep what was typed."""

    def check(_form: Any, field: Any) -> None:
        size = len(field.data or "")
        if size > length:
            raise validators.ValidationError(
                str(
                    _l(
                        "Ce texte est trop long : %(size)s caractères, %(limit)s au plus.",
                        size=size,
                        limit=length,
                    )
                )
            )

    return check


def email() -> validators.Email:
    return validators.Email(_l("Cette adresse n’est pas complète. Exemple : prenom.nom@exemple.fr."))


def telephone() -> Callable[..., None]:
    """Refuse what is no telephone number; an empty field is fine."""

    def check(_form: Any, field: Any) -> None:
        if field.data and parse_phone(field.data) is None:
            raise validators.ValidationError(str(_l("Ce numéro n’est pas complet. Exemple : 03 21 00 00 00.")))

    return check


class Discreet:
    """Ask once about words on health, religion or opinions in a free text about somebody; the writer may keep them.

    The field then carries `reread`: the name of the box which `components/form.html` draws under it, and whether it is
    ticked. What was found is not stored.
    """

    def __init__(self, about: About = About.PERSON) -> None:
        self.about = about

    def __call__(self, _form: Any, field: Any) -> None:
        found = scan(field.data or "", about=self.about)
        if not found.private:
            return
        box = f"{field.name}-reread"
        field.reread = (box, request.form.get(box) == "y")
        if not field.reread[1]:
            raise validators.ValidationError(self._question(topics(found), ", ".join(found.private)))

    def _question(self, about: str, words: str) -> str:
        actor = optional_actor()
        if actor is not None and actor.role is Role.STUDENT:
            return _to_student(about, words)
        return _(
            "Votre texte parle peut-être %(topics)s (%(words)s). Personne n’a besoin de le savoir ici : retirez-le "
            "s’il s’agit de quelqu’un.",
            topics=about,
            words=words,
        )


def _to_student(about: str, words: str) -> str:
    return _(
        "Ton texte parle peut-être %(topics)s (%(words)s). Personne n’a besoin de le savoir ici : enlève-le s’il "
        "s’agit de toi ou de quelqu’un.",
        topics=about,
        words=words,
    )


def discreet(about: About = About.PERSON) -> Discreet:
    """The validator of a free text about a person."""
    return Discreet(about)


NO_DATE = _l("Choisissez une date du calendrier.")


class FrenchDateField(DateField):  # type: ignore[misc]  # WTForms ships no types
    """A day; what is no day is refused in French."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not any(valuelist):
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(NO_DATE)) from error


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form whose CSRF refusal is answered by the site, not by a field."""

    def take(self, error: Invalid) -> None:
        """Put a service's refusal beside the fields it names; what has no field goes to the top."""
        for name, sentence in error.fields.items():
            field = self._fields.get(name)
            if field is not None and sentence:
                field.errors = [*field.errors, sentence]
        if not any(name in self._fields for name in error.fields):
            self.form_errors.append(error.message)
