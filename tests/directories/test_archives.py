"""Archives: one file inside is read as if it came alone, several each; what swells, is damaged or sealed is refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping

import pytest

from app.directories import reading
from app.directories.sources import Source
from app.kernel.tabular import Unreadable
from tests.directories import excerpts
from tests.directories.test_reading import workbook
from tests.directories.test_traps import LAND

pytestmark = pytest.mark.usefixtures("spoken")


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def source(data: bytes) -> Source:
    return Source.of_bytes("fichier", data)


SCHOOLS = excerpts.SCHOOLS.encode()


@pytest.mark.parametrize(
    "data",
    [
        zipped({"annuaire.csv": SCHOOLS}),
        zipped({"dossier/annuaire.csv": SCHOOLS, "__MACOSX/._annuaire.csv": b"x", "LISEZMOI.txt": b"Licence"}),
        zipped({"annuaire.xlsx": workbook(excerpts.SCHOOLS)}),
        zipped({"annuaire.geojson": excerpts.SCHOOLS_GEOJSON.encode()}),
        gzip.compress(SCHOOLS),
        gzip.compress(excerpts.SCHOOLS.encode("cp1252")),
    ],
)
def test_one_file_in_an_archive_is_read_as_if_it_came_alone(data: bytes) -> None:
    alone, found = reading.read(source(SCHOOLS), LAND), reading.read(source(data), LAND)
    assert {s.uai for s in found.schools} == {s.uai for s in alone.schools} != set()
    assert found.member
    assert ("LISEZMOI" in " ".join(found.warnings)) == (b"LISEZMOI" in data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (zipped({}), "Aucun fichier"),
        (zipped({"a.txt": b"un", "b.txt": b"deux"}), "Aucun fichier"),
        (zipped({"a.csv": b""}), "vide"),
        (zipped({"a.zip": zipped({"b.csv": SCHOOLS})}), "archive dans une archive"),
        (zipped({"b.csv": b"\n" * 70_000_000}), "trop gros"),
        (zipped({f"{n}.csv": b"x" for n in range(300)}), "trop gros"),
        (gzip.compress(SCHOOLS + b"a;b\n" * 20_000_000, 1), "trop gros"),
        (gzip.compress(SCHOOLS)[:-40], "abîmée"),
        (gzip.compress(SCHOOLS)[:60] + b"\x00" * 50 + gzip.compress(SCHOOLS)[110:], "abîmée"),
        (b"\x1f\x8b", "abîmée"),
        (zipped({"b.csv": SCHOOLS})[:-30], "abîmée"),
        (zipped({"a.csv": SCHOOLS, "b.json": excerpts.GEO_API.encode()}), "a.csv, b.json"),
    ],
)
def test_what_is_no_honest_archive_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        reading.read(source(data), LAND)


def test_a_sealed_archive_says_so() -> None:
    data = bytearray(zipped({"a.csv": SCHOOLS}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        data[data.index(mark) + (6 if mark == b"PK\x03\x04" else 8)] |= 1
    with pytest.raises(Unreadable, match="mot de passe"):
        reading.read(source(bytes(data)), LAND)


def test_pages_of_an_answer_put_together_are_one_answer() -> None:
    page = json.loads(excerpts.COMPANY_SEARCH)
    first, second = ({**page, "results": [company]} for company in page["results"])
    whole = reading.read(source(excerpts.COMPANY_SEARCH.encode()), LAND)
    for written in (
        json.dumps(first) + json.dumps(second),
        json.dumps(first) + "\n" + json.dumps(second) + "\n",
        json.dumps([first, second]),
        "\n".join(json.dumps(company) for company in page["results"]),
        json.dumps(page["results"]),
    ):
        found = reading.read(source(written.encode()), LAND)
        assert (found.read, found.hosts) == (whole.read, whole.hosts), written[:60]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_json_of_any_encoding(encoding: str) -> None:
    found = reading.read(source(excerpts.GEO_API.encode(encoding)), LAND)
    assert [commune.name for commune in found.communes] == ["Dourges"]
