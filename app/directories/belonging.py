"""Whether a structure is of the social and solidarity economy, and as what: from its type, legal form and flag. Pure.

Law of 31 July 2014, article 1 (families by legal form) and Code du travail L3332-17-1 (structures approved by right).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.hosts.kinds import EssFamily, HostKind
from app.hosts.rules import LEGAL_FORMS, OTHER_FORM
from app.schools.rosters.columns import plain

_K, _F = HostKind, EssFamily
# data·inclusion's and the SIAE lists' types that are of the ESS, and the family each usually has.
TYPES: Mapping[str, tuple[HostKind, EssFamily]] = {
    "ACI": (_K.ACI, _F.ASSOCIATION),
    "ACIPHC": (_K.ACI, _F.ASSOCIATION),
    "AI": (_K.AI, _F.ASSOCIATION),
    "EI": (_K.EI, _F.SOCIETE_COMMERCIALE),
    "EITI": (_K.EI, _F.SOCIETE_COMMERCIALE),
    "ETTI": (_K.ETTI, _F.SOCIETE_COMMERCIALE),
    "EA": (_K.ENTREPRISE_ADAPTEE, _F.SOCIETE_COMMERCIALE),
    "EATT": (_K.ENTREPRISE_ADAPTEE, _F.SOCIETE_COMMERCIALE),
    "ESAT": (_K.ESAT, _F.ASSOCIATION),
    "GEIQ": (_K.GEIQ, _F.ASSOCIATION),
    "ASSO": (_K.ASSOCIATION, _F.ASSOCIATION),
    "ASSO_CHOMEUR": (_K.ASSOCIATION, _F.ASSOCIATION),
    "AVIP": (_K.CRECHE, _F.ASSOCIATION),
    "CAVA": (_K.ASSOCIATION, _F.ASSOCIATION),
    "CHRS": (_K.MEDICO_SOCIAL, _F.ASSOCIATION),
    "CIDFF": (_K.ASSOCIATION, _F.ASSOCIATION),
    "CS": (_K.CENTRE_SOCIAL, _F.ASSOCIATION),
    "CSC": (_K.CENTRE_SOCIAL, _F.ASSOCIATION),
    "ES": (_K.EPICERIE_SOLIDAIRE, _F.ASSOCIATION),
    "ESS": (_K.AUTRE, _F.ASSOCIATION),
    "EVS": (_K.CENTRE_SOCIAL, _F.ASSOCIATION),
    "FABLAB": (_K.TIERS_LIEU, _F.ASSOCIATION),
    "MJC": (_K.MJC, _F.ASSOCIATION),
    "MQ": (_K.CENTRE_SOCIAL, _F.ASSOCIATION),
    "OACAS": (_K.ASSOCIATION, _F.ASSOCIATION),
    "PENSION": (_K.MEDICO_SOCIAL, _F.ASSOCIATION),
    "PIMMS": (_K.ASSOCIATION, _F.ASSOCIATION),
    "REGIE_QUARTIER": (_K.REGIE_QUARTIER, _F.ASSOCIATION),
    "RESSOURCERIE": (_K.RESSOURCERIE, _F.ASSOCIATION),
    "RS_FJT": (_K.MEDICO_SOCIAL, _F.ASSOCIATION),
    "TIERS_LIEUX": (_K.TIERS_LIEU, _F.ASSOCIATION),
    "UDAF": (_K.ASSOCIATION, _F.ASSOCIATION),
}
# Types whose family the law fixes; of the others it is only usual.
_CERTAIN_TYPES = frozenset({"AI", "ASSO", "ASSO_CHOMEUR", "UDAF"})
# Public bodies and services among data·inclusion's types: lawful hosts, and not of the ESS.
_PUBLIC_TYPES = frozenset(
    [
        "AFPA",
        "ASE",
        "CAF",
        "CC",
        "CCAS",
        "CCONS",
        "CD",
        "CDAS",
        "CFP",
        "CIAS",
        "CMP",
        "CMS",
        "CPAM",
        "DEETS",
        "DEPT",
        "DIPLP",
        "EPCI",
        "EPIDE",
        "ETABL_PUB",
        "ETAT",
        "FT",
        "MDA",
        "MDPH",
        "MDS",
        "MSAP",
        "MUNI",
        "PJJ",
        "PREF",
        "REG",
        "SPIP",
        "LA_POSTE",
        "ETABL_PRI",
    ]
)
# INSEE's legal categories (level III).
_COOPERATIVES = frozenset(
    [
        "5191",
        "5192",
        "5193",
        "5194",
        "5195",
        "5196",
        "5203",
        "5307",
        "5309",
        "5432",
        "5443",
        "5451",
        "5453",
        "5454",
        "5455",
        "5458",
        "5459",
        "5460",
        "5532",
        "5543",
        "5547",
        "5551",
        "5552",
        "5553",
        "5554",
        "5555",
        "5558",
        "5559",
        "5560",
        "5632",
        "5643",
        "5647",
        "5651",
        "5652",
        "5653",
        "5654",
        "5655",
        "5658",
        "5659",
        "5660",
        "6316",
        "6317",
        "6318",
        "6532",
        "6543",
        "6551",
        "6554",
        "6558",
        "6560",
        "6595",
        "6596",
    ]
)
_SCOPS = frozenset({"5458", "5558", "5658"})
_ASSOCIATIONS = frozenset({"9210", "9220", "9221", "9222", "9223", "9224", "9230", "9260"})
_MUTUELLES = frozenset({"6411", "8210", "8250"})
_KIND_OF_FORM = {"9222": _K.AI, "9300": _K.FONDATION, "8210": _K.MUTUELLE, "6411": _K.MUTUELLE}


@dataclass(frozen=True, slots=True)
class Belonging:
    """`why_not` says why a structure is left alone; `supposed` that its family is only the usual one of its type."""

    kind: HostKind = HostKind.AUTRE
    family: EssFamily = EssFamily.OTHER
    legal_form: str = OTHER_FORM
    supposed: bool = False
    why_not: str = ""


def belonging(type_: str, form: str, flag: bool | None, *, taken_for_ess: bool = False) -> Belonging:
    """`type_`: as lists write it; `form`: INSEE’s code or label; `flag`: what a register says, if it says anything.

    `taken_for_ess`: whoever imports says that the whole file is of the ESS.
    """
    code, category = _type_code(type_), _form_code(form)
    family = _family_of(category) or (None if category else _family_told(form))
    if category == "1000":
        return Belonging(why_not=_("entrepreneur individuel : ce n’est pas une structure de l’ESS"))
    if category[:1] in {"4", "7"} or code in _PUBLIC_TYPES or _PUBLIC_WORDS.search(plain(form)):
        return Belonging(why_not=_("structure publique ou hors de l’ESS"))
    known = TYPES.get(code)
    if known is None and family is None and not taken_for_ess:
        if flag is False:
            return Belonging(why_not=_("n’est pas de l’ESS, selon le fichier"))
        if flag is None:
            return Belonging(why_not=_("rien dans le fichier ne dit que cette structure est de l’ESS"))
    kind = known[0] if known else _kind_of(category, family)
    usual = known[1] if known else EssFamily.SOCIETE_COMMERCIALE
    # A commercial form named in the register is certain: only a missing form leaves the family supposed.
    if family is None and category:
        usual = EssFamily.SOCIETE_COMMERCIALE
    return Belonging(
        kind=kind,
        family=family or usual,
        legal_form=category
        if category in LEGAL_FORMS and (family or usual) in LEGAL_FORMS[category][1]
        else OTHER_FORM,
        supposed=family is None and not category and code not in _CERTAIN_TYPES,
    )


def _type_code(text: str) -> str:
    """« aci », « ACI » and « Atelier et chantier d’insertion (ACI) » are one type."""
    inside = re.search(r"\(([A-Za-z_]{2,12})\)\s*$", text)
    written = re.sub(r"[^A-Z0-9]+", "_", plain(inside[1] if inside else text).upper()).strip("_")
    return "REGIE_QUARTIER" if written in {"RQ", "REGIE_DE_QUARTIER"} else written


def _form_code(text: str) -> str:
    if re.fullmatch(r"[0-9]{4}", text):
        return text
    wanted = plain(text)
    return next((code for code, (label, _families) in LEGAL_FORMS.items() if wanted and plain(label) == wanted), "")


_FAMILY_WORDS = (
    (re.compile(r"syndicale|proprietaires"), None),  # « association syndicale autorisée » is a public body
    (re.compile(r"mutuel|mutualite"), EssFamily.MUTUELLE),
    (re.compile(r"fondation"), EssFamily.FONDATION),
    (re.compile(r"cooperati(?:ve|f)|\bscop\b|\bscic\b"), EssFamily.COOPERATIVE),
    (re.compile(r"^(?:union d )?association|\bloi 1901\b|^groupement d employeurs"), EssFamily.ASSOCIATION),
)
_PUBLIC_WORDS = re.compile(
    r"^(?:commune|departement|region|etat|metropole|communaute (?:d agglomeration|de communes|urbaine)|collectivite"
    r"|etablissement public|etablissement d hospitalisation|centre (?:inter)?communal|syndicat (?:intercommunal|mixte)"
    r"|groupement d interet public|service (?:deconcentre|central))\b"
)


def _family_told(form: str) -> EssFamily | None:
    """The family that a legal form written in words announces: « Association », « Société coopérative », « SCOP »."""
    words = plain(form)
    return next((family for pattern, family in _FAMILY_WORDS if pattern.search(words)), None)


def _family_of(category: str) -> EssFamily | None:
    if category in _ASSOCIATIONS:
        return EssFamily.ASSOCIATION
    if category in _MUTUELLES:
        return EssFamily.MUTUELLE
    if category == "9300":
        return EssFamily.FONDATION
    return EssFamily.COOPERATIVE if category in _COOPERATIVES else None


def _kind_of(category: str, family: EssFamily | None) -> HostKind:
    if category in _SCOPS:
        return HostKind.SCOP
    return _KIND_OF_FORM.get(category, HostKind.ASSOCIATION if family is EssFamily.ASSOCIATION else HostKind.AUTRE)
