import pytest

from matching import text, thesaurus

HEAD = "concept,libelle,famille,eleve,offre,refus,voisins,contraires,conditions,interets\n"


def test_there_are_enough_concepts_in_the_words_of_pupils() -> None:
    concepts = thesaurus.load().concepts
    assert len(concepts) >= 180
    assert sum(len(concept.pupil) for concept in concepts) > 4500


@pytest.mark.parametrize("side", ["pupil", "offer"])
def test_each_concept_is_reached_by_each_of_its_expressions(side: str) -> None:
    lexicon = thesaurus.load()
    lost = []
    for number, concept in enumerate(lexicon.concepts):
        for expression in concept.pupil if side == "pupil" else concept.offer:
            body = expression.rpartition(":")[0] if expression[-1].isdigit() and ":" in expression else expression
            mentions = lexicon.mentions(text.tokenise(body.lstrip("=")), "pupil" if side == "pupil" else "offer")
            if number not in {mention.concept for mention in mentions}:
                lost.append((concept.id, expression))
    assert lost == []


def test_every_concept_leads_to_an_offer_side_or_to_neighbours_that_do() -> None:
    lexicon = thesaurus.load()
    spoken = {concept.id for concept in lexicon.concepts if concept.offer}
    stranded = [c.id for c in lexicon.concepts if c.id not in spoken and not spoken & set(c.neighbours)]
    assert stranded == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a,A,topic,x,,,b:0.5,,,", "line 2: column voisins: 'b' is unknown"),
        ("a,A,topic,x,,,,,lune:1,", "line 2: column conditions: 'lune' is unknown"),
        ("a,A,topic,x,,,,,,31", "line 2: column interets: '31' is unknown"),
        ("a,A,topic,x,,,,,dehors:1.5,", "dehors must be in ]0, 1]"),
        ("a,A,topic,x", "columns expected"),
        ("a,A,topic,x,,,,,,\na,B,topic,y,,,,,,", "line 3: concept a is already on line 2"),
    ],
)
def test_a_wrong_line_is_named(row: str, problem: str) -> None:
    with pytest.raises(thesaurus.ThesaurusError) as caught:
        thesaurus.parse(HEAD + row)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("misspelt", "concept"),
    [("vétérinère", "veterinaire"), ("mékanik", "mecanique_auto"), ("coifure", "coiffure"),
     ("informatik", "dev_informatique"), ("restorant", "cuisine"), ("chevau", "chevaux")],
)  # fmt: skip
def test_misspelt_words_are_guessed(misspelt: str, concept: str) -> None:
    lexicon = thesaurus.load()
    mentions = lexicon.mentions(text.tokenise(misspelt), "pupil")
    assert concept in {lexicon.concepts[mention.concept].id for mention in mentions}


@pytest.mark.parametrize("plain", ["ma mère", "maniere", "commencer", "même", "personnages", "avec mes potes"])
def test_plain_words_are_not_taken_for_concepts(plain: str) -> None:
    lexicon = thesaurus.load()
    named = {lexicon.concepts[m.concept].family for m in lexicon.mentions(text.tokenise(plain), "pupil")}
    assert not named - {"condition"}
