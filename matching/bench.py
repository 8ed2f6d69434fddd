"""How fast, compared with what: every figure of one table comes from one run on one machine.

The yardstick is the bare solve: OR-Tools on the same graph, most placed then best total affinity, nothing else.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ortools.graph.python import min_cost_flow

from matching import assignment, bench_rivals, metrics, network, synthetic, verification
from matching.problem import Equity, Market, Solution
from matching.room import room_of
from matching.synthetic import SIZES, Size

TEXTS = ("territory", "departement", "region")


def add_parser(subparsers: Any) -> None:
    """Register the sub-command."""
    bench = subparsers.add_parser("bench", help="time and ratios against the bare solve and other libraries")
    bench.add_argument("--size", choices=SIZES, default="departement")
    bench.add_argument("--seed", type=int, default=0)
    bench.add_argument("--no-texts", action="store_true", help="candidates given, no affinity to compute")
    bench.add_argument("--no-growth", action="store_true", help="skip the smaller sizes that give the growth exponent")
    bench.add_argument(
        "--rivals",
        type=Path,
        default=os.environ.get("PASSERELLE_RIVALS"),
        help="folder where the PyPI package matching is installed (it has the name of this one)",
    )
    bench.add_argument("--out", type=Path, help="write the figures as JSON")
    bench.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the bench of one size and print its figures."""
    figures: dict[str, Any] = {"size": options.size, "processors": os.cpu_count()}
    _tell(f"synthetic market: {options.size}")
    market = synthetic.market(options.size, options.seed)
    figures["market"] = {
        "students": len(market.students),
        "slots": len(market.slots),
        "places": sum(s.capacity for s in market.slots),
        "pairs": len(market.pairs),
    }
    solution = _solvers(market, figures)
    figures["memory_mb"] = _memory()
    if options.size != "nation":
        _equity(market, solution, figures)
    figures["without_hosts"] = bench_rivals.compare(market, options.rivals, _tell)
    del market, solution
    if not options.no_growth:
        figures["growth_exponent"] = _growth(SIZES[options.size], options.seed)
    if options.size in TEXTS and not options.no_texts:
        _texts(options.size, options.seed, figures)
        figures["memory_mb"] = _memory()
    _print(figures)
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


def bare(market: Market) -> tuple[float, int, int]:
    """Seconds, students placed and total affinity in thousandths of the bare OR-Tools solve of the market's graph."""
    net = network.build(market)
    pairs, free = len(net.kept), len(net.free)
    arcs = np.r_[0:pairs, pairs + free : net.first_equity]
    affinity = np.rint(1000 * np.nan_to_num(net.pairs.affinity)).astype(np.int64)
    cost = np.zeros(len(arcs), np.int64)
    cost[:pairs] = 1000 - affinity
    start = time.perf_counter()
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(net.tail[arcs], net.head[arcs], net.capacity[arcs], cost)
    solver.set_nodes_supplies(np.arange(net.nodes), net.supply)
    solver.solve_max_flow_with_min_cost()
    taken = np.asarray(solver.flows(np.arange(pairs))) > 0
    return time.perf_counter() - start, int(taken.sum()), int(affinity[taken].sum())


def _solvers(market: Market, figures: dict[str, Any]) -> Solution:
    _tell("bare solve")
    seconds, placed, total = bare(market)
    figures["bare"] = {"seconds": round(seconds, 3), "placed": placed, "affinity": total / 1000}
    large = len(market.pairs) > 5_000_000
    _tell("balanced")
    start = time.perf_counter()
    solution = assignment.solve(market, certificate=not large)
    spent = time.perf_counter() - start
    figures["balanced"] = {
        "seconds": round(spent, 3),
        "placed": len(solution.assignments),
        "ratio": round(spent / seconds, 2),
        "affinity": solution.objective.total_affinity,
        "profile": list(solution.objective.profile),
    }
    if not large:
        _tell("check")
        start = time.perf_counter()
        report = verification.check(market, solution)
        figures["check"] = {"seconds": round(time.perf_counter() - start, 3), "faults": len(report.faults)}
    start = time.perf_counter()
    figures["greedy"] = {"placed": _greedy(market), "seconds": round(time.perf_counter() - start, 3)}
    return solution


