"""What people send about their data: a request, an answer to it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField, validators
from wtforms.widgets import DateInput

from app.kernel import clock
from app.kernel.holdings import SubjectKind
from app.privacy.queries.people import Person
from app.privacy.rules import WORDS_LENGTH, Corrections, RequestDraft
from app.privacy.services.correcting import FIELDS
from app.privacy.states import Right
from app.web.forms import Form, FrenchDateField, at_most, clean, discreet, one_line, required

_KEY = validators.Regexp(r"^[\w:-]{1,40}$", message=_l("Rechargez la page."))


class AskForm(Form):
    """Asked of us by a person with an account, or by a family through its link."""

    request_key = HiddenField(validators=[_KEY], default=lambda: secrets.token_urlsafe(16))
    right = RadioField(_l("Votre demande"), validate_choice=True)
    words = TextAreaField(_l("Précisions"), [at_most(WORDS_LENGTH), discreet()], filters=[clean])

    @classmethod
    def offering(cls, choices: list[tuple[str, str]]) -> AskForm:
        form = cls()
        form.right.choices = choices
        return form

    def to_draft(
        self,
        kind: SubjectKind,
        subject_id: int,
        asked_by: str,
        *,
        user_id: int | None = None,
        guardian_id: int | None = None,
        how: str = "page",
    ) -> RequestDraft:
        return RequestDraft(
            right=Right(self.right.data),
            subject_kind=kind,
            subject_id=subject_id,
            words=self.words.data or "",
            request_key=self.request_key.data or "",
            asked_by=asked_by,
            user_id=user_id,
            guardian_id=guardian_id,
            how=how,
        )


class LetterForm(AskForm):
    """A request that came by letter, by telephone or at the desk, written down by the coordination."""

    person = RadioField(_l("Qui est-ce ?"), validate_choice=True)
    received_on = FrenchDateField(_l("Arrivée le"), [required()], default=clock.today)

    @classmethod
    def about(cls, people: list[Person], rights: list[tuple[str, str]], kinds: Mapping[SubjectKind, str]) -> LetterForm:
        form = cls()
        form.right.choices = rights
        form.person.choices = [(each.key, f"{each.name} ({kinds[each.kind]}, {each.where})") for each in people]
        return form

    def to_letter(self, people: list[Person]) -> RequestDraft:
        chosen = next(each for each in people if each.key == self.person.data)
        draft = self.to_draft(chosen.kind, chosen.id, chosen.name, how="letter")
        return replace(draft, received_on=self.received_on.data)


class AnswerForm(Form):
    """The coordination's answer, with the corrections when that is what was asked."""

    words = TextAreaField(_l("Votre réponse"), [at_most(WORDS_LENGTH), discreet()], filters=[clean])
    first_name = StringField(_l("Prénom"), [at_most(80)], filters=[one_line])
    last_name = StringField(_l("Nom"), [at_most(80)], filters=[one_line])
    birth_date = StringField(_l("Date de naissance"), [at_most(10)], filters=[one_line], widget=DateInput())
    name = StringField(_l("Nom"), [at_most(160)], filters=[one_line])
    email = StringField(_l("Adresse e-mail"), [at_most(254)], filters=[one_line])
    phone = StringField(_l("Téléphone"), [at_most(30)], filters=[one_line])
    display_name = StringField(_l("Nom affiché"), [at_most(160)], filters=[one_line])

    def to_corrections(self, kind: SubjectKind) -> Corrections:
        """Only the fields that this kind of person has, and that were sent."""
        return Corrections({name: self[name].data for name in FIELDS[kind] if self[name].raw_data})
