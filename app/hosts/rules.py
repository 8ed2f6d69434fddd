"""What a structure is made of, and what a correct registration says. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.hosts.kinds import EssFamily, HostKind, MemberRole
from app.kernel.geography import Point, straight_km
from app.kernel.identifiers import parse_phone, parse_siret

_F, _K = EssFamily, HostKind

FAMILIES: dict[EssFamily, str] = {
    _F.ASSOCIATION: _l("Association"),
    _F.COOPERATIVE: _l("Coopérative"),
    _F.MUTUELLE: _l("Mutuelle"),
    _F.FONDATION: _l("Fondation"),
    _F.SOCIETE_COMMERCIALE: _l("Société commerciale de l’ESS"),
    _F.PUBLIC: _l("Structure publique (hors ESS)"),
    _F.OTHER: _l("Autre, hors de l’ESS"),
}

# One sentence a student understands, to start from: what makes this family part of the ESS.
EXAMPLES: dict[EssFamily, str] = {
    _F.ASSOCIATION: _l("Ici, personne ne garde les bénéfices pour soi : tout sert au projet de l’association."),
    _F.COOPERATIVE: _l("Ici, les salariés sont propriétaires de l’entreprise : chacun a une voix, le chef aussi."),
    _F.MUTUELLE: _l("Ici, chacun cotise pour tous, et les adhérents élisent ceux qui décident."),
    _F.FONDATION: _l("Ici, l’argent vient de dons et ne sert qu’à aider les autres."),
    _F.SOCIETE_COMMERCIALE: _l("Ici, on vend pour embaucher des personnes qui cherchaient du travail."),
    _F.PUBLIC: _l("Cette structure est publique. Elle travaille chaque jour avec des associations du quartier."),
    _F.OTHER: _l("Cette structure n’est pas de l’ESS. Elle ouvre sa porte à un élève qui l’a demandé."),
}

KINDS: dict[HostKind, str] = {
    _K.ASSOCIATION: _l("Association"),
    _K.ACI: _l("Atelier et chantier d’insertion (ACI)"),
    _K.EI: _l("Entreprise d’insertion (EI)"),
    _K.AI: _l("Association intermédiaire (AI)"),
    _K.ETTI: _l("Entreprise de travail temporaire d’insertion (ETTI)"),
    _K.ESAT: _l("Établissement et service d’accompagnement par le travail (ESAT)"),
    _K.ENTREPRISE_ADAPTEE: _l("Entreprise adaptée"),
    _K.GEIQ: _l("Groupement d’employeurs (GEIQ)"),
    _K.REGIE_QUARTIER: _l("Régie de quartier"),
    _K.RESSOURCERIE: _l("Ressourcerie, recyclerie"),
    _K.SCOP: _l("Société coopérative et participative (SCOP)"),
    _K.SCIC: _l("Société coopérative d’intérêt collectif (SCIC)"),
    _K.CAE: _l("Coopérative d’activité et d’emploi (CAE)"),
    _K.MUTUELLE: _l("Mutuelle"),
    _K.FONDATION: _l("Fondation"),
    _K.CENTRE_SOCIAL: _l("Centre social"),
    _K.MJC: _l("Maison des jeunes et de la culture (MJC)"),
    _K.TIERS_LIEU: _l("Tiers-lieu"),
    _K.EPICERIE_SOLIDAIRE: _l("Épicerie solidaire"),
    _K.CLUB_SPORTIF: _l("Club sportif"),
    _K.SAAD: _l("Aide à domicile"),
    _K.CRECHE: _l("Crèche"),
    _K.EHPAD: _l("Maison de retraite (EHPAD)"),
    _K.MEDICO_SOCIAL: _l("Établissement médico-social"),
    _K.MEDIA: _l("Média, communication"),
    _K.BANQUE_COOPERATIVE: _l("Banque coopérative"),
    _K.AUTRE: _l("Autre"),
}

OTHER_FORM = "0000"
_ANY = frozenset(EssFamily)
# INSEE's "catégories juridiques" (level III) met in the ESS, and the families each may belong to.
LEGAL_FORMS: dict[str, tuple[str, frozenset[EssFamily]]] = {
    "9220": (_l("Association déclarée (loi 1901)"), frozenset({_F.ASSOCIATION})),
    "9221": (_l("Association d’insertion par l’économique"), frozenset({_F.ASSOCIATION})),
    "9222": (_l("Association intermédiaire"), frozenset({_F.ASSOCIATION})),
    "9230": (_l("Association reconnue d’utilité publique"), frozenset({_F.ASSOCIATION})),
    "9300": (_l("Fondation"), frozenset({_F.FONDATION})),
    "8210": (_l("Mutuelle"), frozenset({_F.MUTUELLE})),
    "6411": (_l("Société d’assurance mutuelle"), frozenset({_F.MUTUELLE})),
    "5458": (_l("SARL coopérative de production (SCOP)"), frozenset({_F.COOPERATIVE})),
    "5558": (_l("SA coopérative de production (SCOP)"), frozenset({_F.COOPERATIVE})),
    "5460": (_l("Autre SARL coopérative"), frozenset({_F.COOPERATIVE})),
    "5560": (_l("Autre SA coopérative"), frozenset({_F.COOPERATIVE})),
    "5192": (_l("Banque coopérative"), frozenset({_F.COOPERATIVE})),
    "6316": (_l("Coopérative agricole (CUMA)"), frozenset({_F.COOPERATIVE})),
    "5710": (_l("SAS"), frozenset({_F.COOPERATIVE, _F.SOCIETE_COMMERCIALE, _F.OTHER})),
    "5499": (_l("SARL"), frozenset({_F.SOCIETE_COMMERCIALE, _F.OTHER})),
    "1000": (_l("Entrepreneur individuel"), frozenset({_F.OTHER})),
    "7210": (_l("Commune"), frozenset({_F.PUBLIC})),
    OTHER_FORM: (_l("Autre forme, ou je ne sais pas"), _ANY),
}

MAX_KM_FROM_COMMUNE = 12.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where people work: an address in a commune of the territory; without a point, the commune's centre."""

    siret: str
    name: str
    address: str
    commune_id: int | None
    lat: float | None = None
    lon: float | None = None
    access: str = ""


