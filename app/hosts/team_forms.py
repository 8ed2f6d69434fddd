"""Forms of a team: who is invited, what somebody is in it, the code of a paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, SelectMultipleField, StringField, validators

from app.hosts.models import HostMember, HostSite, MemberRole
from app.hosts.rules import Invited, Seat
from app.web.forms import Form, at_most, email, one_line, required

ROLE_WORDS = {MemberRole.OWNER: _l("Responsable"), MemberRole.TUTOR: _l("Tuteur")}
ROLE_HINTS = {
    MemberRole.OWNER: _l("La fiche, l’équipe, toutes les offres et tous les stagiaires."),
    MemberRole.TUTOR: _l("Les offres et les stagiaires de ses lieux, rien d’autre."),
}


class SeatForm(Form):
    role = RadioField(_l("Rôle"), [validators.InputRequired(_l("Choisissez un rôle."))], validate_choice=False)
    job_title = StringField(_l("Fonction"), [at_most(120)], filters=[one_line])
    site_ids = SelectMultipleField(_l("Lieux du tuteur"), validate_choice=False)

    @classmethod
    def over(cls, sites: Iterable[HostSite], member: HostMember | None = None) -> Self:
        """The form for these places, filled with what the member is now."""
        now = {}
        if member is not None:
            now = {
                "role": member.role.value,
                "job_title": member.job_title,
                "site_ids": [str(site.id) for site in member.sites],
            }
        form = cls(data=now)
        form.role.choices = [(role.value, label) for role, label in ROLE_WORDS.items()]
        form.site_ids.choices = [(str(site.id), f"{site.name}, {site.town}") for site in sites]
        return form

    def validate_role(self, field: RadioField) -> None:
        if field.data not in set(MemberRole):
            raise validators.ValidationError(_("Choisissez un rôle."))

    def to_seat(self) -> Seat:
        numbers = [text for text in self.site_ids.data or () if text.isascii() and text.isdigit() and len(text) < 10]
        return Seat(MemberRole(self.role.data), self.job_title.data or "", tuple(int(text) for text in numbers))


class InviteForm(SeatForm):
    name = StringField(
        _l("Prénom et nom"), [required(_l("Écrivez son prénom et son nom.")), at_most(160)], filters=[one_line]
    )
    email = EmailField(_l("Adresse e-mail"), [validators.Optional(), at_most(254), email()], filters=[one_line])

    def to_draft(self) -> Invited:
        return Invited(self.name.data or "", self.email.data or "", self.to_seat())


class PaperForm(Form):
    code = StringField(_l("Code du papier"), [required(_l("Recopiez le code.")), at_most(40)], filters=[one_line])
    email = EmailField(
        _l("Votre adresse e-mail"),
        [required(_l("Écrivez votre adresse e-mail.")), at_most(254), email()],
        filters=[one_line],
    )


class LeaveForm(Form):
    """Nothing to type: the button alone."""
