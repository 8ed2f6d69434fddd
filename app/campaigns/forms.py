"""Forms of territories, campaigns and phases."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    EmailField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)

from app.campaigns.rules import LEVELS, CampaignDraft, CommuneDraft, TerritoryDraft, parse_communes
from app.web.forms import NO_DATE, Form, FrenchDateField, at_most, discreet, email, one_line, required


def _monday(value: str | date) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


class TerritoryForm(Form):
    name = StringField(_l("Nom du territoire"), [required(), at_most(120)], filters=[one_line])
    operator = StringField(_l("Association qui coordonne"), [required(), at_most(160)], filters=[one_line])
    contact_email = EmailField(_l("Adresse e-mail de contact"), [required(), at_most(254), email()], filters=[one_line])
    contact_phone = StringField(_l("Téléphone de contact"), [at_most(30)], filters=[one_line])
    communes = TextAreaField(_l("Communes"), [required(), at_most(60000)])

    def validate_communes(self, field: Any) -> None:
        _found, problems = parse_communes(field.data or "")
        if problems:
            raise validators.ValidationError(
                " ".join(str(_l("Ligne %(n)s : %(sentence)s", n=n, sentence=sentence)) for n, sentence in problems[:5])
            )

    def to_draft(self) -> tuple[TerritoryDraft, list[CommuneDraft]]:
        return (
            TerritoryDraft(self.name.data, self.operator.data, self.contact_email.data, self.contact_phone.data or ""),
            parse_communes(self.communes.data)[0],
        )


class CampaignForm(Form):
    name = StringField(_l("Nom de la campagne"), [required(), at_most(120)], filters=[one_line])
    levels = SelectMultipleField(
        _l("Niveaux concernés"), [required(_l("Choisissez au moins un niveau."))], choices=[(v, v) for v in LEVELS]
    )
    max_wishes = IntegerField(
        _l("Nombre de vœux par élève, au plus"),
        [required(), validators.NumberRange(1, 20, _l("Choisissez un nombre entre 1 et 20."))],
        default=6,
    )
    offers_open_on = FrenchDateField(_l("Début de la collecte des offres"), [required(NO_DATE)])
    wishes_open_on = FrenchDateField(_l("Ouverture des vœux"), [required(NO_DATE)])
    wishes_close_on = FrenchDateField(_l("Dernier jour pour les vœux"), [required(NO_DATE)])
    publish_on = FrenchDateField(_l("Publication prévue"), [required(NO_DATE)])
    mondays = SelectMultipleField(
        _l("Semaines de stage"), [required(_l("Choisissez au moins une semaine de stage."))], coerce=_monday
    )
    school_year = SelectField(_l("Année scolaire"), [required()])

    def to_draft(self) -> CampaignDraft:
        return CampaignDraft(
            name=self.name.data,
            school_year=self.school_year.data,
            levels=tuple(level for level in LEVELS if level in self.levels.data),
            max_wishes=self.max_wishes.data,
            offers_open_on=self.offers_open_on.data,
            wishes_open_on=self.wishes_open_on.data,
            wishes_close_on=self.wishes_close_on.data,
            publish_on=self.publish_on.data,
            mondays=tuple(sorted(self.mondays.data)),
        )


class PhaseForm(Form):
    action = HiddenField(validators=[required(), at_most(40)])
    reason = StringField(_l("Pourquoi"), [at_most(500), discreet()], filters=[one_line])