# What only the structure knows and every agreement prints.
FOR_AGREEMENTS = (
    "representative_name",
    "representative_role",
    "representative_email",
    "insurer",
    "insurance_policy",
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a structure says of itself."""

    name: str
    kind: HostKind | None
    family: EssFamily | None
    legal_form: str
    ess_sentence: str
    mission: str = ""
    employees: int | None = None
    phone: str = ""
    representative_name: str = ""
    representative_role: str = ""
    representative_email: str = ""
    insurer: str = ""
    insurance_policy: str = ""
    serves_alcohol: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    email: str
    job_title: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    identity: Identity
    place: Place
    contact: Contact
    request_key: str


def siret_problem(text: str, *, siren: str | None = None) -> str | None:
    """Why this SIRET is refused, in a sentence, or None. `siren`: the structure it must belong to."""
    siret = parse_siret(text)
    if siret is None:
        digits = sum(c.isdigit() for c in text)
        if digits != 14:
            return _("Un SIRET a 14 chiffres, et celui-ci en a %(digits)s. Il est sur vos factures.", digits=digits)
        return _("Ce SIRET n’existe pas : un chiffre est sans doute mal recopié. Vérifiez-le sur une facture.")
    if siren is not None and siret[:9] != siren:
        return _("Ce SIRET n’est pas celui de votre structure : il devrait commencer par %(siren)s.", siren=siren)
    return None


def identity_problems(identity: Identity) -> dict[str, str]:
    """Field by field, what is wrong with what a structure says of itself."""
    problems: dict[str, str] = {}
    if not identity.name:
        problems["name"] = _("Écrivez le nom de la structure.")
    if identity.kind is None:
        problems["kind"] = _("Choisissez le genre de structure.")
    if identity.family is None:
        problems["family"] = _("Choisissez une famille.")
    if not identity.ess_sentence:
        problems["ess_sentence"] = _("Écrivez une phrase, même courte : les élèves la liront.")
    if identity.legal_form not in LEGAL_FORMS:
        problems["legal_form"] = _("Choisissez une forme juridique dans la liste.")
    elif identity.family is not None and identity.family not in LEGAL_FORMS[identity.legal_form][1]:
        problems["legal_form"] = _(
            "La forme « %(form)s » ne va pas avec la famille « %(family)s ». Changez l’une des deux.",
            form=LEGAL_FORMS[identity.legal_form][0],
            family=FAMILIES[identity.family],
        )
    if identity.employees is not None and not 0 <= identity.employees <= 100_000:
        problems["employees"] = _("Écrivez un nombre de salariés entre 0 et 100 000.")
    if identity.phone and parse_phone(identity.phone) is None:
        problems["phone"] = _("Ce numéro n’est pas complet. Exemple : 03 21 00 00 00.")
    return problems


def place_problems(place: Place, communes: Mapping[int, Point], *, siren: str | None = None) -> dict[str, str]:
    """Field by field, what is wrong with a place. `communes`: the centre of each commune one may choose."""
    problems: dict[str, str] = {}
    refused = siret_problem(place.siret, siren=siren)
    if refused:
        problems["siret"] = refused
    if not place.address:
        problems["address"] = _("Écrivez l’adresse : le numéro et la rue.")
    centre = communes.get(place.commune_id) if place.commune_id is not None else None
    if centre is None:
        problems["commune_id"] = _("Choisissez une commune de la liste.")
        return problems
    if (place.lat is None) != (place.lon is None):
        missing = "lat" if place.lat is None else "lon"
        problems[missing] = _("Donnez les deux nombres, ou aucun : la carte prendra le centre de la commune.")
    elif place.lat is not None and place.lon is not None:
        inside = -90 <= place.lat <= 90 and -180 <= place.lon <= 180
        if not inside or straight_km(Point(place.lat, place.lon), centre) > MAX_KM_FROM_COMMUNE:
            problems["lat"] = _("Ce point est loin de la commune choisie. Laissez vide, ou vérifiez les deux nombres.")
    return problems


INVITATION_LIFETIME = timedelta(days=14)
MAX_AWAITED = 20  # invitations without an answer: a structure writes to its colleagues, not to a town
CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Seat:
    """What somebody is in a team. `site_ids`: where a tutor works; empty for an owner, who answers for every place."""

    role: MemberRole
    job_title: str = ""
    site_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is invited. Without an address, the invitation is a paper."""

    name: str
    email: str
    seat: Seat


def seated(seat: Seat, site_ids: Collection[int]) -> Seat:
    """The seat as it is kept: none of an owner's places, and the only place of the structure for its tutor."""
    if seat.role is MemberRole.OWNER:
        return replace(seat, site_ids=())
    if not seat.site_ids and len(site_ids) == 1:
        return replace(seat, site_ids=tuple(site_ids))
    return seat


def seat_problems(seat: Seat, site_ids: Collection[int]) -> dict[str, str]:
    """Field by field, what is wrong with a seat. `site_ids`: the places of the structure."""
    if seat.role is MemberRole.OWNER:
        return {}
    if not seat.site_ids:
        return {"site_ids": _("Cochez au moins un lieu : un tuteur ne voit que les siens.")}
    if not set(seat.site_ids) <= set(site_ids):
        return {"site_ids": _("Choisissez parmi les lieux de la structure.")}
    return {}
