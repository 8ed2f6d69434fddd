"""Pupils who write and offers that describe themselves, in any number, to time the whole road from words to places."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from matching.synthetic import SIZES, WEEKS, Size
from matching.values import Offer, Place, Problem, Pupil

THEMES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    # title of the offer, what is done there, sector, what pupils say
    (
        "Ressourcerie",
        "Trier, réparer et remettre en vente des objets, des vélos et des meubles.",
        "réemploi",
        ("réparer des trucs", "bricoler des vélos", "la récup", "démonter des machines"),
    ),
    (
        "Épicerie solidaire",
        "Mettre en rayon, accueillir les clients, préparer les paniers.",
        "alimentation",
        ("parler aux gens", "le commerce", "ranger les rayons", "aider les gens"),
    ),
    (
        "Ferme maraîchère d’insertion",
        "Semer, récolter des légumes, préparer les cagettes.",
        "agriculture",
        ("être dehors", "le jardin", "les plantes", "la nature"),
    ),
    (
        "Crèche associative",
        "Jouer avec les tout-petits, préparer les repas et les activités.",
        "petite enfance",
        ("m'occuper des petits", "les bébés", "garder mon petit frère", "jouer avec les enfants"),
    ),
    (
        "Résidence pour personnes âgées",
        "Animer des ateliers, accompagner les résidents, servir les repas.",
        "grand âge",
        ("aider les personnes âgées", "ma mamie", "tenir compagnie", "les jeux de société"),
    ),
    (
        "Radio associative",
        "Préparer une émission, monter le son, interviewer des habitants.",
        "médias",
        ("la musique", "faire des vidéos", "le montage", "parler au micro"),
    ),
    (
        "Refuge animalier",
        "Nourrir les animaux, nettoyer les boxes, accueillir les familles.",
        "animaux",
        ("les chiens", "les animaux", "les chevaux", "devenir véto"),
    ),
    (
        "Atelier informatique solidaire",
        "Remettre en état des ordinateurs, aider les habitants en ligne.",
        "numérique",
        ("les ordis", "les jeux vidéo", "coder", "monter un pc"),
    ),
    (
        "Restaurant d’insertion",
        "Éplucher, cuisiner, dresser les assiettes, servir en salle.",
        "restauration",
        ("cuisiner", "faire des gâteaux", "la pâtisserie", "manger"),
    ),
    (
        "Atelier de couture",
        "Couper le tissu, coudre à la machine, retoucher des vêtements.",
        "textile",
        ("la mode", "coudre", "les vêtements", "dessiner des habits"),
    ),
    (
        "Club sportif associatif",
        "Encadrer des séances, préparer le matériel, accueillir les équipes.",
        "sport",
        ("le foot", "le sport", "bouger", "entraîner une équipe"),
    ),
    (
        "Chantier de rénovation solidaire",
        "Peindre, poser, isoler des logements avec une équipe.",
        "bâtiment",
        ("la peinture", "construire", "travailler avec mes mains", "les chantiers"),
    ),
    (
        "Médiathèque associative",
        "Classer des livres, lire à voix haute, préparer une exposition.",
        "culture",
        ("lire", "les mangas", "dessiner", "être au calme"),
    ),
    (
        "Association d’aide aux familles",
        "Accueillir, écouter, classer des dossiers, répondre au téléphone.",
        "social",
        ("écouter les autres", "le social", "aider les autres", "répondre au téléphone"),
    ),
    (
        "Théâtre associatif",
        "Monter un décor, régler la lumière, tenir la billetterie.",
        "spectacle",
        ("le théâtre", "la danse", "les décors", "la lumière"),
    ),
)
REFUSALS = (
    "pas de bruit",
    "j'aime pas le sang",
    "pas rester assis",
    "pas avec des bébés",
    "je veux pas être dehors",
    "pas les animaux",
    "je déteste l'ordi",
)
OPENINGS = ("j'aime {}", "jadore {}", "moi c'est {}", "je voudrais {}", "plus tard {}")


def problem(size: str | Size, seed: int = 0) -> Problem:
    """A problem for :func:`matching.proposing.propose`, drawn from ``seed`` alone.

    The territory is a square whose side grows with its pupils. A pupil lives in a commune (only its centre is known),
    goes to the school of a near commune, and at most 15 km for a place.
    """
    asked = SIZES[size] if isinstance(size, str) else size
    draw = np.random.default_rng(seed)
    side = 20 * (asked.students / 1_000) ** 0.5  # km
    towns = draw.random((max(asked.students // 20, 4), 2)) * side
    return Problem(
        _pupils(asked.students, towns, draw), *_offers(asked.places, towns, draw), seed=seed, equity=(), top_k=25
    )


def _point(at: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    return float(50.0 + at[1] / 111.0), float(2.5 + at[0] / 71.0)


def _pupils(
    n: int,
    towns: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    draw: np.random.Generator,
) -> tuple[Pupil, ...]:
    schools = max(n // 110, 2)
    town_of = draw.integers(0, len(towns), schools)
    near = cKDTree(towns[town_of]).query(towns)[1]
    commune = draw.integers(0, len(towns), n)
    weeks = [tuple(sorted(WEEKS[int(w)] for w in draw.permutation(len(WEEKS))[:2])) for _ in range(schools)]
    width = len(str(n))
    found = []
    for i in range(n):
        s = int(near[commune[i]])
        themes = draw.integers(0, len(THEMES), int(draw.integers(1, 4)))
        words = [THEMES[int(t)][3][int(draw.integers(4))] for t in themes]
        text = " et ".join(words)
        text = OPENINGS[int(draw.integers(len(OPENINGS)))].format(text)
        if draw.random() < 0.3:
            text += ", " + REFUSALS[int(draw.integers(len(REFUSALS)))]
        found.append(
            Pupil(
                f"e{i:0{width}}",
                text if draw.random() > 0.05 else "",
                school=f"c{s}",
                school_class=str(int(draw.integers(4))),
                level="3e",
                weeks=weeks[s],
                home=_point(towns[commune[i]]),
                max_km=15.0,
                groups={"rep": "1" if s % 4 == 0 else "0"},
            )
        )
    return tuple(found)


def _offers(
    places: int,
    towns: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    draw: np.random.Generator,
) -> tuple[tuple[Offer, ...], tuple[Place, ...]]:
    offers: list[Offer] = []
    slots: list[Place] = []
    total = 0
    width = len(str(places))
    while total < places:
        title, doing, sector, words = THEMES[int(draw.integers(len(THEMES)))]
        number = len(offers)
        at = towns[int(draw.integers(len(towns)))] + draw.normal(0, 3, 2)
        offers.append(
            Offer(
                f"o{number:0{width}}",
                f"{title} {number}",
                f"Structure {number}",
                "association",
                sector,
                (),
                f"{doing} Idéal pour qui aime {words[int(draw.integers(4))]}.",
                (),
                f"h{number * 4 // 5}",
                ("3e",),
                _point(at),
            )
        )
        for week in draw.permutation(len(WEEKS))[: int(draw.integers(1, 4))].tolist():
            capacity = int(draw.choice((1, 1, 2, 3)))
            slots.append(Place(f"p{len(slots):0{width}}", offers[-1].id, WEEKS[week], capacity))
            total += capacity
    return tuple(offers), tuple(slots)
