"""The families and kinds of structures, as the register knows them."""

from __future__ import annotations

from enum import StrEnum


class EssFamily(StrEnum):
    """The families of the law of 31 July 2014, article 1; PUBLIC and OTHER hosts are lawful and are not ESS."""

    ASSOCIATION = "association"
    COOPERATIVE = "cooperative"
    MUTUELLE = "mutuelle"
    FONDATION = "fondation"
    SOCIETE_COMMERCIALE = "societe_commerciale"
    PUBLIC = "public"
    OTHER = "other"  # met through a student's own find


class HostKind(StrEnum):
    ASSOCIATION = "association"
    ACI = "aci"
    EI = "ei"
    AI = "ai"
    ETTI = "etti"
    ESAT = "esat"
    ENTREPRISE_ADAPTEE = "entreprise_adaptee"
    GEIQ = "geiq"
    REGIE_QUARTIER = "regie_quartier"
    RESSOURCERIE = "ressourcerie"
    SCOP = "scop"
    SCIC = "scic"
    CAE = "cae"
    MUTUELLE = "mutuelle"
    FONDATION = "fondation"
    CENTRE_SOCIAL = "centre_social"
    MJC = "mjc"
    TIERS_LIEU = "tiers_lieu"
    EPICERIE_SOLIDAIRE = "epicerie_solidaire"
    CLUB_SPORTIF = "club_sportif"
    SAAD = "saad"
    CRECHE = "creche"
    EHPAD = "ehpad"
    MEDICO_SOCIAL = "medico_social"
    MEDIA = "media"
    BANQUE_COOPERATIVE = "banque_cooperative"
    AUTRE = "autre"


class MemberRole(StrEnum):
    """An owner answers for the structure and its team; a tutor sees and acts at some of its places only."""

    OWNER = "owner"
    TUTOR = "tutor"
