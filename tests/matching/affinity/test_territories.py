import os
from pathlib import Path

import numpy as np
import pytest

from matching import territories
from matching.feasibility import Feasibility
from matching.proposing import Offer, Place, Pupil
from tests.matching.affinity.builders import model, offers, texts


def square(number: int) -> int:
    return number * number


def die_once(path: str) -> str:
    if path and not Path(path).exists():
        Path(path).write_text("died", encoding="utf-8")
        os._exit(1)
    return path


def complain(_: int) -> int:
    raise ValueError("not fit")


@pytest.mark.parametrize("name", ["sequential", "threading"])
def test_every_backend_gives_the_same_results_in_order(name: str) -> None:
    shares: list[float] = []
    backend = territories.Backend(name, workers=2)
    assert territories.run(square, range(7), backend, shares.append) == [n * n for n in range(7)]
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


@pytest.mark.slow
def test_a_lost_worker_is_survived(tmp_path: Path) -> None:
    flag = str(tmp_path / "died")
    backend = territories.Backend("loky", workers=2)
    assert territories.run(die_once, ["", flag, ""], backend) == ["", flag, ""]


def test_an_error_of_the_work_itself_is_raised() -> None:
    with pytest.raises(ValueError, match="not fit"):
        territories.run(complain, [1, 2], territories.Backend("threading", workers=2))


@pytest.mark.slow
def test_shards_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    placed = [Offer(o.id, o.title, site=(50.42, 2.95)) for o in offers()]
    rules = Feasibility(placed, [Place(o.id, o.id, "w", 1) for o in placed])
    people = [Pupil(str(n), said, weeks=("w",), home=(50.4, 2.9)) for n, said in enumerate(texts()[:60])]
    whole = territories.sharded_fits(model(), people, rules, 10, territories.Backend("sequential"))
    monkeypatch.setattr(territories, "SHARD", 13)
    cut = territories.sharded_fits(model(), people, rules, 10, territories.Backend("loky", workers=2))
    for (rows, scores), (others, theirs) in zip(whole, cut, strict=True):
        np.testing.assert_array_equal(rows, others)
        np.testing.assert_allclose(scores, theirs)
