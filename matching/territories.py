"""Many markets, or one market's affinities, over joblib backends: loky here, Dask by a setting on a cluster.

Work is cut in shards whose size never depends on the number of workers, and each shard is pure: results are the same
whatever the backend. A worker that dies costs its shards a second try, in a new pool and then here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import joblib  # type: ignore[import-untyped,unused-ignore]
import numpy as np
from numpy.typing import NDArray

from matching import candidates
from matching.affinity import AffinityModel
from matching.feasibility import Feasibility

if TYPE_CHECKING:
    from matching import proposing

SHARD = 2000  # pupils
T = TypeVar("T")
R = TypeVar("R")
Fits = list[tuple[NDArray[np.intp], NDArray[np.float64]]]


@dataclass(frozen=True, slots=True)
class Backend:
    """Where shards run. `name`: sequential, loky, threading or dask; `scheduler` is Dask's address (tcp://…)."""

    name: str = "loky"
    workers: int = 1
    scheduler: str | None = None


def run(
    work: Callable[[T], R], shards: Sequence[T], backend: Backend, progress: Callable[[float], None] | None = None
) -> list[R]:
    """`[work(shard) for shard in shards]` on `backend`, in order; survives lost workers.

    An error raised by `work` itself is raised here. Raises ImportError when Dask is asked for and not installed.
    """
    results: dict[int, R] = {}

    def take(index: int, value: R) -> None:
        results[index] = value
        if progress is not None:
            progress(len(results) / len(shards))

    if backend.name != "sequential" and backend.workers > 1 and len(shards) > 1:
        for _ in range(2):
            missing = [index for index in range(len(shards)) if index not in results]
            try:
                _pooled(work, shards, missing, backend, take)
            except BrokenProcessPool:  # a worker was lost: what it held is tried again
                continue
            break
    for index, shard in enumerate(shards):
        if index not in results:
            take(index, work(shard))
    return [results[index] for index in range(len(shards))]


def _pooled(
    work: Callable[[T], R],
    shards: Sequence[T],
    missing: Sequence[int],
    backend: Backend,
    take: Callable[[int, R], None],
) -> None:
    options: dict[str, object] = {"n_jobs": backend.workers}
    if backend.name == "dask":
        options |= _dask(backend)
    elif backend.name == "loky":
        options["inner_max_num_threads"] = 1
    with joblib.parallel_config(backend=backend.name, **options):
        calls = (joblib.delayed(_numbered)(work, index, shards[index]) for index in missing)
        for index, value in joblib.Parallel(return_as="generator_unordered")(calls):
            take(index, value)


def _numbered(work: Callable[[T], R], index: int, shard: T) -> tuple[int, R]:
    return index, work(shard)


def _dask(backend: Backend) -> dict[str, object]:
    try:
        from distributed import Client  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        raise ImportError("the dask backend needs the package « distributed »") from error
    client = Client(backend.scheduler) if backend.scheduler else Client(n_workers=backend.workers, threads_per_worker=1)
    return {"client": client} if backend.scheduler else {}


def propose_all(
    problems: Mapping[str, proposing.Problem],
    backend: Backend | None = None,
    progress: Callable[[float], None] | None = None,
) -> dict[str, proposing.Outcome]:
    """The outcome of each territory, by its name."""
    from matching import proposing  # here, so that workers that only score need not load the solver

    names = sorted(problems)
    outcomes = run(proposing.propose, [problems[name] for name in names], backend or Backend(), progress)
    return dict(zip(names, outcomes, strict=True))


@dataclass(frozen=True, slots=True)
class _Shard:
    model: AffinityModel
    pupils: Sequence[candidates.Seeker]
    rules: Feasibility
    keep: int


def _fits(shard: _Shard) -> Fits:
    return candidates.nearest_fits(shard.model, shard.pupils, shard.rules, shard.keep)


def sharded_fits(
    model: AffinityModel,
    pupils: Sequence[candidates.Seeker],
    rules: Feasibility,
    keep: int,
    backend: Backend | None = None,
    progress: Callable[[float], None] | None = None,
) -> Fits:
    """`candidates.nearest_fits` over shards of pupils; the same answer, whatever the backend and its workers."""
    shards = [_Shard(model, pupils[start : start + SHARD], rules, keep) for start in range(0, len(pupils), SHARD)]
    found = run(_fits, shards, backend or Backend(), progress)
    return [fit for shard in found for fit in shard]
