import json
from pathlib import Path

import pytest

from matching import embeddings, profiles, ranking
from matching.__main__ import main
from matching.values import Pupil
from tests.matching.affinity.builders import QUALITY

OFFER = {"id": "a", "title": "Jardin", "structure": "S", "structure_type": "association", "sector": "Nature",
         "occupations": ["A1433"], "description": "Légumes"}  # fmt: skip


def write(path: Path, rows: list[object]) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_rank_writes_one_line_a_student(tmp_path: Path) -> None:
    students = write(
        tmp_path / "s.jsonl",
        [{"id": "1", "text": "les animaux"}, {"id": "2", "text": ""}, {"id": "3", "text": "", "interests": ["27"]}],
    )
    out = tmp_path / "r.jsonl"
    code = main(["rank", "--students", str(students), "--offers", str(QUALITY / "offers.jsonl"), "--top", "3",
                 "--no-embeddings", "--out", str(out)])  # fmt: skip
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert code == 0
    assert [line["student"] for line in lines] == ["1", "2", "3"]
    assert [line["abstained"] for line in lines] == [False, True, False]
    assert all(len(line["offers"]) == len(line["scores"]) == len(line["reasons"]) == 3 for line in lines)
    assert lines[0]["scores"] == sorted(lines[0]["scores"], reverse=True)
    assert lines[0]["reasons"][0][0]["code"] == "concept"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "1", "text": "x", "age": 13}', "line 2: field 'age': unknown field"),
        ('{"id": "1"}', "line 2: field 'text': missing"),
        ('{"id": "0", "text": "x"}', "line 2: field 'id': '0' is already on line 1"),
        ('{"id": "1", "text": 3}', "line 2: field 'text': text is expected"),
        ('{"id": "1", "text": "x", "likes": ["lune"]}', "line 2: field 'likes': 'lune' is not one of"),
        ('{"id": "1", "text": "x", "interests": [3]}', "line 2: field 'interests': a list of texts is expected"),
        ("{", "line 2: not JSON"),
        ("[]", "line 2: an object is expected"),
    ],
)
def test_wrong_lines_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str) -> None:
    students = write(tmp_path / "s.jsonl", [{"id": "0", "text": "x"}, line])
    offers = write(tmp_path / "o.jsonl", [OFFER])
    out = tmp_path / "r.jsonl"
    assert main(["rank", "--students", str(students), "--offers", str(offers), "--out", str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_offers_are_checked_too(tmp_path: Path) -> None:
    with pytest.raises(profiles.ProfileError, match="work_conditions"):
        profiles.read_offers(write(tmp_path / "o.jsonl", [OFFER | {"work_conditions": ["soleil"]}]))


def test_without_the_extra_it_says_so_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "is_available", lambda: False)
    students = write(tmp_path / "s.jsonl", [{"id": "0", "text": "x"}])
    offers = write(tmp_path / "o.jsonl", [OFFER])
    command = ["rank", "--students", str(students), "--offers", str(offers), "--out", str(tmp_path / "r.jsonl")]
    assert main(command) == 0
    assert "passerelle-ess[embeddings]" in capsys.readouterr().err


def test_an_occupation_may_be_a_rome_code(tmp_path: Path) -> None:
    offer = profiles.read_offers(write(tmp_path / "o.jsonl", [OFFER | {"title": "Stage", "description": ""}]))
    from matching.affinity import AffinityModel

    fitted = AffinityModel().fit(offer)
    line = next(iter(ranking.rank(fitted, [Pupil("1", "faire pousser des légumes")], offer)))
    assert line["reasons"][0][0]["concept"] == "maraichage"
