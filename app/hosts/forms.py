"""Forms of structures. They turn what was typed into the value objects of `rules.py`, which say what is wrong."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
    validators,
)

from app.campaigns.models import Commune, Territory
from app.hosts.kinds import EssFamily, HostKind
from app.hosts.models import HostOrganization, HostSite
from app.hosts.queries import Filter
from app.hosts.rules import FAMILIES, FOR_AGREEMENTS, KINDS, LEGAL_FORMS, Contact, Identity, Place, Registration
from app.hosts.states import LABELS, HostState
from app.kernel.errors import Invalid
from app.web.forms import Form, at_most, clean, discreet, email, one_line, required

Choices = list[tuple[str, str]]


def _choose(options: Mapping[Any, Any], first: str | None = None) -> Choices:
    listed = [(str(key.value if hasattr(key, "value") else key), str(label)) for key, label in options.items()]
    return [("", first), *listed] if first is not None else listed


def _whole_number(text: str | None) -> int | None:
    """The number, None for an empty text. Raises ValueError for anything else."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError(text)
    return int(text)


def _decimal(text: str | None) -> float | None:
    return float(text.replace(",", ".")) if text else None


def _is_number(_form: Form, field: StringField) -> None:
    try:
        value = _decimal(field.data)
    except ValueError:
        value = float("nan")
    if value is not None and not abs(value) <= 180:
        raise validators.ValidationError(_("Écrivez un nombre comme 50,4092, ou laissez vide."))


class _WithChoices(Form):
    """Selects and radios answer in French when the choice is not in the list."""

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        for field in self:
            if isinstance(field, SelectField) and field.errors:
                field.errors = [_("Choisissez une réponse de la liste.")]
        return valid


class _IdentityPart(_WithChoices):
    name = StringField(
        _l("Nom de la structure"),
        [required(_l("Écrivez le nom de la structure.")), at_most(160)],
        filters=[one_line],
    )
    kind = SelectField(_l("Genre de structure"))
    family = SelectField(_l("Famille de l’économie sociale et solidaire"))
    legal_form = SelectField(_l("Forme juridique"))
    ess_sentence = TextAreaField(
        _l("Une phrase sur ce qui fait de vous une structure de l’ESS"),
        [required(_l("Écrivez une phrase, même courte : les élèves la liront.")), at_most(300)],
        filters=[one_line],
    )

    def offer_choices(self) -> None:
        self.kind.choices = _choose(KINDS, _("Choisir…"))
        self.family.choices = _choose(FAMILIES, _("Choisir…"))
        self.legal_form.choices = _choose({code: label for code, (label, _f) in LEGAL_FORMS.items()}, _("Choisir…"))

    def _identity(self, **more: Any) -> Identity:
        return Identity(
            name=self.name.data or "",
            kind=HostKind(self.kind.data) if self.kind.data else None,
            family=EssFamily(self.family.data) if self.family.data else None,
            legal_form=self.legal_form.data or "",
            ess_sentence=self.ess_sentence.data or "",
            **more,
        )


class _PlacePart(Form):
    siret = StringField(_l("SIRET du lieu"), [required(_l("Écrivez le SIRET.")), at_most(40)], filters=[one_line])
    address = StringField(
        _l("Adresse"), [required(_l("Écrivez l’adresse : le numéro et la rue.")), at_most(200)], filters=[one_line]
    )
    commune_id = SelectField(_l("Commune"), validate_choice=False)
    lat = StringField(_l("Latitude"), [validators.Optional(), at_most(20), _is_number], filters=[one_line])
    lon = StringField(_l("Longitude"), [validators.Optional(), at_most(20), _is_number], filters=[one_line])

    def offer_communes(self, communes: Iterable[Commune]) -> None:
        self.commune_id.choices = [("", _("Choisir…")), *((str(c.id), c.name) for c in communes)]

    def _place(self, **more: Any) -> Place:
        try:
            commune_id = _whole_number(self.commune_id.data)
        except ValueError:
            commune_id = None
        return Place(
            siret=self.siret.data or "",
            address=self.address.data or "",
            commune_id=commune_id,
            lat=_decimal(self.lat.data),
            lon=_decimal(self.lon.data),
            **more,
        )


class RegistrationForm(_IdentityPart, _PlacePart):
    phone = StringField(
        _l("Téléphone"),
        [required(_l("Écrivez un numéro où l’on peut vous joindre.")), at_most(30)],
        filters=[one_line],
    )
    contact_name = StringField(
        _l("Votre prénom et votre nom"),
        [required(_l("Écrivez votre prénom et votre nom.")), at_most(160)],
        filters=[one_line],
    )
    job_title = StringField(
        _l("Votre fonction"),
        [required(_l("Écrivez votre fonction. Exemple : directrice.")), at_most(120)],
        filters=[one_line],
    )
    email = EmailField(
        _l("Votre adresse e-mail"),
        [required(_l("Écrivez votre adresse e-mail.")), at_most(254), email()],
        filters=[one_line],
    )
    password = PasswordField(_l("Mot de passe"), [validators.Optional(), at_most(200)])
    request_key = HiddenField(validators=[validators.Length(max=40)])

    @classmethod
    def over(cls, territories: list[Territory]) -> RegistrationForm:
        """The form for these territories; with several, communes are grouped by territory."""
        form = cls()
        form.offer_choices()
        if len(territories) == 1:
            form.offer_communes(territories[0].communes)
        else:
            groups: dict[str, Any] = {"": [("", _("Choisir…"))]}
            for territory in territories:
                groups[territory.name] = [(str(c.id), c.name) for c in territory.communes]
            form.commune_id.choices = groups
        if not form.request_key.data:
            form.request_key.data = secrets.token_urlsafe(20)
        return form

    def to_draft(self) -> Registration:
        return Registration(
            identity=self._identity(
                phone=self.phone.data or "",
                representative_name=(self.contact_name.data or "")[:120],
                representative_role=self.job_title.data or "",
                representative_email=self.email.data or "",
            ),
            place=self._place(name=""),
            contact=Contact(
                name=self.contact_name.data or "",
                email=self.email.data or "",
                job_title=self.job_title.data or "",
                password=self.password.data or "",
            ),
            request_key=self.request_key.data or "",
        )


