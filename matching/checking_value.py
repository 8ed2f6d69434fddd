"""Second half of the checker: is the solution as good as it says? """

from __future__ import annotations

from typing import Any

from matching.checking_rules import Fault
from matching.problem import Market, Solution


def quality(market: Market, solution: Solution, previous: Solution | None,
            valid: bool) -> tuple[list[Fault], dict[str, Any]]:
    """Faults and facts on the value of the solution."""
    return [], {}
