"""The words, names and wishes lent to the fictional students of the demo."""

import csv
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "app" / "demo" / "data"
OCCUPATION_DATA = ROOT / "app" / "occupations" / "data"
FIELDS = {"text", "avoid_text", "interests", "likes", "avoids"}
SHINGLE = 6

Entry = dict[str, Any]


def codes_of(name: str) -> set[str]:
    """The `code` column of one of the four reference tables."""
    with (OCCUPATION_DATA / name).open(encoding="utf-8", newline="") as handle:
        return {row["code"] for row in csv.DictReader(handle, delimiter=";")}


def lines_of(name: str) -> list[str]:
    """The lines of a list of names, exactly as written."""
    return (DATA / name).read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    """Every line of `student_words.jsonl`."""
    return [json.loads(line) for line in lines_of("student_words.jsonl")]


def words(text: str) -> list[str]:
    """Lower-case words of a text, apostrophes separating."""
    return re.findall(r"\w+", text.lower())


def test_every_entry_has_the_five_fields_and_their_types(entries: list[Entry]) -> None:
    for entry in entries:
        assert set(entry) == FIELDS, entry
        assert isinstance(entry["text"], str)
        assert isinstance(entry["avoid_text"], str)
        for field in ("interests", "likes", "avoids"):
            assert all(isinstance(code, str) for code in entry[field]), entry
            assert len(set(entry[field])) == len(entry[field]), entry


def test_codes_are_those_of_the_reference_tables(entries: list[Entry]) -> None:
    interests, conditions = codes_of("interests.csv"), codes_of("conditions.csv")
    assert len(interests) == 30
    assert len(conditions) == 16
    for entry in entries:
        assert set(entry["interests"]) <= interests, entry
        assert set(entry["likes"]) | set(entry["avoids"]) <= conditions, entry
        assert len(entry["interests"]) <= 6, entry
        assert not set(entry["likes"]) & set(entry["avoids"]), entry


def test_there_are_enough_students_of_every_temper(entries: list[Entry]) -> None:
    total = len(entries)
    silent = [e for e in entries if not e["text"]]
    blank = [e for e in entries if not (e["interests"] or e["likes"] or e["avoids"])]
    assert total >= 420
    assert 0.10 <= len(silent) / total <= 0.14
    assert 0.04 <= len(blank) / total <= 0.07
    assert all(e["interests"] or e["likes"] for e in silent), "silent students tick tiles"
    assert sum(bool(e["avoid_text"]) for e in entries) >= 0.15 * total


def test_every_interest_and_condition_is_chosen_by_somebody(entries: list[Entry]) -> None:
    chosen = Counter(code for e in entries for code in e["interests"])
    assert min(chosen[code] for code in codes_of("interests.csv")) >= 5, chosen
    for field in ("likes", "avoids"):
        ticked = Counter(code for e in entries for code in e[field])
        assert set(ticked) == codes_of("conditions.csv"), codes_of("conditions.csv") - set(ticked)


def test_lengths_go_from_one_word_to_a_paragraph(entries: list[Entry]) -> None:
    sizes = [len(words(e["text"])) for e in entries if e["text"]]
    assert sum(size <= 5 for size in sizes) >= 30
    assert sum(size >= 25 for size in sizes) >= 30
    assert max(len(e["text"]) for e in entries) <= 600


def test_nobody_says_the_same_thing_twice(entries: list[Entry]) -> None:
    said = Counter(" ".join(words(e["text"])) or e["text"] for e in entries if e["text"])
    assert [text for text, count in said.items() if count > 1] == []
    ticked = Counter(json.dumps([e["interests"], e["likes"], e["avoids"]]) for e in entries if not e["text"])
    assert max(ticked.values()) == 1


def test_no_turn_of_phrase_betrays_a_template(entries: list[Entry]) -> None:
    shared: Counter[tuple[str, ...]] = Counter()
    for entry in entries:
        said = words(entry["text"])
        shared.update({tuple(said[i : i + SHINGLE]) for i in range(len(said) - SHINGLE + 1)})
    assert [" ".join(run) for run, count in shared.items() if count > 2] == []


def test_openings_are_varied(entries: list[Entry]) -> None:
    openings = Counter(" ".join(words(e["text"])[:3]) for e in entries if len(words(e["text"])) >= 6)
    assert openings.most_common(1)[0][1] <= 6, openings.most_common(5)


def test_no_contact_data_nor_family_name(entries: list[Entry]) -> None:
    family = {name.casefold() for name in lines_of("family_names.txt")}
    contact = re.compile(r"@|https?:|www\.|\d(?:[ .-]?\d){7,}|\.(?:com|fr)\b", re.IGNORECASE)
    for entry in entries:
        said = entry["text"] + " " + entry["avoid_text"]
        assert not contact.search(said), said
        # A family name in the middle of a sentence would wear a capital.
        capitals = re.findall(r"(?<=[\w,] )[A-ZÀ-Ý][\w’'-]+", said)
        assert not {word.casefold() for word in capitals} & family, said


SENSITIVE = re.compile(
    r"\b(?:handicapée?|dys\w+|autis\w+|tdah|asthm\w+|allergi\w+|diab[eè]t\w+|[ée]pilep\w+|d[ée]press\w+|"
    r"cancer|maladie|musulman\w*|chr[ée]tien\w*|catholique|juive?|ramadan|[ée]glise|mosqu[ée]e|pri[eè]re|"
    r"marocain\w*|alg[ée]rien\w*|tunisien\w*|polonais\w*|portugais\w*|sans.papiers)\b",
    re.IGNORECASE,
)


def test_nothing_tells_health_religion_or_origin_of_the_writer(entries: list[Entry]) -> None:
    for entry in entries:
        assert not SENSITIVE.search(entry["text"] + " " + entry["avoid_text"]), entry


@pytest.mark.parametrize(("name", "least"), [("given_names.txt", 260), ("family_names.txt", 420)])
def test_lists_of_names_are_long_clean_and_without_repetition(name: str, least: int) -> None:
    names = lines_of(name)
    assert len(names) >= least
    assert len({n.casefold() for n in names}) == len(names)
    for line in names:
        assert line == line.strip() == unicodedata.normalize("NFC", line)
        assert re.fullmatch(r"[^\W\d_]+(?:[ ’-][^\W\d_]+)*", line), line


def test_family_names_come_in_every_shape() -> None:
    names = lines_of("family_names.txt")
    assert sum(bool(re.search(r"(?:ski|czak|iak|czyk|wicz)$", n)) for n in names) >= 40
    assert sum("’" in n for n in names) >= 3
    assert sum("-" in n for n in names) >= 10
    assert sum(" " in n for n in names) >= 12
    assert sum(any(ord(letter) > 127 for letter in n) for n in names) >= 12


def test_given_names_keep_their_accents() -> None:
    names = lines_of("given_names.txt")
    assert sum(any(ord(letter) > 127 for letter in n) for n in names) >= 30
    assert sum("-" in n for n in names) >= 5