class IdentityForm(_IdentityPart):
    mission = TextAreaField(_l("Ce que fait la structure"), [at_most(1000)], filters=[clean])
    employees = StringField(_l("Nombre de salariés"), [validators.Optional(), at_most(9)], filters=[one_line])
    phone = StringField(_l("Téléphone de la structure"), [at_most(30)], filters=[one_line])
    representative_name = StringField(_l("Qui signe les conventions"), [at_most(120)], filters=[one_line])
    representative_role = StringField(_l("Sa fonction"), [at_most(120)], filters=[one_line])
    representative_email = EmailField(
        _l("Son adresse e-mail"), [validators.Optional(), at_most(254), email()], filters=[one_line]
    )
    insurer = StringField(_l("Votre assureur en responsabilité civile"), [at_most(120)], filters=[one_line])
    insurance_policy = StringField(_l("Numéro du contrat d’assurance"), [at_most(60)], filters=[one_line])
    serves_alcohol = BooleanField(_l("Nous servons de l’alcool à consommer sur place"))

    @classmethod
    def over(cls, organization: HostOrganization) -> IdentityForm:
        """The form filled with what the structure says now."""
        form = cls(
            data={
                "name": organization.name,
                "kind": organization.kind.value,
                "family": organization.family.value,
                "legal_form": organization.legal_form,
                "ess_sentence": organization.ess_sentence,
                "mission": organization.mission,
                "employees": "" if organization.employees is None else str(organization.employees),
                "phone": organization.phone,
                "serves_alcohol": organization.serves_alcohol,
                **{name: getattr(organization, name) for name in FOR_AGREEMENTS},
            }
        )
        form.offer_choices()
        if organization.legal_form not in LEGAL_FORMS:
            form.legal_form.choices.append((organization.legal_form, organization.legal_form))
        return form

    def validate_employees(self, field: StringField) -> None:
        try:
            _whole_number(field.data)
        except ValueError:
            raise validators.ValidationError(_("Écrivez un nombre entier, par exemple 12.")) from None

    def to_draft(self) -> Identity:
        return self._identity(
            mission=self.mission.data or "",
            employees=_whole_number(self.employees.data),
            phone=self.phone.data or "",
            serves_alcohol=bool(self.serves_alcohol.data),
            **{name: self[name].data or "" for name in FOR_AGREEMENTS},
        )


class SiteForm(_PlacePart):
    name = StringField(
        _l("Nom du lieu"),
        [required(_l("Donnez un nom à ce lieu. Exemple : Atelier.")), at_most(160)],
        filters=[one_line],
    )
    access = StringField(_l("Comment venir"), [at_most(300)], filters=[one_line])

    @classmethod
    def over(cls, communes: list[Commune], site: HostSite | None = None) -> SiteForm:
        """An empty form, or one filled with a site's present values."""
        form = cls(
            data={
                "siret": site.siret,
                "name": site.name,
                "address": site.address,
                "commune_id": str(site.commune_id or ""),
                "lat": f"{site.lat:.5f}" if site.lat is not None else "",
                "lon": f"{site.lon:.5f}" if site.lon is not None else "",
                "access": site.access,
            }
            if site
            else {}
        )
        form.offer_communes(communes)
        return form

    def to_draft(self) -> Place:
        return self._place(name=self.name.data or "", access=self.access.data or "")


class ReasonForm(Form):
    """An action of a state table, with its reason when the table asks for one."""

    action = HiddenField()
    reason = TextAreaField(_l("La raison"), [discreet()], filters=[clean])

    @classmethod
    def refused(cls, error: Invalid) -> ReasonForm:
        form = cls()
        form.reason.errors = [*form.reason.errors, error.fields.get("reason", error.message)]
        return form


def filter_of(arguments: Mapping[str, str]) -> Filter:
    """What the address asks for; whatever makes no sense is left out."""
    state, kind = arguments.get("etat", ""), arguments.get("genre", "")
    commune = arguments.get("commune", "")
    return Filter(
        words=(one_line(arguments.get("q")) or "")[:80],
        state=HostState(state) if state in set(HostState) else None,
        kind=HostKind(kind) if kind in set(HostKind) else None,
        commune_id=int(commune) if commune.isascii() and commune.isdigit() and len(commune) < 10 else None,
    )


def state_choices() -> Choices:
    return [(state.value, str(label)) for state, (label, _tone) in LABELS.items()]
