"""One market's affinities over joblib backends: loky here, Dask by a setting on a cluster.

Work is cut in shards whose size never depends on the number of workers, and each shard is pure: results are the same
whatever the backend. A worker that dies costs its shards another try: Dask gives them to another worker, loky to a new
pool; what still has no answer runs here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from importlib import import_module
from typing import TypeVar

import joblib  # type: ignore[import-untyped,unused-ignore]  # it ships no types
import numpy as np
from numpy.typing import NDArray

from matching import candidates
from matching.affinity import AffinityModel
from matching.feasibility import Feasibility

SHARD = 2000  # pupils
LARGEST_SHARD = "1GB"  # as sent to a Dask worker, model included
T = TypeVar("T")
R = TypeVar("R")
Fits = list[tuple[NDArray[np.intp], NDArray[np.float64]]]


@dataclass(frozen=True, slots=True)
class Backend:
    """Where shards run. `name`: sequential, loky, threading or dask.

    `scheduler` is the address of a Dask scheduler (tcp://…); without one, a local cluster lives as long as the run.
    """

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
            if backend.name == "dask":  # it tries lost shards again by itself
                _on_dask(work, shards, backend, take)
                break
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
    options = {"inner_max_num_threads": 1} if backend.name == "loky" else {}
    with joblib.parallel_config(backend=backend.name, n_jobs=backend.workers, **options):
        calls = (joblib.delayed(_numbered)(work, index, shards[index]) for index in missing)
        for index, value in joblib.Parallel(return_as="generator_unordered")(calls):
            take(index, value)


def _numbered(work: Callable[[T], R], index: int, shard: T) -> tuple[int, R]:
    return index, work(shard)


def _on_dask(work: Callable[[T], R], shards: Sequence[T], backend: Backend, take: Callable[[int, R], None]) -> None:
    """Shards on Dask's own client, which tells a lost worker from an error of the work shard by shard."""
    try:
        config, distributed = import_module("dask.config"), import_module("distributed")
    except ImportError as error:
        raise ImportError("the dask backend needs the package « distributed »") from error
    local = {"n_workers": backend.workers, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with (
        config.set({"distributed.admin.large-graph-warning-threshold": LARGEST_SHARD}),
        distributed.Client(**({"address": backend.scheduler} if backend.scheduler else local)) as client,
    ):
        index_of = {client.submit(work, shard, pure=False): index for index, shard in enumerate(shards)}
        for future in distributed.as_completed(index_of):
            if not isinstance(future.exception(), distributed.KilledWorker):
                take(index_of[future], future.result())


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
