"""The sub-commands on markets: read files, call the library, write files."""

from __future__ import annotations

import argparse
import importlib
import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from matching import assignment, interchange, verification
from matching.problem import OBJECTIVES

Options = argparse.Namespace


def add_parsers(subparsers: Any) -> None:
    """Register every sub-command."""
    solve = subparsers.add_parser("solve", help="allocate a market")
    solve.add_argument("market", type=Path)
    solve.add_argument("--objective", choices=OBJECTIVES, default="balanced")
    solve.add_argument("--previous", type=Path, help="a former solution, to move as few students as possible")
    solve.add_argument("--seed", type=int, default=0, help="of the lottery between equal outcomes")
    solve.add_argument("--no-certificate", action="store_true", help="leave the dual prices out of the file")
    solve.add_argument("--out", type=Path, required=True)
    solve.set_defaults(run=_solve)

    check = subparsers.add_parser("check", help="verify a solution, independently of the solver")
    check.add_argument("market", type=Path)
    check.add_argument("solution", type=Path)
    check.set_defaults(run=_check)
    for name in ("ranking",):
        try:
            importlib.import_module(f"matching.{name}").add_parser(subparsers)
        except ModuleNotFoundError:
            continue


def say(text: str) -> None:
    """A line on the error stream, for the person at the terminal."""
    sys.stderr.write(text + "\n")


def show(value: Any) -> None:
    """A JSON document on the output stream."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def show_progress(stage: str, share: float) -> None:
    """One line a stage on the error stream."""
    say(f"{stage}… {share:.0%}")


def _solve(options: Options) -> int:
    started = time.perf_counter()
    market = interchange.read_market(options.market)
    previous = interchange.read_solution(options.previous) if options.previous else None
    solution = assignment.solve(market, options.objective, previous, options.seed, show_progress,
                                certificate=not options.no_certificate)
    elapsed = time.perf_counter() - started
    # Whole seconds, rounded up: two runs of one small market give the same bytes.
    solution = replace(solution, seconds=math.ceil(elapsed))
    interchange.dump(interchange.solution_to(solution, market), options.out)
    say(f"{len(solution.assignments)} of {len(market.students)} placed, {elapsed:.2f} s")
    return 0


def _check(options: Options) -> int:
    market = interchange.read_market(options.market)
    report = verification.check(market, interchange.read_solution(options.solution))
    show(verification.report_to(report))
    for fault in report.faults:
        say(f"fault {fault.code}: {fault.message}")
    return 0 if report.ok else 1
