"""Forms of the stage: a visit or a call, its note, the circumstances of an accident."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import Optional

from app.accounts.models import User
from app.kernel.discretion import About
from app.placements.stage_rules import MAX_CIRCUMSTANCES, MAX_NOTE, Facts, FollowUpDraft
from app.placements.stage_states import KINDS, FollowUpKind
from app.web.forms import NO_DATE, Form, FrenchDateField, at_most, clean, discreet, one_line, required


class FollowUpForm(Form):
    """Who goes or calls, and when."""

    kind = RadioField(
        _l("Une visite ou un appel ?"),
        choices=[(kind.value, label) for kind, label in KINDS.items()],
        default=FollowUpKind.VISIT.value,
        validators=[required(_l("Choisissez une visite ou un appel."))],
    )
    user_id = SelectField(_l("Qui s’en charge ?"), coerce=int, validators=[required(_l("Choisissez quelqu’un."))])
    planned_on = FrenchDateField(_l("Quel jour ?"), [required(NO_DATE)])

    def offer_people(self, people: list[User]) -> None:
        self.user_id.choices = [(person.id, person.display_name) for person in people]

    def to_draft(self) -> FollowUpDraft:
        return FollowUpDraft(self.kind.data, self.user_id.data, self.planned_on.data)


class NoteForm(Form):
    note = TextAreaField(_l("Ce qu’il faut en garder"), [at_most(MAX_NOTE), discreet(About.STAGE)], filters=[clean])


class AlertForm(Form):
    """One tap: the key makes of two taps one accident."""

    request_key = HiddenField(validators=[required(), at_most(40)])


class FactsForm(Form):
    """The facts, as the declaration asks for them; what a doctor says is written by hand on the paper."""

    happened_on = FrenchDateField(_l("Quel jour ?"), [required(NO_DATE)])
    happened_at = TimeField(_l("À quelle heure ?"), [Optional()])
    place = StringField(_l("Où exactement ?"), [required(), at_most(200)], filters=[one_line])
    circumstances = TextAreaField(_l("Que s’est-il passé ?"), [required(), at_most(MAX_CIRCUMSTANCES)], filters=[clean])
    present = StringField(_l("Quel adulte était présent ?"), [required(), at_most(200)], filters=[one_line])
    witnesses = StringField(_l("Qui d’autre a vu ?"), [at_most(300)], filters=[one_line])

    def to_facts(self) -> Facts:
        return Facts(
            happened_on=self.happened_on.data,
            happened_at=self.happened_at.data,
            place=self.place.data,
            circumstances=self.circumstances.data,
            present=self.present.data,
            witnesses=self.witnesses.data or "",
        )
