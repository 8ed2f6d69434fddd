"""Published preference data as markets: PrefLib (Glasgow 00038, AGH 00009) and OR-Library assignment problems."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from matching.problem import Host, Market, Pair, Slot, Student


def shared_markets() -> Path:
    """The folder of published markets, or a skipped test that says where it was looked for."""
    beside = Path(__file__).resolve().parents[3].parent / "shared"
    folder = Path(os.environ.get("PASSERELLE_SHARED", beside)) / "data" / "markets"
    if not folder.is_dir():
        pytest.skip(f"published markets absent: no folder {folder} (set PASSERELLE_SHARED)")
    return folder


def orders(file: Path) -> tuple[int, list[list[int]]]:
    """Number of alternatives and one list of alternatives (from 1) a voter, of a ``.soi`` or ``.soc`` file."""
    alternatives, rows = 0, []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# NUMBER ALTERNATIVES"):
            alternatives = int(line.split(":")[1])
        elif line and not line.startswith("#"):
            count, order = line.split(":")
            rows += [[int(x) for x in order.split(",")]] * int(count)
    return alternatives, rows


def glasgow(file: Path) -> Market:
    """Students, projects of capacity 1, supervisors as hosts. Alternatives 1..n are projects 0..n-1 of the ``.dat``."""
    alternatives, rows = orders(file)
    supervisor, hosts = {}, []
    for line in file.with_suffix(".dat").read_text(encoding="utf-8").splitlines()[1:]:
        name, capacity, projects = line.split(",")
        hosts.append(Host(name, int(capacity)))
        supervisor.update({int(p): name for p in projects.split()})
    slots = tuple(Slot(f"p{p}", f"p{p}", supervisor[p], "year", 1) for p in range(alternatives))
    return _market(rows, slots, tuple(hosts), lambda alternative: f"p{alternative - 1}")


def courses(file: Path, capacity: int) -> Market:
    """A complete ``.soc`` election as courses of one imposed capacity."""
    alternatives, rows = orders(file)
    slots = tuple(Slot(f"c{c}", f"c{c}", f"c{c}", "year", capacity) for c in range(1, alternatives + 1))
    return _market(rows, slots, (), lambda alternative: f"c{alternative}")


def assignment_costs(file: Path) -> list[list[int]]:
    """The square cost matrix of an OR-Library assignment problem."""
    numbers = [int(x) for x in file.read_text(encoding="utf-8").split()]
    n = numbers[0]
    return [numbers[1 + i * n : 1 + (i + 1) * n] for i in range(n)]


def assignment_problem(costs: list[list[int]], as_rank: bool) -> Market:
    """A cost matrix as a market: the cost is the rank, or what the affinity lacks in hundredths."""
    n = len(costs)
    pairs = tuple(
        Pair(f"s{i}", f"t{j}", rank=cost) if as_rank else Pair(f"s{i}", f"t{j}", round(1 - cost / 100, 2))
        for i, row in enumerate(costs)
        for j, cost in enumerate(row)
    )
    return Market(
        tuple(Student(f"s{i}") for i in range(n)),
        tuple(Slot(f"t{j}", f"t{j}", f"t{j}", "w", 1) for j in range(n)),
        (),
        pairs,
    )


def _market(rows, slots, hosts, name) -> Market:
    students = tuple(Student(f"s{i:03}") for i in range(len(rows)))
    pairs = tuple(
        Pair(f"s{i:03}", name(alternative), rank=k)
        for i, row in enumerate(rows)
        for k, alternative in enumerate(row, 1)
    )
    return Market(students, slots, hosts, pairs)
