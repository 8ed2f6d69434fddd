"""The order of the input changes nothing, to the byte; the seed is the only chance."""

from __future__ import annotations

import json
import random

import pytest

from matching import __main__, assignment, interchange, synthetic
from matching.problem import Market, Pair, Slot, Student
from matching.synthetic import Size
from tests.matching.solver.markets import random_market


def shuffled(document, seed):
    draw = random.Random(seed)
    answer = {}
    for key in draw.sample(list(document), len(document)):
        rows = list(document[key])
        if key != "equity":  # the order of equity rules is an order of priority
            draw.shuffle(rows)
        answer[key] = [dict(draw.sample(list(r.items()), len(r))) if isinstance(r, dict) else r for r in rows]
    return answer


@pytest.mark.parametrize("kind", ["territory", "every rule"])
def test_fifty_shuffles_give_the_same_bytes(kind, tmp_path):
    market = synthetic.market(Size(120, 90)) if kind == "territory" else random_market(77, 14, 9, conditions=True)
    document = interchange.market_to(market)
    seen = set()
    for seed in range(50):
        (tmp_path / "m.json").write_text(json.dumps(shuffled(document, seed)), encoding="utf-8")
        assert __main__.main(["solve", str(tmp_path / "m.json"), "--out", str(tmp_path / "s.json")]) == 0
        seen.add((tmp_path / "s.json").read_bytes())
    assert len(seen) == 1


def equal_students() -> Market:
    return Market(
        tuple(Student(f"s{i}") for i in range(6)),
        (Slot("t", "o", "h", "w", 1),),
        (),
        tuple(Pair(f"s{i}", "t", 0.5, 1) for i in range(6)),
    )


def test_equal_students_draw_lots_by_the_seed():
    winners = {assignment.solve(equal_students(), seed=seed).assignments[0].student for seed in range(40)}
    assert winners == {f"s{i}" for i in range(6)}


def test_a_lottery_is_the_same_when_drawn_again():
    first, again = (assignment.solve(equal_students(), seed=11) for _ in range(2))
    assert first.assignments == again.assignments
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint["parameters"]["seed"] == 11
