"""The sub-commands on markets: read files, call the library, write files."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from matching import assignment, bench, explanation, interchange, metrics, repair, shortage, verification
from matching.problem import OBJECTIVES, MarketError, Solution

Options = argparse.Namespace


def add_parsers(subparsers: Any, command: str | None) -> None:
    """Register every sub-command; ``rank``, whose libraries take long to load, unless another one is asked for."""
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
    check.add_argument("--previous", type=Path, help="the former solution, when the solve was given one")
    check.set_defaults(run=_check)
    explain = subparsers.add_parser("explain", help="why this place, and why not that one")
    explain.add_argument("market", type=Path)
    explain.add_argument("solution", type=Path)
    explain.add_argument("--student", required=True)
    explain.add_argument("--previous", type=Path, help="solution that this one kept as much of as it could")
    explain.add_argument("--why-not", metavar="SLOT", help="force this slot, solve again and tell the cost")
    explain.set_defaults(run=_explain)

    lacking = subparsers.add_parser("shortage", help="who has no place, why, and where places are missing")
    lacking.add_argument("market", type=Path)
    lacking.add_argument("solution", type=Path)
    lacking.add_argument("--previous", type=Path, help="solution that this one kept as much of as it could")
    lacking.set_defaults(run=_shortage)

    mend = subparsers.add_parser("repair", help="after a withdrawal, the fewest moves that place as many as possible")
    mend.add_argument("market", type=Path)
    mend.add_argument("solution", type=Path)
    mend.add_argument("--withdraw", nargs="*", default=[], metavar="SLOT", help="slots that are no longer offered")
    mend.add_argument("--leave", nargs="*", default=[], metavar="STUDENT", help="students who no longer need a place")
    mend.add_argument("--out", type=Path, help="write the new solution here")
    mend.set_defaults(run=_repair)

    bench.add_parser(subparsers)
    if command not in {"solve", "check", "explain", "shortage", "repair", "bench"}:
        from matching import ranking

        ranking.add_parser(subparsers)


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
    solution = assignment.solve(
        market, options.objective, previous, options.seed, show_progress, certificate=not options.no_certificate
    )
    elapsed = time.perf_counter() - started
    # Whole seconds, rounded up: two runs of one small market give the same bytes.
    solution = replace(solution, seconds=math.ceil(elapsed))
    interchange.dump(interchange.solution_to(solution), options.out)
    told = metrics.measure(market, solution, previous)
    say(
        f"{told.placed} of {told.students} placed, {told.first_wishes} first wishes, {told.unacceptable} unacceptable"
        + (f", {told.moved} moved" if told.moved is not None else "")
        + f", {elapsed:.2f} s"
    )
    return 0


def _check(options: Options) -> int:
    market = interchange.read_market(options.market)
    previous = interchange.read_solution(options.previous) if options.previous else None
    report = verification.check(market, interchange.read_solution(options.solution), previous)
    show(verification.report_to(report))
    for fault in report.faults:
        say(f"fault {fault.code}: {fault.message}")
    return 0 if report.ok else 1


def _explain(options: Options) -> int:
    market = interchange.read_market(options.market)
    solution, previous = _solutions(options)
    answer: dict[str, Any] = {
        "explanation": explanation.as_values(explanation.explain(market, solution, options.student))
    }
    if options.why_not:
        answer["why_not"] = explanation.as_values(
            explanation.why_not(market, solution, options.student, options.why_not, previous)
        )
    show(answer)
    return 0


def _known(solution: Solution) -> Solution:
    """A solution that can be solved again: its objective is one of ours, or none (``balanced`` then)."""
    if solution.objective.name and solution.objective.name not in OBJECTIVES:
        wanted = f"unknown objective {solution.objective.name!r}: one of {', '.join(OBJECTIVES)}"
        raise MarketError(wanted, ("objective", "name"))
    return solution


def _solutions(options: Options) -> tuple[Solution, Solution | None]:
    """The solution, and the one whose places it kept."""
    solution = _known(interchange.read_solution(options.solution))
    previous = interchange.read_solution(options.previous) if options.previous else None
    if previous is None and "previous" in solution.fingerprint.get("parameters", {}):
        say("this solution kept places of a previous one: give it with --previous, or they do not count")
    return solution, previous


def _shortage(options: Options) -> int:
    market = interchange.read_market(options.market)
    solution, previous = _solutions(options)
    found = shortage.find(market, solution, show_progress, previous)
    show(
        {
            "placed": found.placed,
            "unplaced": [
                {
                    "student": u.student,
                    "code": u.code,
                    "figures": dict(u.figures),
                    "rule": u.rule,
                    "instead_of": u.instead_of,
                }
                for u in found.unplaced
            ],
            "places": [
                {
                    "sector": c.sector,
                    "commune": c.commune,
                    "week": c.week,
                    "waiting": c.waiting,
                    "one_more": c.one_more,
                    "places": c.places,
                    "most": c.most,
                }
                for c in found.cells
            ],
        }
    )
    return 0


def _repair(options: Options) -> int:
    market = interchange.read_market(options.market)
    plan = repair.repair(market, _known(interchange.read_solution(options.solution)), options.withdraw, options.leave)
    if options.out:
        new = replace(plan.solution, seconds=math.ceil(plan.solution.seconds))
        interchange.dump(interchange.solution_to(new), options.out)
    show(
        {
            "placed_before": plan.placed_before,
            "placed_after": plan.placed_after,
            "moves": [{"student": m.student, "before": m.before, "after": m.after} for m in plan.moves],
        }
    )
    return 0
