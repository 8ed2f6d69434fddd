"""HTML forms of signatures, delegations and papers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)

from app.agreements.services.delegating import DelegationDraft
from app.kernel import clock
from app.web.forms import Form, at_most, clean, discreet, email, one_line, required


class ConsentForm(Form):
    """`seen` is the digest of what was on the screen: a document changed in between is never signed by surprise."""

    seen = StringField("", [at_most(64)])
    consent = BooleanField(_l("J’ai lu la convention. Je suis d’accord."))
    channel = RadioField(_l("Où envoyer le code ?"), validate_choice=False)

    def accepted(self) -> bool:
        """Whether the box is ticked; says what to do when it is not."""
        if self.consent.data:
            return True
        self.consent.errors = [*self.consent.errors, str(_l("Cochez cette case pour continuer."))]
        return False


class CodeForm(Form):
    code = StringField(
        _l("Code à six chiffres"), [required(_l("Recopiez le code du message.")), at_most(20)], filters=[one_line]
    )


class CardCodeForm(Form):
    """A student signs: the code of their card, typed again."""

    seen = StringField("", [at_most(64)])
    consent = BooleanField(_l("J’ai lu la convention. Je suis d’accord."))
    code = StringField(
        _l("Ton code personnel"), [required(_l("Recopie le code de ta carte.")), at_most(20)], filters=[one_line]
    )

    accepted = ConsentForm.accepted


class ReasonForm(Form):
    reason = TextAreaField(_l("Pourquoi"), [required(_l("Dites pourquoi.")), at_most(500), discreet()], filters=[clean])


class LostLinkForm(Form):
    email = EmailField(_l("Votre adresse e-mail"), [required(), at_most(254), email()], filters=[one_line])


class AddressForm(Form):
    email = EmailField(_l("Adresse e-mail"), [at_most(254)], filters=[one_line])
    phone = TelField(_l("Téléphone mobile"), [at_most(30)], filters=[one_line])

    def validate_email(self, field: EmailField) -> None:
        if field.data:
            email()(self, field)


class PaperForm(Form):
    files = MultipleFileField(_l("Photos ou fichier"))
    parties = SelectMultipleField(_l("Qui a signé ce papier ?"), coerce=int, validate_choice=False)
    mark = StringField(
        _l("Les huit premiers signes de l’empreinte"),
        [required(_l("Recopiez les signes imprimés en bas de la page.")), at_most(80)],
        filters=[one_line],
    )


class DelegationForm(Form):
    delegate = SelectField(_l("À qui"), [required(_l("Choisissez une personne."))], coerce=int, validate_choice=False)
    decided_on = DateField(_l("Date de votre décision écrite"), [required(_l("Donnez la date de la décision."))])
    first_day = DateField(_l("Premier jour"), [required(_l("Donnez le premier jour."))])
    last_day = DateField(_l("Dernier jour"), [required(_l("Donnez le dernier jour."))])

    def to_draft(self) -> DelegationDraft:
        today = clock.today()
        return DelegationDraft(
            delegate_user_id=self.delegate.data or 0,
            first_day=self.first_day.data or today,
            last_day=self.last_day.data or today,
            decided_on=self.decided_on.data or today,
        )
