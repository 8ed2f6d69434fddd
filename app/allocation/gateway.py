"""The room's door to `matching`: a problem in plain values goes in, a verified proposal with its reasons comes out.

The solver and the affinity are imported by the calls that need them: a command that allocates nothing is spared a
second and a hundred megabytes.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from app.settings import ROOT
from matching import feasibility, interchange, values
from matching.problem import MarketError
from matching.weights import CHANNELS

if TYPE_CHECKING:
    from matching.affinity import AffinityModel

Pupil = values.Pupil
Offer = values.Offer
Place = values.Place
Problem = values.Problem
Placement = values.Placement
Left = values.Left
Outcome = values.Outcome
Damage = values.Damage
Mend = values.Mend
Mends = values.Mends
Answer = values.Answer
Holder = values.Holder
Decision = values.Decision
Lesson = values.Lesson


class Contradiction(ValueError):
    """The rules given to the matcher cannot hold together (two pins for one place, a place of an unknown offer)."""


def propose(problem: Problem, progress: Callable[[str, float], None] | None = None) -> Outcome:
    """Solve `problem`; `progress(stage, share)` is called along the way. Raises `Contradiction`."""
    from matching import proposing

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
    alone = Problem(pupils, problem.offers, places, pinned=((pupil_id, place_id),), weights=problem.weights)
    return propose(alone).placements[0]


def packed(outcome: Outcome) -> tuple[bytes, bytes] | None:
    """The market of a run and its solution, to be stored and questioned later; None when there was nothing to solve."""
    if outcome.market is None or outcome.solution is None:
        return None
    parts = interchange.market_to(outcome.market), interchange.solution_to(outcome.solution)
    market, solution = (zlib.compress(json.dumps(plain(part), ensure_ascii=False).encode()) for part in parts)
    return market, solution


def why_not(market: bytes, solution: bytes, problem: Problem, pupil_id: str, place_id: str) -> Answer:
    """Why this pupil is not in this place, in the run whose `packed` parts are given.

    `problem` holds the pupil and what is offered now. Raises `Contradiction` when the pupil is not in it.
    """
    from matching import answering

    if all(pupil.id != pupil_id for pupil in problem.pupils):
        raise Contradiction(f"no pupil {pupil_id}")
    asked, found = interchange.market_from(_unpacked(market)), interchange.solution_from(_unpacked(solution))
    answer = answering.why_not(asked, found, problem, pupil_id, place_id)
    if answer.was_candidate or answer.code not in {"costs", "tie", "kept", "not_considered"}:
        return answer
    affinity = assess(replace(problem, pinned=(), forbidden=()), pupil_id, place_id).score
    return answering.why_not(asked, found, problem, pupil_id, place_id, affinity)


def _unpacked(part: bytes) -> Any:
    return json.loads(zlib.decompress(part))


def learn(problem: Problem, decisions: Sequence[Decision], progress: Callable[[float], None] | None = None) -> Lesson:
    """What `decisions` teach about the weights `problem` uses, released only if none of the guarded figures falls.

    The figures: order of the decisions held out (nDCG at 5, refused offers in the first 5), and what a run of `problem`
    with the new weights would give (students placed, first wishes, gap between schools).
    """
    from matching import judging, learning, proposing

    tell = progress or (lambda share: None)
    model = proposing.fit_model(problem.offers, problem.use_embeddings, problem.weights)
    tell(0.2)
    held = [d for d in decisions if learning.held_out(d)]
    done = iter((0.6, 0.95))

    def guard(changed: AffinityModel) -> dict[str, float]:
        weights = tuple((channel, changed.weights_.of(channel)) for channel in CHANNELS)
        figures = judging.of_decisions(changed, problem, held)
        figures |= judging.of_run(proposing.propose(replace(problem, weights=weights, pinned=(), previous=())))
        tell(next(done, 1.0))
        return figures

    return learning.learn(model, decisions, guard)


def weights_of(lesson: Lesson) -> dict[str, float]:
    """Channel → weight that the lesson would put in use."""
    return {channel: after for channel, (_, after) in sorted(lesson.changes.items())}


def assess_all(problem: Problem, places: Mapping[str, str]) -> tuple[Placement, ...]:
    """What a run would say of these pupils in these places (pupil → place), capacities left out.

    Raises `Contradiction` when one of them is not in `problem`.
    """
    chosen = {pupil.id: pupil for pupil in problem.pupils if pupil.id in places}
    seats = Counter(places.values())
    open_places = tuple(replace(p, capacity=seats[p.id]) for p in problem.places if p.id in seats)
    if len(chosen) < len(places) or len(open_places) < len(seats):
        raise Contradiction("an unknown pupil or an unknown place")
    alone = replace(
        problem,
        pupils=tuple(chosen.values()),
        places=open_places,
        pinned=tuple(sorted(places.items())),
        forbidden=(),
        previous=(),
        max_per_class_per_place=None,
        equity=(),
    )
    return propose(alone).placements


def mend(problem: Problem, damage: Damage) -> Mends:
    """The ways to mend placements that no longer hold (see `matching.mending`). Raises `Contradiction`."""
    from matching import mending

    try:
        return mending.mend(problem, damage)
    except MarketError as error:
        raise Contradiction(str(error)) from error


def feasible_places(problem: Problem, pupil_id: str) -> list[Place]:
    """The places open to a pupil by week, level, distance and prohibitions; capacity in use is not looked at."""
    if all(pupil.id != pupil_id for pupil in problem.pupils):
        return []
    from matching import proposing

    return proposing.feasible_places(problem, pupil_id)


def who_may_take(problem: Problem, place_id: str) -> set[str]:
    """The pupils to whom this place is open by week, level, distance and prohibitions."""
    place = next((place for place in problem.places if place.id == place_id), None)
    if place is None:
        return set()
    rules = feasibility.Feasibility([offer for offer in problem.offers if offer.id == place.offer], [place])
    refused = {pupil for pupil, where in problem.forbidden if where == place_id}
    return {pupil.id for pupil in problem.pupils if pupil.id not in refused and rules.places_of(pupil)}


def digest(problem: Problem, **beside: Any) -> str:
    """SHA-256 of the canonical JSON of `problem`: two runs with the same digest, seed and version are the same run.

    `beside`: plain values that the answer also depends on.
    """
    canonical = json.dumps(asdict(problem) | beside, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
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
