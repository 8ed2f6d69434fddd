"""Forms of placements: an answer, its reason, a code, a decision of the coordinator."""

from __future__ import annotations

import secrets
from datetime import date, time

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import AnyOf, Optional

from app.kernel.discretion import About
from app.placements.finds import FindDraft
from app.placements.rules import MAX_REASON
from app.placements.states import Answer, Medium
from app.web.forms import Form, at_most, clean, discreet, one_line, required

_DAYS = [
    ("mon", _l("lundi")),
    ("tue", _l("mardi")),
    ("wed", _l("mercredi")),
    ("thu", _l("jeudi")),
    ("fri", _l("vendredi")),
    ("sat", _l("samedi")),
]
_YES_OR_NO = AnyOf([Answer.YES.value, Answer.NO.value], _l("Choisissez une réponse."))


class AnswerForm(Form):
    """Yes or no. The button pressed is the answer; a no comes with its reason."""

    placement_id = IntegerField(validators=[Optional()])
    value = HiddenField(validators=[_YES_OR_NO])
    reason = TextAreaField(_l("La raison, en une phrase"), [at_most(MAX_REASON), discreet()], filters=[clean])
    gives_up = BooleanField(_l("Nous ne pouvons accueillir personne d’autre cette semaine-là"))

    @property
    def answer(self) -> Answer:
        return Answer(self.value.data)


class TypedAnswerForm(Form):
    """What a family or a structure said on paper or by telephone, typed by the staff."""

    value = RadioField(
        _l("Quelle est la réponse ?"),
        choices=[(Answer.YES.value, _l("Oui")), (Answer.NO.value, _l("Non"))],
        validators=[required(_l("Choisissez une réponse."))],
    )
    medium = RadioField(
        _l("Comment l’avez-vous reçue ?"),
        choices=[(Medium.PAPER.value, _l("Sur papier")), (Medium.PHONE.value, _l("Par téléphone"))],
        default=Medium.PAPER.value,
    )
    voice = RadioField(_l("De qui ?"), choices=[], default="0")
    reason = TextAreaField(_l("Si c’est non, la raison"), [at_most(MAX_REASON), discreet()], filters=[clean])


class ReasonForm(Form):
    """An act of the coordinator, with its reason."""

    reason = TextAreaField(_l("La raison"), [at_most(MAX_REASON), discreet()], filters=[clean])
    gives_up = BooleanField(_l("La structure n’a plus cette place pour personne"))
    keep = HiddenField()


class CodeForm(Form):
    code = StringField(_l("Le code du papier"), [required(_l("Recopiez le code.")), at_most(40)], filters=[one_line])


class FindForm(Form):
    """A student's own find, on one page; `tu` because most who fill it are students."""

    structure = StringField(
        _l("Nom de la structure"), [required(_l("Écris le nom de la structure.")), at_most(160)], filters=[one_line]
    )
    siret = StringField(_l("SIRET"), [at_most(40)], filters=[one_line])
    address = StringField(
        _l("Adresse"), [required(_l("Écris l’adresse : le numéro et la rue.")), at_most(200)], filters=[one_line]
    )
    commune_id = SelectField(_l("Commune"), validate_choice=False)
    postcode = StringField(_l("Code postal"), [at_most(10)], filters=[one_line])
    town = StringField(_l("Ville"), [at_most(80)], filters=[one_line])
    contact_name = StringField(
        _l("Qui t’accueille ?"),
        [required(_l("Écris le nom de la personne qui t’accueille.")), at_most(120)],
        filters=[one_line],
    )
    contact_phone = StringField(_l("Son téléphone"), [at_most(30)], filters=[one_line])
    contact_email = EmailField(_l("Son adresse e-mail"), [at_most(254)], filters=[one_line])
    monday = SelectField(_l("La semaine"), validate_choice=False)
    days = SelectMultipleField(_l("Les jours"), choices=_DAYS, default=[code for code, _label in _DAYS[:5]])
    starts_at = TimeField(_l("Arrivée"), [Optional()], default=time(9))
    lunch_starts_at = TimeField(_l("Début de la pause"), [Optional()], default=time(12))
    lunch_ends_at = TimeField(_l("Fin de la pause"), [Optional()], default=time(13))
    ends_at = TimeField(_l("Départ"), [Optional()], default=time(16))
    work = TextAreaField(
        _l("Ce que tu vas voir et faire"),
        [
            required(_l("Raconte en une phrase ou deux ce que tu vas voir et faire.")),
            at_most(1000),
            discreet(About.WISH),
        ],
        filters=[clean],
    )
    request_key = HiddenField(validators=[at_most(40)], default=lambda: secrets.token_urlsafe(12))

    def to_draft(self) -> FindDraft:
        return FindDraft(
            structure=self.structure.data or "",
            siret=self.siret.data or "",
            address=self.address.data or "",
            commune_id=_number(self.commune_id.data),
            postcode=(self.postcode.data or "").replace(" ", ""),
            town=self.town.data or "",
            contact_name=self.contact_name.data or "",
            contact_phone=self.contact_phone.data or "",
            contact_email=self.contact_email.data or "",
            monday=_date(self.monday.data),
            days=tuple(self.days.data or ()),
            starts_at=self.starts_at.data,
            lunch_starts_at=self.lunch_starts_at.data,
            lunch_ends_at=self.lunch_ends_at.data,
            ends_at=self.ends_at.data,
            work=self.work.data or "",
            request_key=self.request_key.data or "",
        )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
