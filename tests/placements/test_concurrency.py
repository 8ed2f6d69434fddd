"""Opposite answers at the same instant, on real parallel connections: one story wins, and the books agree with it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.access.actor import Actor
from app.access.policy import Role
from app.allocation.models import Approval, PlacementProposal
from app.allocation.states import ProposalState
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict
from app.messaging.models import OutboxMessage
from app.offers.models import Slot
from app.placements import services
from app.placements.models import AnswerCode, Placement, PlacementAnswer
from app.placements.services import codes
from app.placements.states import LIVE, Answer, Medium, PlacementState, Side
from tests.placements.conftest import Told
from tests.world import Land

ROUNDS = 25
S = PlacementState
pytestmark = [pytest.mark.both_engines, pytest.mark.slow]
Verb = Callable[[int], object]


def _race(app: Flask, told: Told, first: Verb, second: Verb, check: Callable[[Placement, list[object]], None]) -> None:
    """Both verbs start together, ROUNDS times on a placement made new each time; `check` sees what became of it."""
    for _ in range(ROUNDS):
        with app.app_context():
            placement_id = _anew(told.land)
            db.session.remove()
        barrier = threading.Barrier(2)
        outcomes: list[object] = []

        def work(
            verb: Verb,
            placement_id: int = placement_id,
            barrier: threading.Barrier = barrier,
            outcomes: list[object] = outcomes,
        ) -> None:
            with app.app_context():
                barrier.wait()
                try:
                    outcomes.append(verb(placement_id))
                except Conflict as refusal:
                    outcomes.append(refusal)
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=work, args=(verb,)) for verb in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with app.app_context():
            placement = db.session.get_one(Placement, placement_id)
            assert len(outcomes) == 2, "a thread died"
            check(placement, outcomes)
            _books_agree(told.land, placement)
            db.session.remove()


def _anew(land: Land) -> int:
    """The placement as it was just after its publication, seat and approval included."""
    with transaction() as session:
        session.execute(delete(PlacementAnswer))
        session.execute(delete(OutboxMessage))
        session.execute(delete(AnswerCode))
        session.execute(delete(Placement))
        session.execute(delete(Approval))
        proposal = session.get_one(PlacementProposal, land.proposal_ids[0])
        proposal.state = ProposalState.APPROVED
        session.add(
            Approval(
                campaign_id=land.campaign_id,
                student_id=land.student_id,
                slot_id=land.slot_ids[0],
                proposal_id=proposal.id,
            )
        )
        session.get_one(Slot, land.slot_ids[0]).taken = 1
        placement = Placement(
            territory_id=land.territory_id,
            campaign_id=land.campaign_id,
            student_id=land.student_id,
            slot_id=land.slot_ids[0],
        )
        session.add(placement)
        session.flush()
        codes.issue([placement])
        return placement.id


def _books_agree(land: Land, placement: Placement) -> None:
    """Seat taken, approval and live state say the same thing."""
    alive = placement.state in LIVE
    approvals = db.session.scalar(select(func.count(Approval.id)))
    assert (placement.slot.taken, approvals) == ((1, 1) if alive else (0, 0)), placement.state


def _say(by: Actor, side: Side, value: Answer) -> Verb:
    return lambda placement_id: (
        services.answer(placement_id, value, side, by=by, medium=Medium.LINK, reason="Travaux").state
    )


def test_the_structure_declines_while_the_family_confirms(app: Flask, told: Told) -> None:
    with app.app_context():
        host = told.land.actor(Role.HOST)
    family = Actor(Role.GUARDIAN, "Anna", None, told.land.territory_id, student_id=told.land.student_id)

    def check(placement: Placement, outcomes: list[object]) -> None:
        assert placement.state is S.DECLINED, outcomes
        assert S.CONFIRMED not in outcomes
        mails = db.session.scalars(select(OutboxMessage.kind)).all()
        assert mails.count("placement_undone_family") == 1

    _race(app, told, _say(host, Side.HOST, Answer.NO), _say(family, Side.FAMILY, Answer.YES), check)


def test_the_coordinator_cancels_while_the_structure_confirms(app: Flask, told: Told) -> None:
    with app.app_context():
        host, coordinator = told.land.actor(Role.HOST), told.land.actor(Role.COORDINATOR)

    def check(placement: Placement, outcomes: list[object]) -> None:
        assert placement.state is S.CANCELLED, outcomes

    def cancel(placement_id: int) -> object:
        return services.cancel(placement_id, "La semaine ferme", by=coordinator).state

    _race(app, told, cancel, _say(host, Side.HOST, Answer.YES), check)


def test_both_say_yes_at_the_same_instant(app: Flask, told: Told) -> None:
    with app.app_context():
        host = told.land.actor(Role.HOST)
    family = Actor(Role.GUARDIAN, "Anna", None, told.land.territory_id, student_id=told.land.student_id)

    def check(placement: Placement, outcomes: list[object]) -> None:
        assert placement.state is S.CONFIRMED, outcomes

    _race(app, told, _say(host, Side.HOST, Answer.YES), _say(family, Side.FAMILY, Answer.YES), check)


def test_the_same_no_twice_at_the_same_instant_frees_one_seat(app: Flask, told: Told) -> None:
    with app.app_context():
        host = told.land.actor(Role.HOST)

    def check(placement: Placement, outcomes: list[object]) -> None:
        assert outcomes == [S.DECLINED, S.DECLINED]
        assert len(placement.answers) == 1

    _race(app, told, _say(host, Side.HOST, Answer.NO), _say(host, Side.HOST, Answer.NO), check)
