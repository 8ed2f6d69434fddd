"""Formats: what goes out comes in again, and bad input is refused with its line and field."""

from __future__ import annotations

import json

import pytest

from matching import __main__, assignment, interchange
from matching.problem import MarketError
from tests.matching.solver.markets import random_market

GOOD = """{
  "students": [
    {"id": "s1", "groups": {"class": "3A"}},
    {"id": "s2", "priority": 1}
  ],
  "slots": [
    {"id": "t1", "offer": "o1", "host": "h1", "week": "2027-01-25", "capacity": 2},
    {"id": "t2", "offer": "o2", "host": "h1", "week": "2027-02-01", "capacity": 1, "minimum": 1}
  ],
  "hosts": [
    {"id": "h1", "capacity": {"2027-01-25": 1}}
  ],
  "pairs": [
    {"student": "s1", "slot": "t1", "affinity": 0.5, "rank": 1},
    {"student": "s2", "slot": "t1", "rank": 1, "acceptable": false}
  ],
  "pinned": [["s1", "t1"]],
  "forbidden": [{"student": "s2", "slot": "t2"}],
  "together": [{"students": ["s1", "s2"], "kind": "wish"}],
  "limits": [{"group": "class", "maximum": 1, "slot": "t1"}],
  "equity": [{"group": "class", "mode": "convex"}]
}
"""


def test_the_good_market_is_read():
    market = interchange.loads_market(GOOD)
    assert [s.id for s in market.slots] == ["t1", "t2"]
    assert market.hosts[0].in_week("2027-01-25") == 1
    assert market.hosts[0].in_week("2027-02-01") is None


@pytest.mark.parametrize("seed", range(30))
def test_a_market_survives_writing_and_reading(seed):
    market = random_market(seed, 8, 6, conditions=True)
    text = interchange.dumps(interchange.market_to(market))
    again = interchange.loads_market(text)
    assert interchange.dumps(interchange.market_to(again)) == text
    assert interchange.market_digest(again) == interchange.market_digest(market)


def test_a_solution_survives_writing_and_reading():
    market = random_market(5, 8, 6)
    document = interchange.solution_to(assignment.solve(market))
    again = interchange.loads_solution(interchange.dumps(document))
    assert interchange.solution_to(again) == document


BAD = {
    "unknown top field": ('"equity"', '"equality"', 21, "equality", "unknown field"),
    "unknown field": ('"priority": 1', '"priorty": 1', 4, "students[1].priorty", "unknown field"),
    "unknown field of a slot": ('"minimum": 1', '"min": 1', 8, "slots[1].min", "unknown field"),
    "missing field": ('"week": "2027-02-01", ', "", 8, "slots[1].week", "missing"),
    "missing capacity": (', "capacity": 2', "", 7, "slots[0].capacity", "missing"),
    "negative capacity": ('"capacity": 2', '"capacity": -2', 7, "slots[0].capacity", "negative"),
    "capacity as text": ('"capacity": 2', '"capacity": "2"', 7, "slots[0].capacity", "whole number"),
    "capacity as a fraction": ('"capacity": 2', '"capacity": 1.5', 7, "slots[0].capacity", "whole number"),
    "capacity as a flag": ('"capacity": 2', '"capacity": true', 7, "slots[0].capacity", "whole number"),
    "minimum above capacity": ('"minimum": 1', '"minimum": 3', 8, "slots[1].minimum", "never open"),
    "unknown host": (
        '"host": "h1", "week": "2027-02-01"',
        '"host": "h9", "week": "2027-02-01"',
        8,
        "slots[1].host",
        "unknown host 'h9'",
    ),
    "affinity above one": ('"affinity": 0.5', '"affinity": 1.5', 14, "pairs[0].affinity", "between 0 and 1"),
    "affinity as text": ('"affinity": 0.5', '"affinity": "high"', 14, "pairs[0].affinity", "number"),
    "not a number": ('"affinity": 0.5', '"affinity": NaN', 14, "pairs[0].affinity", "between 0 and 1"),
    "rank zero": ('"rank": 1, "acceptable"', '"rank": 0, "acceptable"', 15, "pairs[1].rank", "from 1"),
    "acceptable as a number": ('"acceptable": false', '"acceptable": 0', 15, "pairs[1].acceptable", "true or false"),
    "unknown student": (
        '"student": "s2", "slot": "t1"',
        '"student": "s9", "slot": "t1"',
        15,
        "pairs[1].student",
        "unknown student 's9'",
    ),
    "pair given twice": ('"student": "s2", "slot": "t1"', '"student": "s1", "slot": "t1"', 15, "pairs[1]", "twice"),
    "student given twice": ('"id": "s2"', '"id": "s1"', 4, "students[1].id", "already used"),
    "empty identifier": ('"id": "s2"', '"id": ""', 4, "students[1].id", "empty"),
    "field given twice": ('"priority": 1', '"id": "s3"', 4, "", "twice in one object"),
    "pinned to an unknown slot": ('[["s1", "t1"]]', '[["s1", "t7"]]', 17, "pinned[0].slot", "unknown slot"),
    "pinned twice": ('[["s1", "t1"]]', '[["s1", "t1"], ["s1", "t2"]]', 17, "pinned[1].student", "already pinned"),
    "pinned and forbidden": ('[["s1", "t1"]]', '[["s2", "t2"]]', 17, "pinned[0]", "both pinned and forbidden"),
    "pinned beyond capacity": ('[["s1", "t1"]]', '[["s1", "t1"], ["s2", "t1"]]', 17, "pinned[1]", "its capacity 1"),
    "together alone": ('["s1", "s2"], "kind"', '["s1", "s1"], "kind"', 19, "together[0].students", "themselves"),
    "together in three": ('["s1", "s2"], "kind"', '["s1", "s2", "s3"], "kind"', 19, "together[0].students", "two"),
    "unknown kind": ('"kind": "wish"', '"kind": "hope"', 19, "together[0].kind", "wish or must"),
    "unknown mode": ('"mode": "convex"', '"mode": "concave"', 21, "equity[0].mode", "floor or convex"),
    "limit on an unknown group": (
        '{"group": "class", "maximum": 1',
        '{"group": "clas", "maximum": 1',
        20,
        "limits[0].group",
        "no student has the group",
    ),
    "negative limit": ('"maximum": 1', '"maximum": -1', 20, "limits[0].maximum", "between 0 and"),
    "a list where an object is expected": ('{"id": "s2", "priority": 1}', '["s2"]', 4, "students[1]", "object"),
    "not JSON": ('"maximum": 1,', '"maximum": 1;', 20, "", "not JSON"),
}


