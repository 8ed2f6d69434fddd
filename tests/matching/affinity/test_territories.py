import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from dask import config
from distributed import LocalCluster

from matching import territories
from matching.feasibility import Feasibility
from matching.proposing import Offer, Place, Pupil
from tests.matching.affinity.builders import model, offers, texts

pytestmark = pytest.mark.real_clock  # Dask's processes tell each other the time


def square(number: int) -> int:
    return number * number


def die_once(path: str) -> str:
    if path and not Path(path).exists():
        Path(path).write_text("died", encoding="utf-8")
        os._exit(1)
    return path


def die_elsewhere(parent: int) -> str:
    """Kills every worker that tries, so that only the process of the test can answer."""
    if parent and os.getpid() != parent:
        os._exit(1)
    return "done"


def complain(_: int) -> int:
    raise ValueError("not fit")


@pytest.mark.parametrize("name", ["sequential", "threading"])
def test_every_backend_gives_the_same_results_in_order(name: str) -> None:
    shares: list[float] = []
    backend = territories.Backend(name, workers=2)
    assert territories.run(square, range(7), backend, shares.append) == [n * n for n in range(7)]
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


@pytest.fixture(scope="module")
def dask() -> Iterator[territories.Backend]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        yield territories.Backend("dask", workers=2, scheduler=cluster.scheduler_address)


@pytest.fixture(params=["loky", "dask"])
def workers(request: pytest.FixtureRequest) -> territories.Backend:
    """Two processes of each kind."""
    if request.param == "loky":
        return territories.Backend("loky", workers=2)
    backend: territories.Backend = request.getfixturevalue("dask")
    return backend


@pytest.mark.slow
def test_a_lost_worker_is_survived(workers: territories.Backend, tmp_path: Path) -> None:
    flag = str(tmp_path / "died")
    assert territories.run(die_once, ["", flag, "", ""], workers) == ["", flag, "", ""]
    assert Path(flag).read_text(encoding="utf-8") == "died"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:A worker stopped")
@pytest.mark.parametrize("name", ["loky", "dask"])
def test_a_shard_that_no_worker_survives_runs_here(name: str) -> None:
    with config.set({"distributed.scheduler.allowed-failures": 0}):
        found = territories.run(die_elsewhere, [0, os.getpid(), 0], territories.Backend(name, workers=2))
    assert found == ["done"] * 3


@pytest.mark.slow
def test_an_error_on_a_worker_is_raised(workers: territories.Backend) -> None:
    with pytest.raises(ValueError, match="not fit"):
        territories.run(complain, [1, 2], workers)


@pytest.mark.slow
def test_a_local_dask_cluster_is_started_when_no_scheduler_is_named() -> None:
    assert territories.run(square, range(4), territories.Backend("dask", workers=2)) == [0, 1, 4, 9]


def test_an_error_of_the_work_itself_is_raised() -> None:
    with pytest.raises(ValueError, match="not fit"):
        territories.run(complain, [1, 2], territories.Backend("threading", workers=2))


@pytest.mark.slow
def test_shards_and_backends_change_nothing(
    workers: territories.Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = [Offer(o.id, o.title, site=(50.42, 2.95)) for o in offers()]
    rules = Feasibility(placed, [Place(o.id, o.id, "w", 1) for o in placed])
    people = [Pupil(str(n), said, weeks=("w",), home=(50.4, 2.9)) for n, said in enumerate(texts()[:60])]
    whole = territories.sharded_fits(model(), people, rules, 10, territories.Backend("sequential"))
    monkeypatch.setattr(territories, "SHARD", 13)
    for backend in (workers, territories.Backend("threading", workers=2)):
        cut = territories.sharded_fits(model(), people, rules, 10, backend)
        for (rows, scores), (others, theirs) in zip(whole, cut, strict=True):
            np.testing.assert_array_equal(rows, others)
            np.testing.assert_array_equal(scores, theirs)
