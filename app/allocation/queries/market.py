"""The market of a campaign in plain values, gathered in a dozen statements whatever its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.allocation.gateway import Place, Problem, Pupil
from app.allocation.models import Approval, PlacementProposal, Ruling, RulingKind
from app.allocation.queries.decisions import approvals, forbidden_pairs
from app.allocation.rules import Parameters
from app.allocation.states import ProposalState
from app.campaigns.models import Campaign
from app.kernel.database import db
from app.offers import queries as offer_queries
from app.offers.models import PlacementOffer
from app.schools import queries as school_queries
from app.schools.models import SchoolClass, Student
from app.wishes import gateway as wish_gateway
from app.wishes import outcome
from app.wishes import queries as wish_queries
from app.wishes.models import InterestProfile


def market(
    campaign: Campaign,
    parameters: Parameters,
    previous_id: int | None = None,
    only: Collection[int] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Problem:
    """Students, public offers, places, pins and prohibitions of the campaign (of the students `only`, when given).

    `weights`: learnt weights of the affinity by channel, instead of those written by hand.

    Students who found their stage themselves are left out. An approved student is pinned, and the seats held in an
    offer that is no longer public stay in the market for their holders alone. A class limit is raised where decisions
    already exceed it, so that they cannot contradict it.
    """
    held = approvals(campaign.id)
    alone = set(outcome.found_by_themselves(campaign.id)) - {approval.student_id for approval in held}
    students = [student for student in _students(campaign.id, only) if student.id not in alone]
    ids = [student.id for student in students]
    profiles = wish_queries.profiles(ids)
    wishes = wish_queries.ranked_offers(ids)
    schools = {student.school_class.school_id for student in students}
    weeks = school_queries.weeks(schools, campaign.id)
    offers = offer_queries.published(campaign.id)
    public = {offer.id for offer in offers}
    offers += _others({approval.slot.offer_id for approval in held} - public)
    places = _places(offers, public, Counter(approval.slot_id for approval in held))
    known = {place.id: place.capacity for place in places}
    wanted = {str(student_id) for student_id in ids}
    pinned = _pins(campaign.id, held, known, wanted)
    forbidden = forbidden_pairs(campaign.id) - {(int(pupil), int(place)) for pupil, place in pinned.items()}
    classes = {str(student.id): student.class_id for student in students}
    return Problem(
        pupils=tuple(_pupil(s, profiles.get(s.id), wishes.get(s.id, []), weeks) for s in students),
        offers=tuple(wish_gateway.offer_of(offer) for offer in sorted(offers, key=lambda o: o.id)),
        places=tuple(places),
        pinned=tuple(sorted(pinned.items())),
        forbidden=_texts({pair for pair in forbidden if str(pair[0]) in wanted and str(pair[1]) in known}),
        previous=_texts(_previous(previous_id)) if previous_id is not None and parameters.stable else (),
        objective=parameters.objective.value,
        seed=parameters.seed,
        max_per_class_per_place=_class_limit(parameters.max_per_class, pinned, classes),
        equity=("school",) if parameters.fair_between_schools else (),
        weights=tuple(sorted((weights or {}).items())),
    )


def _students(campaign_id: int, only: Collection[int] | None) -> list[Student]:
    statement = (
        select(Student)
        .join(Student.school_class)
        .where(SchoolClass.campaign_id == campaign_id)
        .options(joinedload(Student.school_class).joinedload(SchoolClass.school))
        .order_by(Student.id)
    )
    if only is not None:
        statement = statement.where(Student.id.in_(sorted(only)))
    return list(db.session.scalars(statement))


def _pupil(student: Student, said: InterestProfile | None, wishes: list[int], weeks: dict[int, list[date]]) -> Pupil:
    school_class = student.school_class
    home = said.commune.point if said and said.commune else school_class.school.point
    return Pupil(
        id=str(student.id),
        text=said.text if said else "",
        avoid_text=said.avoid_text if said else "",
        interests=tuple(said.interests) if said else (),
        likes=tuple(said.likes) if said else (),
        avoids=tuple(said.avoids) if said else (),
        school=str(school_class.school_id),
        school_class=str(school_class.id),
        level=school_class.level,
        weeks=tuple(str(monday) for monday in weeks.get(school_class.school_id, [])),
        home=(home.lat, home.lon),
        max_km=float(said.max_km) if said and said.max_km else None,
        wishes=tuple(str(offer_id) for offer_id in wishes),
        groups={"rep": "1" if school_class.school.priority_education else "0"},
    )


def _others(offer_ids: set[int]) -> list[PlacementOffer]:
    if not offer_ids:
        return []
    return list(
        db.session.scalars(
            select(PlacementOffer)
            .where(PlacementOffer.id.in_(sorted(offer_ids)))
            .options(
                joinedload(PlacementOffer.organization),
                joinedload(PlacementOffer.site),
                selectinload(PlacementOffer.slots),
            )
        )
    )


def _places(offers: list[PlacementOffer], public: set[int], held: Counter[int]) -> list[Place]:
    """The seats that a run may give: those that no placement holds without an approval."""
    return [
        Place(id=str(slot.id), offer=str(offer.id), week=slot.monday.isoformat(), capacity=seats)
        for offer in sorted(offers, key=lambda o: o.id)
        for slot in offer.slots
        if (seats := slot.capacity - (slot.taken - held[slot.id]) if offer.id in public else held[slot.id]) > 0
    ]


def _pins(campaign_id: int, held: list[Approval], capacity: dict[str, int], wanted: set[str]) -> dict[str, str]:
    """Pupil → place. What is approved comes first; then pins, the oldest first, while the place has room."""
    pins = {str(approval.student_id): str(approval.slot_id) for approval in held}
    room = Counter(capacity)
    room.subtract(pins.values())
    rows = db.session.execute(
        select(Ruling.student_id, Ruling.slot_id)
        .where(Ruling.campaign_id == campaign_id, Ruling.kind == RulingKind.PIN)
        .order_by(Ruling.id)
    )
    for student_id, slot_id in rows:
        pupil, place = str(student_id), str(slot_id)
        if pupil not in pins and room[place] > 0:
            pins[pupil] = place
            room[place] -= 1
    return {pupil: place for pupil, place in pins.items() if place in capacity and pupil in wanted}


def _previous(run_id: int) -> set[tuple[int, int]]:
    rows = db.session.execute(
        select(PlacementProposal.student_id, PlacementProposal.slot_id).where(
            PlacementProposal.run_id == run_id,
            PlacementProposal.state.in_([ProposalState.PROPOSED, ProposalState.APPROVED]),
        )
    )
    return {(student_id, slot_id) for student_id, slot_id in rows}


def _texts(pairs: set[tuple[int, int]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(student_id), str(slot_id)) for student_id, slot_id in pairs))


def _class_limit(wanted: int | None, pinned: dict[str, str], classes: dict[str, int]) -> int | None:
    if wanted is None:
        return None
    together = Counter((classes[pupil], place) for pupil, place in pinned.items())
    return max([wanted, *together.values()])
