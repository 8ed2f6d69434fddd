"""The four reference tables read by every page that shows tiles, sectors or occupations."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "app" / "occupations" / "data"
SIZES = {"interests.csv": 30, "sectors.csv": 18, "conditions.csv": 16, "occupations_ess.csv": 89}
COLUMNS = {
    "interests.csv": ["code", "label", "short", "pictogram"],
    "sectors.csv": ["code", "label", "hint", "pictogram"],
    "conditions.csv": ["code", "like", "avoid", "host", "pictogram"],
    "occupations_ess.csv": ["rome_code", "label", "sector", "keywords"],
}


def rows_of(name: str) -> list[dict[str, str]]:
    """Rows of one table; a line with too many or too few cells shows as None."""
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter=";"))


@pytest.mark.parametrize("name", list(SIZES))
def test_tables_are_complete_and_every_cell_is_filled(name: str) -> None:
    rows = rows_of(name)
    assert len(rows) == SIZES[name]
    key = COLUMNS[name][0]
    assert len({row[key] for row in rows}) == len(rows)
    for row in rows:
        assert list(row) == COLUMNS[name], row
        assert all(cell and cell == cell.strip() for cell in row.values()), row


@pytest.mark.parametrize("name", list(SIZES))
def test_french_is_typographically_right(name: str) -> None:
    for row in rows_of(name):
        for cell in row.values():
            assert "'" not in cell, cell
            assert "!" not in cell, cell
            assert "  " not in cell, cell


@pytest.mark.parametrize("name", ["interests.csv", "sectors.csv", "conditions.csv"])
def test_each_tile_has_its_own_pictogram(name: str) -> None:
    pictograms = Counter(row["pictogram"] for row in rows_of(name))
    assert max(pictograms.values()) == 1, pictograms
    assert all(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", p) for p in pictograms), pictograms


def test_interest_tiles_fit_a_phone_and_codes_are_one_to_thirty() -> None:
    rows = rows_of("interests.csv")
    assert [row["code"] for row in rows] == [str(number) for number in range(1, 31)]
    captions = [row["short"] for row in rows]
    assert [caption for caption in captions if len(caption) > 26] == []
    assert len(set(captions)) == len(captions)
    assert all(row["label"].startswith(("J’", "Je ")) for row in rows)


def test_occupations_name_a_known_sector_and_every_sector_has_one() -> None:
    sectors = {row["code"] for row in rows_of("sectors.csv")}
    assert {row["sector"] for row in rows_of("occupations_ess.csv")} == sectors


def test_occupations_have_rome_codes_and_three_to_eight_distinct_keywords() -> None:
    for row in rows_of("occupations_ess.csv"):
        assert re.fullmatch(r"[A-N]\d{4}", row["rome_code"]), row
        keywords = row["keywords"].split("|")
        assert 3 <= len(keywords) <= 8, row
        assert len({word.casefold() for word in keywords}) == len(keywords), row
        assert all(word and word == word.strip() for word in keywords), row


@pytest.mark.parametrize(
    ("wanted", "occupation"),
    [("vélo", "I1619"), ("crèche", "J1304"), ("tiktok", "E1101"), ("ménage", "K2205"), ("légumes", "A1433")],
)
def test_a_plain_word_leads_to_the_occupation(wanted: str, occupation: str) -> None:
    found = {row["rome_code"] for row in rows_of("occupations_ess.csv") if wanted in row["keywords"].split("|")}
    assert occupation in found
