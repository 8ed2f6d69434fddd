import pytest

from matching import text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("jveux", ["je", "veux"]),
        ("jsp", ["je", "sais", "pas"]),
        ("ds une creche", ["dans", "une", "creche"]),
        ("troooop bien", ["trop", "bien"]),
        ("l’ordi", ["l", "ordi"]),
        ("œuvre", ["oeuvre"]),
        ("⚽", ["foot"]),
    ],
)
def test_words_are_read_as_pupils_write_them(written: str, expected: list[str]) -> None:
    assert [token.norm for token in text.tokenise(written)] == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("bébé", "bebe"), ("animaux", "animal"), ("réparer", "réparation"), ("vidéos", "video"), ("cuisines", "cuisine")],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert text.stem(one) == text.stem(other)


@pytest.mark.parametrize(("one", "other"), [("police", "policier"), ("livre", "livrer"), ("bougies", "bouger")])
def test_different_words_keep_different_stems(one: str, other: str) -> None:
    assert text.stem(one) != text.stem(other)


@pytest.mark.parametrize(
    ("heard", "word"),
    [("mekanik", "mecanique"), ("kuizine", "cuisine"), ("fotografe", "photographe")],
)
def test_words_written_by_ear_sound_like_the_word(heard: str, word: str) -> None:
    assert text.sound(heard) == text.sound(word)


@pytest.mark.parametrize(
    ("a", "b", "limit", "expected"),
    [
        ("veterinaire", "vetreinaire", 1, True),
        ("chien", "chat", 1, False),
        ("foot", "foot", 0, True),
        ("ab", "abcd", 1, False),
    ],
)
def test_near_counts_letters(a: str, b: str, limit: int, expected: bool) -> None:
    assert text.near(a, b, limit) is expected


def test_tokens_remember_where_they_stood() -> None:
    said = "J’aime les   animaux"
    token = text.tokenise(said)[-1]
    assert said[token.start : token.end] == "animaux"
