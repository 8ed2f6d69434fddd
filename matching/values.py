"""The words of the façade, in plain values: what `proposing`, `answering`, `mending` and `learning` are told and say.

Nothing here loads SciPy, scikit-learn or OR-Tools (a second, a hundred megabytes): whoever only names a problem is
spared them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matching.feasibility import Point
from matching.problem import Market, Solution
from matching.weights import Reason, Weights

if TYPE_CHECKING:
    from matching.profiles import PupilLike
    from matching.repair import Move
    from matching.shortage import Cell


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil: what was said and ticked, and the rules that bound the search. `wishes` are offer ids, best first."""

    id: str
    text: str = ""
    avoid_text: str = ""
    interests: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    school: str = ""
    school_class: str = ""
    level: str = ""
    weeks: tuple[str, ...] = ()
    home: Point | None = None
    max_km: float | None = None
    wishes: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer. `occupations` are ROME codes or labels; no `levels` means every level; `site` is (lat, lon).

    `sector` and `commune` are also where a place that is missing is looked for.
    """

    id: str
    title: str
    structure: str = ""
    structure_type: str = ""
    sector: str = ""
    occupations: tuple[str, ...] = ()
    description: str = ""
    work_conditions: tuple[str, ...] = ()
    host: str = ""
    levels: tuple[str, ...] = ()
    site: Point | None = None
    commune: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """`capacity` places of an offer in one week (ISO Monday)."""

    id: str
    offer: str
    week: str
    capacity: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One territory, one campaign. `pinned`, `forbidden` and `previous` are (pupil, place).

    `weights` are (channel, weight) that replace the hand weights of the affinity (see `learning`).
    """

    pupils: tuple[Pupil, ...]
    offers: tuple[Offer, ...]
    places: tuple[Place, ...]
    pinned: tuple[tuple[str, str], ...] = ()
    forbidden: tuple[tuple[str, str], ...] = ()
    previous: tuple[tuple[str, str], ...] = ()
    objective: str = "balanced"
    seed: int = 0
    max_per_class_per_place: int | None = None
    equity: tuple[str, ...] = ()
    top_k: int = 25
    use_embeddings: bool = False
    weights: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """A pupil in a place. `reasons` add up, with the model's bias, to the log-odds of `score`."""

    pupil: str
    place: str
    score: float
    rank: int | None
    distance_km: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A pupil without a place: why, and how many offers each rule removed. `rule` is the tier that decided between
    this pupil and another ("" when there was no competition, or when it is not known)."""

    pupil: str
    code: str
    figures: Mapping[str, int]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gives: placements, who is left and why, the verdict of the independent check with its facts, where
    one more place would help, figures; and the market with its solution, to be questioned later (see `answering`)."""

    placements: tuple[Placement, ...]
    unplaced: tuple[Left, ...]
    verified: bool
    faults: tuple[str, ...]
    objective: Mapping[str, Any]
    fingerprint: Mapping[str, Any]
    seconds: float
    report: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    shortage: tuple[Cell, ...] = ()
    market: Market | None = None
    solution: Solution | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One offer for one pupil, with the terms of its score. `abstained`: nothing was said to rank by."""

    offer: str
    score: float
    reasons: tuple[Reason, ...]
    abstained: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a seat of the place. `decided`: pinned or approved by a person, whatever the matcher thinks."""

    pupil: str
    rank: int | None
    affinity: float | None
    decided: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Why `pupil` is not in `place`.

    `code`: holds_it; unknown_place (not in that run); the rule that forbids it (other_week, level, too_far, forbidden,
    no_capacity, impossible); or what the pair, forced and solved again, would do: costs (`rule` is the first tier that
    gets worse, by `worse_by`), tie (only the lottery decided), kept (possible, but the places of the previous run were
    kept), not_considered (it was not among the candidates, and would cost nothing), not_solved (too large to try).
    `figures`: what the rule compared (km, max_km, over_km), `decided` when a decision holds the pupil elsewhere.
    `moved` others would change place, of whom `left` would lose theirs and `gained` get one; `wishes` is the change in
    pupils by rank obtained ({1: -2}: two first wishes fewer).
    """

    pupil: str
    place: str
    code: str
    figures: Mapping[str, float] = field(default_factory=dict)
    rank: int | None = None
    affinity: float | None = None
    was_candidate: bool = False
    rule: str = ""
    worse_by: float = 0.0
    capacity: int = 0
    holders: tuple[Holder, ...] = ()
    moved: int = 0
    left: int = 0
    gained: int = 0
    wishes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Damage:
    """What is lost. `withdrawn` places take nobody any more, `lost` maps a place to the seats gone.

    `hit` pupils have no place any more and go before the `waiting`, who had none. `firmness`: how dear it is to move a
    pupil who has a place, 0 unless said; a higher one is moved last.
    """

    hit: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    lost: Mapping[str, int] = field(default_factory=dict)
    firmness: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mend:
    """One way: who goes where (`before` None: was without a place), and whom it leaves without any."""

    moves: tuple[Move, ...]
    left: tuple[str, ...]

    @property
    def helped(self) -> int:
        """How many get a place who had none any more."""
        return sum(move.before is None for move in self.moves)

    @property
    def moved(self) -> int:
        """How many had a place and change it for the others."""
        return sum(move.before is not None for move in self.moves)


@dataclass(frozen=True, slots=True)
class Mends:
    """`still`: the hit alone are placed, in free seats. `chain`: others may move for them. `wide`: the waiting too."""

    still: Mend
    chain: Mend
    wide: Mend


@dataclass(frozen=True, slots=True)
class Decision:
    """One judged pair. `reason` of a refusal outside FIT_REASONS (distance, dates, host…) says nothing of fit.

    `source`: coordinator, pupil, host or feedback. `group` is only for the equity guard, `wished` only to take apart
    what a wish is worth; neither is a feature of the score.
    """

    pupil: PupilLike
    offer: str
    approved: bool
    reason: str = ""
    source: str = "coordinator"
    group: str = ""
    weight: float = 1.0
    wished: bool = False


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a run of learning says. `code`: released, held_quality, held_equity or too_few."""

    code: str
    weights: Weights
    before: Mapping[str, float]
    after: Mapping[str, float]
    changes: Mapping[str, tuple[float, float]]
    used: int
    left_out: Mapping[str, int]
    selection: Mapping[str, int] = field(default_factory=dict)

    @property
    def released(self) -> bool:
        return self.code == "released"
