"""Two coordinators approve the last place at the same instant, again and again, on real parallel connections."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.access.actor import Actor
from app.access.policy import Role
from app.allocation import services
from app.allocation.models import Approval, PlacementProposal
from app.allocation.services import deciding as deciding_services
from app.allocation.states import ProposalState
from app.audit.models import JournalEntry
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, SlotFull
from app.offers.models import Slot
from tests.world import World, add

ROUNDS = 200


def _rivals(deciding: World) -> tuple[int, int, int, Actor]:
    """A slot of one seat and two proposals for it, of two students."""
    land = deciding.here
    with transaction():
        first = db.session.get(PlacementProposal, land.proposal_ids[0])
        assert first is not None
        rival = PlacementProposal(
            run_id=land.run_id, student_id=land.student_ids[2], slot_id=first.slot_id, score=0.5, wish_rank=1
        )
        add(rival)
        slot = db.session.get(Slot, first.slot_id)
        assert slot is not None
        assert slot.capacity == 1
    return first.id, rival.id, first.slot_id, land.actor(Role.COORDINATOR)


def _clear(slot_id: int) -> None:
    with transaction() as session:
        session.execute(delete(Approval))
        session.execute(delete(JournalEntry))
        for proposal in session.scalars(select(PlacementProposal).where(PlacementProposal.slot_id == slot_id)):
            proposal.state = ProposalState.PROPOSED
        slot = session.get(Slot, slot_id)
        assert slot is not None
        slot.taken = 0


@pytest.mark.both_engines
@pytest.mark.slow
def test_exactly_one_of_two_wins_the_last_place(app: Flask, deciding: World) -> None:
    with app.app_context():
        first, second, slot_id, coordinator = _rivals(deciding)
        db.session.remove()
    start, end = threading.Barrier(3), threading.Barrier(3)
    outcomes: dict[int, object] = {}

    def work(proposal_id: int) -> None:
        for _ in range(ROUNDS):
            start.wait()
            with app.app_context():
                try:
                    outcomes[proposal_id] = services.approve(proposal_id, by=coordinator).id
                except Conflict as refusal:
                    outcomes[proposal_id] = refusal
                finally:
                    db.session.remove()
            end.wait()

    threads = [threading.Thread(target=work, args=(p,), daemon=True) for p in (first, second)]
    for thread in threads:
        thread.start()
    winners: dict[int, int] = {first: 0, second: 0}
    for _ in range(ROUNDS):
        with app.app_context():
            _clear(slot_id)
            db.session.remove()
        outcomes.clear()
        start.wait()
        end.wait()
        lost = [o for o in outcomes.values() if isinstance(o, SlotFull)]
        won = [o for o in outcomes.values() if isinstance(o, int)]
        assert (len(won), len(lost)) == (1, 1), outcomes
        winners[won[0]] += 1
        assert "vient d’être attribuée à" in lost[0].message
        assert "Coordinator 1" in lost[0].message
        with app.app_context():
            slot = db.session.get(Slot, slot_id)
            assert slot is not None
            assert slot.taken == 1
            assert db.session.scalar(select(func.count(Approval.id))) == 1
            states = set(
                db.session.scalars(select(PlacementProposal.state).where(PlacementProposal.slot_id == slot_id))
            )
            assert states == {ProposalState.APPROVED, ProposalState.PROPOSED}
            db.session.remove()
    for thread in threads:
        thread.join()
    assert sum(winners.values()) == ROUNDS


@pytest.mark.both_engines
def test_the_constraint_alone_refuses_one_seat_too_many(
    app: Flask, deciding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the lock's own check, the database still says no, in the same words."""
    with app.app_context():
        first, second, _, coordinator = _rivals(deciding)
        services.approve(first, by=coordinator)
        real = deciding_services.locked

        def pretend_roomy(model: type[Slot], key: int) -> object:
            row = real(model, key)
            return _Blind(row.id) if isinstance(row, Slot) else row

        monkeypatch.setattr(deciding_services, "locked", pretend_roomy)
        with pytest.raises(SlotFull, match="vient d’être attribuée à"):
            services.approve(second, by=coordinator)


class _Blind:
    """A slot which believes that it has room, and whose seat is taken straight in the database."""

    capacity = 99

    def __init__(self, slot_id: int) -> None:
        self.id = slot_id

    @property
    def taken(self) -> int:
        return 0

    @taken.setter
    def taken(self, _value: int) -> None:
        db.session.execute(Slot.__table__.update().where(Slot.id == self.id).values(taken=Slot.taken + 1))
