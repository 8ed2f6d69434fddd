"""Forms of sign-in and invitations."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, StringField

from app.access.policy import Role
from app.web.forms import Form, at_most, email, one_line, required

ROLE_LABELS = {
    Role.COORDINATOR: _l("Coordination"),
    Role.TEACHER: _l("Professeur"),
    Role.HEAD: _l("Direction de collège"),
    Role.HOST: _l("Structure d’accueil"),
    Role.OBSERVER: _l("Financeur, chiffres seulement"),
    Role.ADMIN: _l("Administration du site"),
}


class CardForm(Form):
    class_code = StringField(_l("Code de la classe"), [required(_l("Écris le code de la classe.")), at_most(40)])
    personal_code = StringField(_l("Ton code personnel"), [required(_l("Écris ton code personnel.")), at_most(40)])


class PasswordSignInForm(Form):
    email = EmailField(_l("Adresse e-mail"), [required(), at_most(254)], filters=[one_line])
    password = PasswordField(_l("Mot de passe"), [required(_l("Écrivez votre mot de passe.")), at_most(200)])


class LinkForm(Form):
    email = EmailField(_l("Adresse e-mail"), [required(), at_most(254), email()], filters=[one_line])


class NewPasswordForm(Form):
    password = PasswordField(_l("Nouveau mot de passe"), [required(_l("Choisissez un mot de passe.")), at_most(200)])


class OwnPasswordForm(Form):
    password = PasswordField(_l("Votre mot de passe"), [required(_l("Écrivez votre mot de passe.")), at_most(200)])


class CodeForm(Form):
    code = StringField(_l("Code"), [required(_l("Recopiez le code.")), at_most(40)], filters=[one_line])


class ReplaceForm(CodeForm):
    current = StringField(
        _l("Code de l’ancien téléphone, ou code de secours"),
        [required(_l("Recopiez un code de l’ancien téléphone, ou un code de secours.")), at_most(40)],
        filters=[one_line],
    )


class SignInCodeForm(CodeForm):
    trust = BooleanField(_l("Ne plus demander de code sur cet appareil pendant 30 jours"))


class InviteForm(Form):
    name = StringField(_l("Prénom et nom"), [required(), at_most(160)], filters=[one_line])
    email = EmailField(_l("Adresse e-mail"), [required(), at_most(254), email()], filters=[one_line])
    role = SelectField(_l("Rôle"), [required()])


class WayForm(Form):
    """How a lost access comes back: `send` a link to the address of the account, or `hand` one over."""

    way = HiddenField()
