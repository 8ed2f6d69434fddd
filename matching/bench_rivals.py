"""The bench of other libraries on the same pairs: SciPy, and the PyPI package that has the name of this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import optimize, sparse

from matching import assignment
from matching.problem import Host, IntArray, Market

RIVAL = """
import json, sys, time
from matching.games import HospitalResident
sys.setrecursionlimit(100_000)
data = json.load(sys.stdin)
start = time.perf_counter()
game = HospitalResident.create_from_dictionaries(data["students"], data["slots"], data["capacity"])
answer = game.solve()
print(json.dumps([time.perf_counter() - start, sum(len(v) for v in answer.values())]))
"""
DENSE = 3_000_000  # cells up to which SciPy's dense assignment is tried
SPARSE = 1_000_000  # pairs up to which SciPy's sparse assignment is tried


def compare(market: Market, rivals: Path | str | None, tell: Callable[[str], None]) -> dict[str, Any]:
    """Seconds and students placed of each library; hosts' own capacities left out, since none of them knows any."""
    plain = replace(market, hosts=tuple(Host(h.id) for h in market.hosts))
    start = time.perf_counter()
    ours = len(assignment.solve(plain, "affinity", certificate=False).assignments)
    figures: dict[str, Any] = {"ours": {"seconds": round(time.perf_counter() - start, 3), "placed": ours}}
    pairs = plain.columns
    capacity = np.fromiter((s.capacity for s in plain.slots), np.int64, len(plain.slots))
    copies = np.repeat(np.arange(len(capacity)), capacity)
    first = np.cumsum(capacity) - capacity
    n = len(plain.students)
    if n * len(copies) <= DENSE:
        tell("SciPy, dense")
        start = time.perf_counter()
        value = np.zeros((n, len(capacity)))
        value[pairs.student, pairs.slot] = 10_000 + pairs.affinity
        row, column = optimize.linear_sum_assignment(value[:, copies], maximize=True)
        placed = int(np.sum(value[row, copies[column]] > 0))
        figures["scipy_dense"] = {"seconds": round(time.perf_counter() - start, 3), "placed": placed}
    if len(pairs) <= SPARSE:
        tell("SciPy, sparse")
        start = time.perf_counter()
        student, copy, gain = _copied(pairs.student, pairs.slot, pairs.affinity, capacity, first)
        graph = sparse.csr_matrix(
            (
                np.concatenate([2 - gain, np.full(n, 10_000.0)]),
                (np.concatenate([student, np.arange(n)]), np.concatenate([copy, len(copies) + np.arange(n)])),
            )
        )
        _, column = sparse.csgraph.min_weight_full_bipartite_matching(graph)
        figures["scipy_sparse"] = {
            "seconds": round(time.perf_counter() - start, 3),
            "placed": int(np.sum(column < len(copies))),
        }
    if rivals is not None and n <= 20_000:
        tell("PyPI matching")
        figures["pypi_matching"] = _rival(plain, Path(rivals))
    return figures


def _copied(student: IntArray, slot: IntArray, gain: Any, capacity: IntArray, first: IntArray) -> tuple[Any, Any, Any]:
    """Each pair once for every place of its slot."""
    times = capacity[slot]
    offset = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    return np.repeat(student, times), np.repeat(first[slot], times) + offset, np.repeat(gain, times)


def _rival(market: Market, folder: Path) -> Mapping[str, Any]:
    """The PyPI package of the same name, in a process of its own where ours cannot be seen."""
    pairs = market.columns
    order = np.lexsort((-pairs.affinity, pairs.student)).tolist()
    students: dict[str, list[str]] = {}
    slots: dict[str, list[str]] = {}
    for k in order:
        students.setdefault(market.students[int(pairs.student[k])].id, []).append(market.slots[int(pairs.slot[k])].id)
    for k in np.lexsort((-pairs.affinity, pairs.slot)).tolist():
        slots.setdefault(market.slots[int(pairs.slot[k])].id, []).append(market.students[int(pairs.student[k])].id)
    data = {"students": students, "slots": slots, "capacity": {s.id: s.capacity for s in market.slots if s.id in slots}}
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and text
            [sys.executable, "-P", "-W", "ignore", "-c", RIVAL],
            input=json.dumps(data),
            text=True,
            capture_output=True,
            timeout=600,
            cwd=folder,
            check=False,
            env={**os.environ, "PYTHONPATH": str(folder)},
        )
    except subprocess.TimeoutExpired:
        return {"error": "more than 600 s"}
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no answer"])[-1][:120]}
    seconds, placed = json.loads(done.stdout)
    return {"seconds": round(seconds, 3), "placed": placed}
