"""What a coordinator types: the parameters of a run, a reason, another place."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from app.allocation.models import Motive
from app.allocation.rules import MAX_PER_CLASS, MAX_SEED, Objective, Parameters
from app.web.forms import Form, at_most, clean, discreet, required


class RunForm(Form):
    objective = RadioField(
        _l("Ce que le calcul cherche, une fois le plus d’élèves possible placés"),
        choices=[
            (Objective.BALANCED.value, _l("Un bon équilibre entre les vœux et ce que les élèves ont dit aimer")),
            (Objective.FIRST_WISHES.value, _l("Le plus de premiers vœux, puis de deuxièmes, et ainsi de suite")),
            (Objective.FEW_LAST_WISHES.value, _l("Le moins possible de derniers vœux")),
        ],
        default=Objective.BALANCED.value,
    )
    stable = BooleanField(_l("Garder les places du dernier calcul quand c’est possible"), default=True)
    fair = BooleanField(_l("Veiller à ce qu’aucun collège ne soit laissé de côté"), default=True)
    max_per_class = IntegerField(
        _l("Élèves d’une même classe au même endroit, au plus"),
        [
            Optional(),
            NumberRange(1, MAX_PER_CLASS, _l("Entrez un nombre de 1 à %(n)s, ou laissez vide.", n=MAX_PER_CLASS)),
        ],
    )
    seed = IntegerField(
        _l("Numéro du tirage au sort"),
        [
            required(_l("Entrez un nombre entier.")),
            NumberRange(0, MAX_SEED, _l("Le numéro de tirage va de 0 à %(n)s.", n=MAX_SEED)),
        ],
        default=lambda: secrets.randbelow(MAX_SEED + 1),
    )
    request_key = HiddenField(validators=[required(), Length(8, 64)], default=lambda: secrets.token_hex(16))

    def to_draft(self) -> Parameters:
        return Parameters(
            objective=Objective(self.objective.data),
            stable=bool(self.stable.data),
            fair_between_schools=bool(self.fair.data),
            max_per_class=self.max_per_class.data,
            seed=int(self.seed.data or 0),
        )


class ReasonForm(Form):
    reason = TextAreaField(_l("Pourquoi"), filters=[clean], validators=[at_most(500), discreet()])


class DecisionForm(ReasonForm):
    """A decision about a proposal. The motive counts when it is refused."""

    motive = SelectField(
        _l("Si vous refusez, c’est surtout"),
        choices=[
            ("", _l("Pour une autre raison")),
            (Motive.INTEREST.value, _l("Parce que l’offre ne ressemble pas à l’élève")),
            (Motive.CONDITIONS.value, _l("Pour les conditions de travail")),
            (Motive.PUPIL_SAYS_NO.value, _l("Parce que l’élève n’en veut pas")),
            (Motive.DISTANCE.value, _l("Pour le trajet")),
            (Motive.DATES.value, _l("Pour les dates")),
            (Motive.HOST.value, _l("À cause de la structure")),
        ],
        validators=[Optional()],
    )

    def chosen_motive(self) -> Motive | None:
        return Motive(self.motive.data) if self.motive.data else None


class PlaceForm(ReasonForm):
    """Another slot for a student."""

    slot_id = RadioField(
        _l("La nouvelle place"), coerce=int, choices=[], validators=[required(_l("Choisissez une place."))]
    )


class SwapForm(ReasonForm):
    """Another student to exchange with."""

    other_id = RadioField(
        _l("Échanger avec"), coerce=int, choices=[], validators=[required(_l("Choisissez un élève."))]
    )
