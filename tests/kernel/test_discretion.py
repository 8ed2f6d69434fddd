"""Words on health, religion, opinions and names: found as people write them, and fair sentences left alone."""

from __future__ import annotations

import pytest

from app.kernel.discretion import About, scan

NAMES = ["Karim Lefebvre", "Inès", "Benali", "Lou-Anne Le Goff", "Al"]

FAIR = [
    "J’ai démonté un vélo et c’était bien.",
    "La roue était voilée, on l’a remise droite.",
    "On a fait du bateau à voile sur le canal.",
    "Le spray et le dépôt, les aides, la drogherie",
    "Al dente, le travail va mal",
    "Il ordonne ses affaires, il traite les commandes",
    "Il a glissé sur le sol mouillé, l’outil est tombé.",
    "La secrétaire m’a montré le standard.",
    "Il habite Saint-Pierre, puis Sainte-Marie-Cappel.",
    "Rue du Docteur-Calmette est loin de l’arrêt",
    "Le prêtre de l’église nous a ouvert le beffroi.",
    "Collège Pasteur, rue de l’Abbaye",
    "Le Secours catholique trie les vêtements.",
    "L’enseignement catholique du Pas-de-Calais",
    "Prière de fermer la porte, je vous prie.",
    "Elle fait des messes basses pendant la visite",
    "Baptême de l’air offert aux bénévoles",
    "En croyant bien faire, il a coupé la prise.",
    "Il travaille en protestant contre le bruit.",
    "Le syndicat d’initiative nous a reçus.",
    "Au syndicat mixte des transports",
    "J’ai voté pour la déléguée de classe.",
    "La politique de la ville, c’est compliqué",
    "Le bus était en grève ce matin-là",
    "Il faut prendre la RN 43 puis tourner à gauche.",
    "Le tri se fait à droite de la porte",
    "Un secteur, une section, un parti pris",
    "La manifestation culturelle du samedi",
    "Les militants de l’éducation populaire",
    "La bible du jardinier est sur l’étagère",
    "Son voile de protection est obligatoire en cuisine",
    "",
    "🦄 œuf ﬁn İ",
]
PRIVATE = [
    ("Mon ASTHME me gênait", {"health": ("ASTHME",)}),
    ("un élève dépressif, handicapé", {"health": ("dépressif", "handicapé")}),
    ("Elle est dyslexique et TDAH", {"health": ("dyslexique", "TDAH")}),
    ("Son P.A.I dit que", {"health": ("P.A.I",)}),
    ("L’installation, la psychologie du client", {"health": ("psychologie",)}),
    ("Il a de la fièvre depuis hier", {"health": ("fièvre",)}),
    ("Sa mère est enceinte", {"health": ("enceinte",)}),
    ("Il est musulman et fait le Ramadan", {"religion": ("musulman", "Ramadan")}),
    ("Elle mange halal", {"religion": ("halal",)}),
    ("Cette élève porte le voile", {"religion": ("porte le voile",)}),
    ("une fille voilée", {"religion": ("fille voilée",)}),
    ("Famille très croyante, catholique", {"religion": ("très croyante", "catholique")}),
    ("Il prépare sa première communion", {"religion": ("première communion",)}),
    ("Ses parents sont témoins de Jéhovah", {"religion": ("Jéhovah",)}),
    ("Elle est juive, je crois", {"religion": ("juive",)}),
    ("Il fait sa prière à midi", {"religion": ("fait sa prière",)}),
    ("Elle est protestante", {"religion": ("protestante",)}),
    ("à cause de sa religion", {"religion": ("religion",)}),
    ("Son père est syndiqué à la CGT", {"opinion": ("syndiqué", "CGT")}),
    ("La mère est déléguée syndicale", {"opinion": ("déléguée syndicale",)}),
    ("Les parents votent à gauche", {"opinion": ("votent à gauche",)}),
    ("Il vote RN, il l’a dit", {"opinion": ("RN",)}),
    ("Ils militent au parti communiste", {"opinion": ("militent au", "parti communiste")}),
    ("d’extrême-droite, dit-on", {"opinion": ("extrême-droite",)}),
    ("Le tuteur est gréviste", {"opinion": ("gréviste",)}),
    ("à cause de ses opinions politiques", {"opinion": ("opinions politiques",)}),
    ("Athée et syndicaliste", {"religion": ("Athée",), "opinion": ("syndicaliste",)}),
    ("ines et Bénali sont gentils", {"names": ("ines", "Bénali")}),
    ("Merci à Mme Dupont", {"names": ("Mme Dupont",)}),
    ("Merci à M. Lefebvre", {"names": ("M. Lefebvre",)}),
    ("Lou-Anne m’a montré", {"names": ("Lou-Anne",)}),
]  # fmt: skip


def _found(text: str) -> dict[str, tuple[str, ...]]:
    found = scan(text, NAMES)
    kinds = {"health": found.health, "religion": found.religion, "opinion": found.opinion, "names": found.names}
    return {kind: words for kind, words in kinds.items() if words}


@pytest.mark.parametrize("text", FAIR)
def test_fair_sentences_are_left_alone(text: str) -> None:
    assert _found(text) == ({"health": ("Docteur",)} if "Docteur" in text else {})  # a street is asked about: once


@pytest.mark.parametrize(("text", "expected"), PRIVATE, ids=[text for text, _expected in PRIVATE])
def test_what_is_found(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    ("text", "person", "wish", "stage"),
    [
        ("Je veux être médecin ou psychologue", ("médecin", "psychologue"), (), ("médecin", "psychologue")),
        ("Entorse à la cheville, l’infirmière est venue", (), (), ("Entorse", "infirmière")),
        ("fracture et Épilepsie", ("Épilepsie",), ("Épilepsie",), ("fracture", "Épilepsie")),
        ("Elle est asthmatique, voir son PAI", ("asthmatique", "PAI"), ("asthmatique", "PAI"), ("asthmatique", "PAI")),
    ],
)
def test_words_on_health_depend_on_what_is_told(
    text: str, person: tuple[str, ...], wish: tuple[str, ...], stage: tuple[str, ...]
) -> None:
    assert scan(text).health == person
    assert scan(text, about=About.WISH).health == wish
    assert scan(text, about=About.STAGE).health == stage
