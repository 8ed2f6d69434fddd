import pytest

from tests.matching.affinity.builders import model, pupil

LIKED_AND_REFUSED = [
    ("Rester assise toute la journée c'est mort pour moi.", set(), {"c_assis"}),
    ("je préfère les animaux que les bébés", {"animaux"}, {"petite_enfance"}),
    ("La mécanique, la couture, tout ça, non. Les animaux oui.", {"animaux"}, {"mecanique_auto", "couture"}),
    ("j'aimerais tout essayer à part la mécanique", set(), {"mecanique_auto"}),
    ("j'en peux plus de la couture", set(), {"couture"}),
    ("le théâtre ? jamais de la vie. j'adore la musique", {"musique"}, {"spectacle_theatre"}),
    ("Ce qui ne me plairait pas : la couture, faire le ménage.", set(), {"couture", "menage"}),
    ("la couture les bébés c niet, j'aime les animaux", {"animaux"}, {"couture"}),
    ("j'aime les animaux mais pas les enfants", {"animaux"}, {"enfants_animation"}),
    ("pas de cuisine, pas de jardin, plutôt la mode", {"vetements_seconde_main"}, {"cuisine", "jardinage"}),
    ("les maths c'est pas mon truc", set(), {"maths"}),
    ("le sport jdeteste, la musique jadore", {"musique"}, {"sport_animation"}),
    ("j'ai pas peur du sang", {"c_sang"}, set()),
    ("peur du sang mais j'aime les vieux", {"personnes_agees"}, {"c_sang"}),
    ("pourquoi pas la boulangerie", {"boulangerie"}, set()),
    ("tout sauf les enfants", set(), {"enfants_animation"}),
    ("allergique aux chevaux", set(), {"chevaux"}),
    ("j'en ai marre des ordis, je veux bouger", {"c_bouger"}, {"dev_informatique"}),
    ("la cuisine bof, le dessin oui", {"dessin"}, {"cuisine"}),
    ("je ne supporte pas le bruit", set(), {"c_bruit"}),
    ("dehors même s'il pleut", {"c_dehors"}, set()),
    ("ni ménage ni cuisine", set(), {"menage", "cuisine"}),
    ("le bruit ça me saoule", set(), {"c_bruit"}),
    ("je sais pas trop, peut-être la photo", {"photo"}, set()),
]


@pytest.mark.parametrize(("said", "liked", "refused"), LIKED_AND_REFUSED)
def test_refusals_are_split_from_likes(said: str, liked: set[str], refused: set[str]) -> None:
    reading = model().reader_.pupil(pupil(said))
    names = [concept.id for concept in model().thesaurus_.concepts]
    likes = {names[c] for c in reading.liked}
    refuses = {names[c] for c in reading.refused}
    assert liked <= likes
    assert refused <= refuses
    assert not liked & refuses
    assert not refused & likes


def test_what_is_refused_says_what_would_please() -> None:
    reading = model().reader_.pupil(pupil("pas rester assis"))
    names = [concept.id for concept in model().thesaurus_.concepts]
    assert "c_bouger" in {names[c] for c in reading.liked}


def test_a_separate_text_of_refusals_is_all_refused() -> None:
    reading = model().reader_.pupil(pupil("les animaux", avoid_text="le ménage, la cuisine"))
    names = [concept.id for concept in model().thesaurus_.concepts]
    assert {"menage", "cuisine"} <= {names[c] for c in reading.refused}
