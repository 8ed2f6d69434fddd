"""The fingerprint of a run: digest of the input whatever its order, parameters, versions."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from importlib import metadata
from typing import Any

from matching.interchange import market_digest
from matching.problem import Market, Solution


def fingerprint(
    market: Market, objective: str, seed: int, previous: Solution | None, stay_first: bool
) -> dict[str, Any]:
    """All it takes to replay a run and to know that it is the same one."""
    parameters: dict[str, Any] = {"objective": objective, "seed": seed}
    if previous is not None:
        parameters["previous"] = digest_of_places(previous)
    if stay_first:
        parameters["stay_first"] = True
    return {
        "market": market_digest(market),
        "parameters": parameters,
        "lottery": "draw(student, slot) from the seed and identifiers (docs/matching.md)",
        "versions": versions(),
    }


def digest_of_places(solution: Solution) -> str:
    """SHA-256 of who is where: tells whether a solution is the one that a later run started from."""
    places = json.dumps(sorted(solution.places().items()), ensure_ascii=False)
    return hashlib.sha256(places.encode()).hexdigest()


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that can change a result."""
    found = {"python": platform.python_version()}
    for name in ("passerelle-ess", "numpy", "scipy", "ortools"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "source"
    return found
