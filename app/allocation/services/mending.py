"""Places that no longer hold, mended: the ways there are, and what the matcher says of each new place.

`placements` says who holds what and who lost it. Nothing here demands a permission: the room above has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from app.allocation import gateway, queries
from app.allocation.models import PlacementProposal
from app.allocation.rules import Parameters
from app.allocation.services.storing import stored_reasons
from app.allocation.states import ProposalState
from app.campaigns.models import Campaign
from app.kernel.database import db
from app.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class Situation:
    """Who may move and from which slot, who lost a place, who waits for one; seats open to them by slot.

    `refused`: (student, slot) that may not come back. `withdrawn` and `lost` seats are already taken off `seats`.
    """

    holders: Mapping[int, int]
    hit: frozenset[int]
    waiting: frozenset[int]
    seats: Mapping[int, int]
    refused: frozenset[tuple[int, int]] = frozenset()
    firmness: Mapping[int, int] = field(default_factory=dict)
    closed_weeks: Mapping[int, frozenset[str]] = field(default_factory=dict)  # student → ISO Mondays no longer open

    @property
    def students(self) -> frozenset[int]:
        return frozenset(self.holders) | self.hit | self.waiting


@dataclass(frozen=True, slots=True)
class Way:
    """One way to mend: student → (slot before or None, slot after), and who is left without a place."""

    moves: Mapping[int, tuple[int | None, int]]
    left: tuple[int, ...]

    @property
    def helped(self) -> int:
        return sum(before is None for before, _after in self.moves.values())

    @property
    def moved(self) -> int:
        return len(self.moves) - self.helped


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways there are, and the digest of all that they depend on."""

    still: Way
    chain: Way
    wide: Way
    digest: str


def problem_of(campaign: Campaign, situation: Situation) -> gateway.Problem:
    """The market of those who may move, in plain values: seats held by others are no part of it."""
    latest = queries.latest_done(campaign.id)
    asked = Parameters.from_stored(latest.parameters) if latest else Parameters()
    parameters = replace(asked, stable=False, fair_between_schools=False)
    learnt = queries.weights_of(latest) if latest else None
    problem = queries.market(campaign, parameters, only=situation.students, weights=learnt)
    known = {place.id for place in problem.places}
    places = [replace(place, capacity=max(0, situation.seats.get(int(place.id), 0))) for place in problem.places]
    refused = {(str(student), str(slot)) for student, slot in situation.refused if str(slot) in known}
    held = {(str(student), str(slot)) for student, slot in situation.holders.items()}
    pupils = [
        replace(pupil, weeks=tuple(w for w in pupil.weeks if w not in situation.closed_weeks.get(int(pupil.id), ())))
        for pupil in problem.pupils
    ]
    return replace(
        problem,
        pupils=tuple(pupils),
        places=tuple(places),
        pinned=(),
        forbidden=tuple(sorted((set(problem.forbidden) | refused) - held)),
        previous=tuple(sorted(held)),
    )


def digest(problem: gateway.Problem, situation: Situation) -> str:
    """The same digest, the same ways."""
    return gateway.digest(problem, hit=sorted(situation.hit), firmness=sorted(situation.firmness.items()))


def ways(problem: gateway.Problem, situation: Situation) -> Ways:
    """The ways to mend the situation. Raises `Conflict` when what was decided contradicts itself."""
    damage = gateway.Damage(
        hit=_texts(situation.hit),
        waiting=_texts(situation.waiting),
        firmness={str(student): level for student, level in situation.firmness.items()},
    )
    try:
        found = gateway.mend(problem, damage)
    except gateway.Contradiction as error:
        raise Conflict(_("Les décisions déjà prises se contredisent : %(detail)s", detail=str(error))) from error
    return Ways(_way(found.still), _way(found.chain), _way(found.wide), digest(problem, situation))


def _texts(ids: Collection[int]) -> frozenset[str]:
    return frozenset(map(str, ids))


def _way(mend: gateway.Mend) -> Way:
    moves = {
        int(move.student): (int(move.before) if move.before else None, int(move.after))
        for move in mend.moves
        if move.after is not None
    }
    return Way(moves, tuple(int(pupil) for pupil in mend.left))


def note(campaign_id: int, problem: gateway.Problem, places: Mapping[int, int]) -> None:
    """Keep what the matcher says of these students in these slots, as proposals of the latest run.

    What is noted may then be given (`releasing.give`) and explained like any other place.
    """
    run = queries.latest_done(campaign_id)
    if run is None:
        raise Conflict(_("Aucun calcul n’a encore été fait pour cette campagne."))
    if not places:
        return
    for placement in gateway.assess_all(problem, {str(student): str(slot) for student, slot in places.items()}):
        student_id, slot_id = int(placement.pupil), int(placement.place)
        proposal = queries.proposal_for(run.id, student_id, slot_id)
        if proposal is None:
            proposal = PlacementProposal(run_id=run.id, student_id=student_id, slot_id=slot_id)
            proposal.state = ProposalState.PROPOSED
            db.session.add(proposal)
        proposal.score = min(max(float(placement.score), 0.0), 1.0)
        proposal.wish_rank, proposal.distance_km = placement.rank, placement.distance_km
        proposal.reasons = stored_reasons(placement)
    db.session.flush()
