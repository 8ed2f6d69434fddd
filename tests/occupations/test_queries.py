import pytest

from app.occupations import queries


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("velo", "I1619"),
        ("VÉLO", "I1619"),
        ("mecanicien cyc", "I1619"),
        ("aide soign", "J1501"),
        ("animateur jeu", "G1203"),
        ("éduc jeunes enf", "K1202"),
    ],
)
def test_the_occupation_one_means_comes_first(typed: str, first: str) -> None:
    assert queries.suggest(typed)[0].rome_code == first


@pytest.mark.parametrize("typed", ["", "a", " ", "zzzz", "<script>", "é", "x" * 10_000, "\x00\x00"])
def test_nothing_is_suggested_for_nothing_or_nonsense(typed: str) -> None:
    assert queries.suggest(typed) == []


def test_the_middle_of_a_word_counts_only_when_nothing_better_is_found() -> None:
    assert all("veloppement" not in queries.fold(o.label) for o in queries.suggest("vélo"))
    assert [o.rome_code for o in queries.suggest("veloppement")]


def test_suggestions_are_few_and_the_sector_breaks_ties() -> None:
    assert len(queries.suggest("agent")) == queries.MAX_SUGGESTIONS
    assert queries.suggest("agent", sector="ESPACES_VERTS_AGRI")[0].sector == "ESPACES_VERTS_AGRI"


def test_a_label_becomes_its_code_and_back_and_other_words_stay() -> None:
    assert queries.code_of("mecanicien / mecanicienne cycles") == "I1619"
    assert queries.code_of("i1619") == "I1619"
    assert queries.code_of("  Souffleur   de verre ") == "Souffleur de verre"
    assert queries.label_of("I1619") == "Mécanicien / Mécanicienne cycles"
    assert queries.label_of("Souffleur de verre") == "Souffleur de verre"


def test_folding_is_idempotent_and_reads_ligatures_and_apostrophes() -> None:
    assert queries.fold("  L’Œuvre  d’ÉTÉ ") == "l'oeuvre d'ete"
    assert queries.fold(queries.fold("Cœur d’Été")) == queries.fold("Cœur d’Été")