@pytest.mark.parametrize(("old", "new", "line", "field", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_with_its_line_and_field(old, new, line, field, words, tmp_path, capsys):
    assert old in GOOD
    file = tmp_path / "market.json"
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(MarketError) as caught:
        interchange.read_market(file)
    assert caught.value.line == line
    assert caught.value.field == field
    assert words in caught.value.message
    assert __main__.main(["solve", str(file), "--out", str(tmp_path / "s.json")]) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"error: {file}")
    assert words in message
    assert not (tmp_path / "s.json").exists()


def test_absent_file_is_a_sentence(tmp_path, capsys):
    assert __main__.main(["check", str(tmp_path / "none.json"), str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_bad_solution_is_refused_with_its_line(tmp_path, capsys):
    (tmp_path / "m.json").write_text(GOOD, encoding="utf-8")
    (tmp_path / "s.json").write_text('{"assignments": [\n {"student": "s1",\n  "slott": "t1"}]}', encoding="utf-8")
    assert __main__.main(["check", str(tmp_path / "m.json"), str(tmp_path / "s.json")]) == 2
    message = capsys.readouterr().err
    assert "s.json:3" in message
    assert "assignments[0].slott" in message


def test_every_command_runs_on_files(tmp_path, capsys):
    market, solution = tmp_path / "m.json", tmp_path / "s.json"
    market.write_text(GOOD, encoding="utf-8")
    assert __main__.main(["solve", str(market), "--out", str(solution), "--seed", "4"]) == 0
    document = json.loads(solution.read_text(encoding="utf-8"))
    assert set(document) == {"assignments", "unplaced", "objective", "optimal", "certificate", "fingerprint", "seconds"}
    assert document["fingerprint"]["parameters"] == {"objective": "balanced", "seed": 4}
    capsys.readouterr()
    assert __main__.main(["check", str(market), str(solution)]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert __main__.main(["explain", str(market), str(solution), "--student", "s2", "--why-not", "t1"]) == 0
    assert json.loads(capsys.readouterr().out)["why_not"]["slot"] == "t1"
    assert __main__.main(["shortage", str(market), str(solution)]) == 0
    assert json.loads(capsys.readouterr().out)["placed"] == 1
    again = tmp_path / "again.json"
    assert __main__.main(["solve", str(market), "--previous", str(solution), "--out", str(again)]) == 0
    capsys.readouterr()
    assert __main__.main(["check", str(market), str(again), "--previous", str(solution)]) == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"rank": 1', '"rank": 1' + "0" * 30, "pairs[0].rank: this number is too large"),
        ('"rank": 1', '"rank": 1' + "0" * 5000, "this is not JSON"),
        ('"id": "a"', '"id": "\\ud800"', "students[0].id: this text holds half a character"),
    ],
)
def test_what_no_computer_holds_is_refused(old, new, message):
    text = json.dumps(
        {
            "students": [{"id": "a"}],
            "slots": [{"id": "t", "offer": "o", "host": "h", "week": "w", "capacity": 1}],
            "pairs": [{"student": "a", "slot": "t", "rank": 1}],
        }
    )
    assert old in text
    with pytest.raises(MarketError) as refused:
        interchange.loads_market(text.replace(old, new, 1))
    assert message in str(refused.value)


def test_an_answer_that_cannot_be_written_is_said(tmp_path, capsys):
    file = tmp_path / "m.json"
    file.write_text('{"students": [], "slots": [], "pairs": []}', encoding="utf-8")
    assert __main__.main(["solve", str(file), "--out", str(tmp_path / "nowhere" / "s.json")]) == 2
    assert "No such file" in capsys.readouterr().err
