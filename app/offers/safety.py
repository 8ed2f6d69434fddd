"""The works forbidden to minors (Code du travail, D4153-16 to D4153-37), in plain words, for a sector.

The derogations of section 3 concern vocational training from 15 on, never a discovery internship: there is none here.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class ForbiddenWork:
    """`article` of the Code du travail; `sectors` where it is met every day (empty: in all)."""

    article: str
    sentence: str
    sectors: frozenset[str] = frozenset()


def _work(article: str, sentence: str, *sectors: str) -> ForbiddenWork:
    return ForbiddenWork(article, sentence, frozenset(sectors))


_BUILDING = ("PROPRETE_SECOND_OEUVRE", "INSERTION")
_CARE = ("MEDICO_SOCIAL", "AIDE_A_DOMICILE")

FORBIDDEN: tuple[ForbiddenWork, ...] = (
    _work(
        "D4153-17",
        _l("Toucher des produits chimiques dangereux : décapant, javel concentrée, solvant, peinture toxique."),
    ),
    _work(
        "D4153-28",
        _l("Se servir de machines aux lames ou aux pièces qui tournent : scie, broyeur, presse, trancheuse."),
    ),
    _work(
        "D4153-27",
        _l("Conduire un chariot élévateur, un transpalette électrique, un pont de garage ou tout engin."),
        "REEMPLOI_DECHETS",
        "MOBILITE",
        "SOUS_TRAITANCE",
        "ALIMENTATION_RESTAURATION",
        "ESPACES_VERTS_AGRI",
        "TEXTILE_LINGE",
        *_BUILDING,
    ),
    _work(
        "D4153-29",
        _l("Nettoyer, régler ou réparer une machine pendant qu’elle tourne."),
        "REEMPLOI_DECHETS",
        "MOBILITE",
        "SOUS_TRAITANCE",
        "TEXTILE_LINGE",
        "ESPACES_VERTS_AGRI",
    ),
    _work(
        "D4153-26",
        _l("Monter sur un tracteur ou un quad sans arceau ni ceinture."),
        "ESPACES_VERTS_AGRI",
        "ENVIRONNEMENT",
    ),
    _work("D4153-32", _l("Grimper ou travailler dans les arbres."), "ESPACES_VERTS_AGRI", "ENVIRONNEMENT"),
    _work(
        "D4153-30",
        _l("Travailler en hauteur sans protection : toit, échelle, nacelle."),
        "CULTURE",
        "ESPACES_VERTS_AGRI",
        "SPORT",
        *_BUILDING,
    ),
    _work("D4153-31", _l("Monter ou démonter un échafaudage."), "CULTURE", *_BUILDING),
    _work("D4153-25", _l("Démolir un mur, creuser une tranchée."), "ESPACES_VERTS_AGRI", *_BUILDING),
    _work("D4153-18", _l("Approcher de l’amiante."), *_BUILDING),
    _work(
        "D4153-24",
        _l("Toucher une installation électrique sous tension ou un appareil ouvert et branché."),
        "REEMPLOI_DECHETS",
        "MOBILITE",
        "CULTURE",
        "SUPPORT",
        *_BUILDING,
    ),
    _work(
        "D4153-20",
        _l("Se servir d’un outil qui vibre fort : marteau-piqueur, débroussailleuse."),
        "ESPACES_VERTS_AGRI",
        *_BUILDING,
    ),
    _work("D4153-34", _l("Entrer dans une cuve, un puits, une canalisation."), "ESPACES_VERTS_AGRI", *_BUILDING),
    _work(
        "D4153-33",
        _l("Manœuvrer un appareil sous pression : autoclave, chaudière, compresseur."),
        "TEXTILE_LINGE",
        "MOBILITE",
        "MEDICO_SOCIAL",
        "ALIMENTATION_RESTAURATION",
    ),
    _work(
        "D4153-36",
        _l("Rester dans le grand froid ou la grande chaleur : chambre froide, four."),
        "ALIMENTATION_RESTAURATION",
        "TEXTILE_LINGE",
    ),
    _work(
        "D4153-19",
        _l("Être exposé à des microbes dangereux : soins, linge souillé, seringues."),
        "PETITE_ENFANCE",
        "TEXTILE_LINGE",
        *_CARE,
    ),
    _work(
        "D4153-37",
        _l("Approcher d’animaux dangereux, ou participer à un abattage."),
        "ESPACES_VERTS_AGRI",
        "ENVIRONNEMENT",
    ),
    _work("L4153-6", _l("Servir au bar."), "ALIMENTATION_RESTAURATION", "CULTURE", "SPORT", "EDUCATION_POPULAIRE"),
)


def relevant(sector: str | None) -> list[ForbiddenWork]:
    """What matters in a sector: the works met everywhere, then its own. Without a sector, all of them."""
    if not sector:
        return list(FORBIDDEN)
    return [work for work in FORBIDDEN if not work.sectors or sector in work.sectors]
