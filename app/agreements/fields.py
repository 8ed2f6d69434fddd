"""What an agreement must say, part by part: one row a field, who fills it, and the sentence when it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.access.policy import Role
from app.agreements.states import PartyRole


class Part(StrEnum):
    """A part is completed by one party, and by no other."""

    SCHOOL = "school"
    PEDAGOGY = "pedagogy"
    HOST = "host"  # one a stop of the itinerary: "host:12"
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Field:
    """`missing` is empty for a field that may stay blank; `kind` is text, email, phone, siret, date or choice."""

    name: str
    label: str
    missing: str = ""
    kind: str = "text"
    limit: int = 160
    rows: int = 1
    choices: tuple[tuple[str, str], ...] = ()
    free_text: bool = False  # read for words on health before it is kept (DATA-1)


AWAY_FROM_BAR = "away"  # a minor may be received by who serves alcohol, never at the bar (CT L4153-6)

STATUSES: tuple[tuple[str, str], ...] = (
    ("public", _l("public")),
    ("contract", _l("privé sous contrat")),
    ("independent", _l("privé hors contrat")),
)

_FAMILY_ROWS = (
    Field("guardian_name", _l("Représentant légal"), _l("Le nom du représentant légal manque.")),
    Field("guardian_email", _l("Son adresse électronique"), "", "email", 254),
    Field("guardian_phone", _l("Son téléphone"), "", "phone", 30),
    Field("second_name", _l("Second représentant légal")),
    Field("second_email", _l("Son adresse électronique"), "", "email", 254),
    Field("second_phone", _l("Son téléphone"), "", "phone", 30),
    Field("insurer", _l("Assureur de la famille (responsabilité civile)"), "", limit=120),
    Field("insurance_policy", _l("Numéro du contrat"), "", limit=60),
)

FIELDS: dict[Part, tuple[Field, ...]] = {
    Part.SCHOOL: (
        Field("name", _l("Nom de l’établissement"), _l("Le nom de l’établissement manque.")),
        Field("address", _l("Adresse de l’établissement"), _l("L’adresse de l’établissement manque."), limit=200),
        Field("status", _l("Statut"), _l("Le statut de l’établissement manque."), "choice", choices=STATUSES),
        Field("head_name", _l("Chef d’établissement"), _l("Le nom du chef d’établissement manque.")),
        Field(
            "email", _l("Adresse électronique"), _l("L’adresse électronique de l’établissement manque."), "email", 254
        ),
        Field("phone", _l("Téléphone"), _l("Le téléphone de l’établissement manque."), "phone", 30),
        Field(
            "board_approval_on",
            _l("Date du vote du conseil d’administration sur la convention type"),
            _l("La date du vote du conseil d’administration manque : elle est demandée à un établissement public."),
            "date",
        ),
        Field("birth_date", _l("Date de naissance de l’élève"), _l("La date de naissance de l’élève manque."), "date"),
        Field("teacher_name", _l("Professeur référent"), _l("Le nom du professeur référent manque.")),
        Field(
            "teacher_email",
            _l("Son adresse électronique"),
            _l("L’adresse du professeur référent manque."),
            "email",
            254,
        ),
        Field("teacher_phone", _l("Son téléphone"), _l("Le téléphone du professeur référent manque."), "phone", 30),
    ),
    Part.PEDAGOGY: (
        Field(
            "objectives",
            _l("Objectifs de la séquence"),
            _l("Les objectifs de la séquence manquent."),
            limit=1500,
            rows=5,
            free_text=True,
        ),
        Field("skills", _l("Compétences observées"), limit=600, rows=3, free_text=True),
        Field(
            "supervision",
            _l("Suivi par l’établissement"),
            _l("Le suivi pendant le stage manque : visite ou appel, et quand."),
            limit=600,
            rows=3,
            free_text=True,
        ),
        Field(
            "assessment",
            _l("Restitution et évaluation"),
            _l("La restitution manque : rapport, oral, attestation."),
            limit=600,
            rows=3,
            free_text=True,
        ),
    ),
    Part.HOST: (
        Field("name", _l("Nom de la structure"), _l("Le nom de la structure manque.")),
        Field("siret", _l("SIRET du lieu d’accueil"), _l("Le SIRET du lieu d’accueil manque."), "siret", 20),
        Field("headquarters", _l("Adresse du siège"), _l("L’adresse du siège manque."), limit=240),
        Field("place", _l("Lieu du stage"), _l("L’adresse du lieu du stage manque."), limit=240),
        Field(
            "representative_name",
            _l("Qui signe pour la structure"),
            _l("Le nom de la personne qui signe pour la structure manque."),
        ),
        Field("representative_role", _l("Sa fonction"), _l("La fonction de la personne qui signe manque."), limit=120),
        Field(
            "representative_email",
            _l("Son adresse électronique"),
            _l("L’adresse de la personne qui signe manque : le lien de signature y est envoyé."),
            "email",
            254,
        ),
        Field("phone", _l("Téléphone de la structure"), "", "phone", 30),
        Field("tutor_name", _l("Tuteur"), _l("Le nom du tuteur manque.")),
        Field("tutor_role", _l("Fonction du tuteur"), _l("La fonction du tuteur manque."), limit=120),
        Field("tutor_email", _l("Adresse électronique du tuteur"), "", "email", 254),
        Field("tutor_phone", _l("Téléphone du tuteur"), "", "phone", 30),
        Field(
            "activities",
            _l("Activités prévues"),
            _l("Les activités prévues manquent : ce que l’élève voit et essaie, jour après jour si possible."),
            limit=1500,
            rows=6,
            free_text=True,
        ),
        Field("lunch", _l("Repas de midi"), _l("Le repas de midi manque : où, et qui paie."), limit=300, rows=2),
        Field("transport", _l("Trajets"), _l("Les trajets manquent : à la charge de qui."), limit=300, rows=2),
        Field(
            "bar",
            _l("Le bar de la structure"),
            _l("La structure sert de l’alcool sur place : elle s’engage à ne pas affecter l’élève au bar."),
            "choice",
            choices=((AWAY_FROM_BAR, _l("L’élève ne sera pas affecté au bar.")),),
        ),
        Field("insurer", _l("Assureur de la structure"), "", limit=120),
        Field("insurance_policy", _l("Numéro du contrat"), "", limit=60),
    ),
    Part.FAMILY: _FAMILY_ROWS,
}

NO_WAY_TO_REACH_FAMILY = _l("Il manque un moyen de joindre la famille : une adresse électronique ou un téléphone.")
NO_WAY_TO_REACH_TUTOR = _l("Il manque un moyen de joindre le tuteur : une adresse électronique ou un téléphone.")
NO_HOURS = _l("Les horaires manquent.")

# Read from the register of the rooms below and shown in the form, never typed there.
READ_ONLY: dict[Part, frozenset[str]] = {
    Part.SCHOOL: frozenset({"name"}),
    Part.PEDAGOGY: frozenset(),
    Part.HOST: frozenset({"name"}),
    Part.FAMILY: frozenset({"guardian_name"}),
}

# Who fills a part, in the order in which one thinks of them; the coordination writes what a structure says by phone.
FILLED_BY: dict[Part, tuple[PartyRole, ...]] = {
    Part.SCHOOL: (PartyRole.HEAD, PartyRole.TEACHER),
    Part.PEDAGOGY: (PartyRole.TEACHER, PartyRole.HEAD),
    Part.HOST: (PartyRole.HOST,),
    Part.FAMILY: (PartyRole.GUARDIAN,),
}
ROLES: dict[Part, frozenset[Role]] = {
    Part.SCHOOL: frozenset({Role.HEAD, Role.TEACHER}),
    Part.PEDAGOGY: frozenset({Role.HEAD, Role.TEACHER}),
    Part.HOST: frozenset({Role.HOST, Role.COORDINATOR}),
    Part.FAMILY: frozenset({Role.GUARDIAN}),
}

TITLES: dict[Part, str] = {
    Part.SCHOOL: _l("Établissement"),
    Part.PEDAGOGY: _l("Annexe pédagogique"),
    Part.HOST: _l("Structure d’accueil"),
    Part.FAMILY: _l("Famille"),
}


def split(key: str) -> tuple[Part, int | None]:
    """("host", 12) of "host:12", ("school", None) of "school"; raises `ValueError` on anything else."""
    name, colon, number = key.partition(":")
    part = Part(name)
    if (part is Part.HOST) != bool(colon):
        raise ValueError(key)
    if not colon:
        return part, None
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise ValueError(key)
    return part, int(number)


def field(part: Part, name: str) -> Field:
    """The row of a field; raises `KeyError`."""
    return {row.name: row for row in FIELDS[part]}[name]