def _greedy(market: Market) -> int:
    """Best affinity first, whoever fits: what a person with a sorted list does."""
    net = network.build(market)
    pairs = net.pairs
    order = np.lexsort((pairs.slot, pairs.student, -np.nan_to_num(pairs.affinity)))
    room = room_of(market)
    slots = room.slot.copy()
    host, week = dict(room.host), dict(room.week)
    placed = np.zeros(len(market.students), np.bool_)
    for k in order.tolist():
        i, t = int(pairs.student[k]), int(pairs.slot[k])
        slot = market.slots[t]
        cell = (slot.host, slot.week)
        if placed[i] or slots[t] <= 0 or host.get(slot.host, 1) <= 0 or week.get(cell, 1) <= 0:
            continue
        placed[i] = True
        slots[t] -= 1
        if slot.host in host:
            host[slot.host] -= 1
        if cell in week:
            week[cell] -= 1
    return int(placed.sum())


def _equity(market: Market, solution: Solution, figures: dict[str, Any]) -> None:
    """Shares placed in REP and elsewhere, without and with a floor."""
    _tell("equity")
    start = time.perf_counter()
    fair = assignment.solve(replace(market, equity=(Equity("rep"),)), certificate=False)
    figures["equity"] = {
        "seconds": round(time.perf_counter() - start, 3),
        "without": _shares(market, solution),
        "with_floor": _shares(market, fair),
        "placed_without": len(solution.assignments),
        "placed_with": len(fair.assignments),
    }


def _shares(market: Market, solution: Solution) -> Mapping[str, float]:
    shares = metrics.measure(market, solution).shares["rep"]
    return {"rep": shares["1"], "elsewhere": shares["0"]}


def _growth(size: Size, seed: int) -> float:
    """Exponent b of seconds = a · pairs^b, from a tenth, a third and the whole of the size."""
    points = []
    for share in (10, 3, 1):
        _tell(f"growth: 1/{share} of the size")
        market = synthetic.market(Size(size.students // share, size.places // share), seed)
        start = time.perf_counter()
        assignment.solve(market, certificate=False)
        points.append((math.log(len(market.pairs)), math.log(time.perf_counter() - start)))
    pairs, seconds = np.array(points).T
    return round(float(np.polyfit(pairs, seconds, 1)[0]), 2)


def _texts(size: str, seed: int, figures: dict[str, Any]) -> None:
    """The whole road: texts read, offers ranked, candidates kept, market solved."""
    from matching import assembling, proposing, synthetic_texts
    from matching.candidates import nearest_fits
    from matching.feasibility import Feasibility

    _tell("texts: writing them")
    problem = synthetic_texts.problem(size, seed)
    _tell("texts: affinity and candidates")
    start = time.perf_counter()
    model = proposing.fit_model(problem.offers)
    rules = Feasibility(problem.offers, problem.places)
    fits = nearest_fits(model, problem.pupils, rules, problem.top_k)
    ranked = time.perf_counter()
    market = assembling.market(problem, problem.pupils, problem.offers, model, rules, fits, proposing.KM_COST)
    built = time.perf_counter()
    _tell("texts: solve")
    solution = assignment.solve(market)
    solved = time.perf_counter()
    yardstick, placed, _ = bare(market)
    figures["with_texts"] = {
        "pupils": len(problem.pupils),
        "offers": len(problem.offers),
        "pairs": len(market.pairs),
        "affinity_and_candidates": round(ranked - start, 2),
        "market": round(built - ranked, 2),
        "solve": round(solved - built, 2),
        "total": round(solved - start, 2),
        "placed": len(solution.assignments),
        "bare": round(yardstick, 3),
        "bare_placed": placed,
        "ratio": round((solved - start) / yardstick, 1),
    }


def _memory() -> int:
    """Peak resident memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _tell(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")
    sys.stderr.flush()


def _print(figures: Mapping[str, Any]) -> None:
    for key, value in figures.items():
        if isinstance(value, Mapping):
            sys.stdout.write(f"{key}\n")
            for name, item in value.items():
                sys.stdout.write(f"  {name:<26}{item}\n")
        else:
            sys.stdout.write(f"{key:<28}{value}\n")
