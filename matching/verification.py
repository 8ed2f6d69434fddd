"""The independent checker. It shares nothing with the solver but the reader: its own rules, maximum and sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matching import checking_rules, checking_value
from matching.checking_rules import Fault
from matching.problem import Market, Solution


@dataclass(frozen=True, slots=True)
class Report:
    """``ok`` when there is no fault; ``facts`` say what was verified and what could not be."""

    ok: bool
    faults: tuple[Fault, ...]
    facts: Mapping[str, Any]


def check(market: Market, solution: Solution, previous: Solution | None = None) -> Report:
    """Verify ``solution`` against ``market``: validity, number placed, objective, certificate, waste, envy, equity.

    ``previous`` is needed to verify a tier that counts who moved. Nothing is raised: the report names every fault.
    """
    faults = list(checking_rules.validity(market, solution))
    facts: dict[str, Any] = {"placed": len(solution.assignments), "students": len(market.students), "valid": not faults}
    if not any(f.code in checking_rules.UNREADABLE for f in faults):
        more, found = checking_value.quality(market, solution, previous, valid=not faults)
        faults.extend(more)
        facts.update(found)
    return Report(not faults, tuple(faults), facts)


def report_to(report: Report) -> dict[str, Any]:
    """The report as plain values ready for JSON."""
    return {
        "ok": report.ok,
        "faults": [{"code": f.code, "message": f.message} for f in report.faults],
        "facts": dict(report.facts),
    }
