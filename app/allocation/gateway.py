"""The room's door to `matching`: a problem in plain values goes in, a verified proposal with its reasons comes out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import cache
from importlib import metadata
from typing import Any

from app.settings import ROOT
from matching import feasibility, proposing
from matching.problem import MarketError

Pupil = proposing.Pupil
Offer = proposing.Offer
Place = proposing.Place
Problem = proposing.Problem
Placement = proposing.Placement
Left = proposing.Left
Outcome = proposing.Outcome


class Contradiction(ValueError):
    """The rules given to the matcher cannot hold together (two pins for one place, a place of an unknown offer)."""


def propose(problem: Problem, progress: Callable[[str, float], None] | None = None) -> Outcome:
    """Solve `problem`; `progress(stage, share)` is called along the way. Raises `Contradiction`."""
    try:
        return proposing.propose(problem, progress)
    except MarketError as error:
        raise Contradiction(str(error)) from error


def assess(problem: Problem, pupil_id: str, place_id: str) -> Placement:
    """What a run would say of this pupil in this place: score, rank, distance and reasons.

    Raises `Contradiction` when the pupil or the place is not in `problem`.
    """
    pupils = tuple(pupil for pupil in problem.pupils if pupil.id == pupil_id)
    places = tuple(place for place in problem.places if place.id == place_id)
    if not pupils or not places:
        raise Contradiction(f"no pupil {pupil_id} or no place {place_id}")
    outcome = propose(
        proposing.Problem(pupils=pupils, offers=problem.offers, places=places, pinned=((pupil_id, place_id),))
    )
    return outcome.placements[0]


def feasible_places(problem: Problem, pupil_id: str) -> list[Place]:
    """The places open to a pupil by week, level, distance and prohibitions; capacity in use is not looked at."""
    if all(pupil.id != pupil_id for pupil in problem.pupils):
        return []
    return proposing.feasible_places(problem, pupil_id)


def who_may_take(problem: Problem, place_id: str) -> set[str]:
    """The pupils to whom this place is open by week, level, distance and prohibitions."""
    place = next((place for place in problem.places if place.id == place_id), None)
    if place is None:
        return set()
    rules = feasibility.Feasibility([offer for offer in problem.offers if offer.id == place.offer], [place])
    refused = {pupil for pupil, where in problem.forbidden if where == place_id}
    return {pupil.id for pupil in problem.pupils if pupil.id not in refused and rules.places_of(pupil)}


def digest(problem: Problem) -> str:
    """SHA-256 of the canonical JSON of `problem`: two runs with the same digest, seed and version are the same run."""
    canonical = json.dumps(asdict(problem), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@cache
def code_version() -> str:
    """The version of the distribution, and the commit when the code runs from its repository."""
    try:
        version = metadata.version("passerelle-ess")
    except metadata.PackageNotFoundError:
        version = "0+source"
    commit = _commit()
    return f"{version} ({commit[:12]})" if commit else version


def _commit() -> str:
    """The commit checked out, read from the repository's own files; empty outside a repository."""
    git = ROOT / ".git"
    try:
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        reference = head.removeprefix("ref: ")
        loose = git / reference
        if loose.exists():
            return loose.read_text().strip()
        packed = (git / "packed-refs").read_text().splitlines()
    except OSError:
        return ""
    return next((line.split()[0] for line in packed if line.endswith(f" {reference}")), "")


def plain(value: Any) -> Any:
    """`value` as JSON holds it: the library's numbers and mappings become Python's own."""
    return json.loads(json.dumps(value, default=_plainly, ensure_ascii=False))


def _plainly(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "items"):
        return dict(value.items())
    if isinstance(value, Iterable):
        return list(value)
    return str(value)
