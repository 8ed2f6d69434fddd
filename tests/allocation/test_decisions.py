from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.allocation import queries, services
from app.allocation.models import Approval, PlacementProposal, RulingKind
from app.allocation.states import ProposalState
from app.audit.models import JournalEntry
from app.campaigns.states import Phase
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden, IllegalTransition, Invalid, PhaseClosed, SlotFull
from app.offers.models import Slot
from tests.allocation.conftest import set_phase
from tests.world import World

pytestmark = pytest.mark.both_engines
S = ProposalState


@pytest.fixture
def land(context: Flask, deciding: World):  # type: ignore[no-untyped-def]  # a Land inside a context
    return deciding.here


def state(proposal_id: int) -> ProposalState:
    return db.session.scalars(select(PlacementProposal.state).where(PlacementProposal.id == proposal_id)).one()


def taken(slot_id: int) -> int:
    return db.session.scalars(select(Slot.taken).where(Slot.id == slot_id)).one()


def test_approving_twice_is_approving_once(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    services.approve(land.proposal_id, by=coordinator)
    services.approve(land.proposal_id, by=coordinator)
    assert taken(land.slot_ids[0]) == 1
    assert [e.action for e in db.session.scalars(select(JournalEntry))] == ["proposal.approve"]


@pytest.mark.parametrize("phase", [Phase.COLLECTING, Phase.WISHES, Phase.UNDER_WAY, Phase.CLOSED])
def test_nothing_is_decided_outside_the_decisions(land, phase):  # type: ignore[no-untyped-def]
    set_phase(land, phase)
    with pytest.raises(PhaseClosed):
        services.approve(land.proposal_id, by=land.actor(Role.COORDINATOR))
    assert state(land.proposal_id) is S.PROPOSED


def test_only_the_territory_s_coordinator_decides(land, deciding):  # type: ignore[no-untyped-def]
    for actor in (deciding.there.actor(Role.COORDINATOR), land.actor(Role.TEACHER), land.actor(Role.HEAD)):
        with pytest.raises(Forbidden):
            services.approve(land.proposal_id, by=actor)


def test_a_refusal_says_why_frees_the_seat_and_binds_later_runs(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    services.approve(land.proposal_id, by=coordinator)
    with pytest.raises(Invalid):
        services.refuse(land.proposal_id, "  ", by=coordinator)
    assert taken(land.slot_ids[0]) == 1
    services.refuse(land.proposal_id, "La famille déménage.", by=coordinator)
    services.refuse(land.proposal_id, "La famille déménage.", by=coordinator)
    assert (state(land.proposal_id), taken(land.slot_ids[0])) == (S.REFUSED, 0)
    assert queries.forbidden_pairs(land.campaign_id) == {(land.student_id, land.slot_ids[0])}
    with pytest.raises(IllegalTransition):
        services.approve(land.proposal_id, by=coordinator)


def test_coming_back_on_an_approval_leaves_it_to_decide(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    services.approve(land.proposal_id, by=coordinator)
    services.withdraw(land.proposal_id, "Trop vite.", by=coordinator)
    assert (state(land.proposal_id), taken(land.slot_ids[0])) == (S.PROPOSED, 0)
    assert queries.forbidden_pairs(land.campaign_id) == set()


def test_what_people_were_told_is_not_undone_here(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    services.approve(land.proposal_id, by=coordinator)
    services.mark_published(land.campaign_id, [land.student_id])
    for act in (services.refuse, services.withdraw):
        with pytest.raises(Conflict, match="publiée"):
            act(land.proposal_id, "Finalement non.", by=coordinator)
    assert (state(land.proposal_id), taken(land.slot_ids[0])) == (S.APPROVED, 1)


def test_a_student_is_moved_to_a_free_place_and_approved(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    first, second = land.slot_ids
    services.refuse(land.proposal_ids[1], "Absent cette semaine.", by=coordinator)
    services.approve(land.proposal_id, by=coordinator)
    options = services.possible_places(queries.visible_run(coordinator, land.run_id), land.student_id, but_slot=first)
    assert [(o.slot.id, o.rank, o.free) for o in options] == [(second, 1, 1)]
    for _ in range(2):  # the second time changes nothing
        moved = services.move(land.proposal_id, second, "Semaine plus simple.", by=coordinator)
        assert (moved.slot_id, moved.state) == (second, S.APPROVED)
    assert (taken(first), taken(second), state(land.proposal_id)) == (0, 1, S.MOVED)
    assert moved.reasons
    back = services.move(moved.id, first, "Finalement.", by=coordinator)
    assert back.id == land.proposal_id
    assert (taken(first), taken(second), state(moved.id)) == (1, 0, S.MOVED)


def test_a_place_that_breaks_a_rule_is_refused(land, deciding):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    with pytest.raises(Conflict, match="ne convient pas"):
        services.move(land.proposal_id, deciding.there.slot_ids[0], "Essai.", by=coordinator)
    assert state(land.proposal_id) is S.PROPOSED


def test_a_move_to_a_place_taken_meanwhile_changes_nothing(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    services.approve(land.proposal_ids[1], by=coordinator)
    with pytest.raises(SlotFull, match="Enzo Delattre"):
        services.move(land.proposal_id, land.slot_ids[1], "Essai.", by=coordinator)
    assert state(land.proposal_id) is S.PROPOSED


@pytest.mark.parametrize("approved", [(), (0,), (0, 1)])
def test_two_students_exchange_their_places(land, approved):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    for index in approved:
        services.approve(land.proposal_ids[index], by=coordinator)
    proposal = queries.visible_proposal(coordinator, land.proposal_id)
    assert [s.other.id for s in services.possible_swaps(proposal)] == [land.proposal_ids[1]]
    for _ in range(2):
        services.swap(*land.proposal_ids, "Ils préfèrent.", by=coordinator)
    held = {a.student_id: a.slot_id for a in db.session.scalars(select(Approval))}
    assert held == dict(zip(land.student_ids, reversed(land.slot_ids), strict=False))
    assert [taken(slot) for slot in land.slot_ids] == [1, 1]


def test_a_student_left_out_is_placed_by_hand(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    run = queries.visible_run(coordinator, land.run_id)
    third = land.student_ids[2]
    assert services.possible_places(run, third) == []  # both seats are proposed to somebody
    services.refuse(land.proposal_id, "Elle a trouvé ailleurs.", by=coordinator)
    [option] = services.possible_places(run, third)
    for _ in range(2):
        placed = services.place_by_hand(run, third, option.slot.id, "Place libérée.", by=coordinator)
    assert (placed.state, placed.wish_rank, taken(option.slot.id)) == (S.APPROVED, 1, 1)


def test_many_are_approved_and_the_impossible_named(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    with transaction() as session:
        rival = PlacementProposal(
            run_id=land.run_id, student_id=land.student_ids[2], slot_id=land.slot_ids[0], score=0.5
        )
        session.add(rival)
    bulk = services.approve_many([*land.proposal_ids, rival.id], by=coordinator)
    assert bulk.approved == 2
    [(name, why)] = bulk.refused
    assert name == "Inès Benali"
    assert "Lina Wojcik" in why
    assert [taken(slot) for slot in land.slot_ids] == [1, 1]
    assert services.approve_many(land.proposal_ids, by=coordinator).approved == 0


def test_pins_and_prohibitions_replace_one_another(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    with pytest.raises(Invalid):
        services.pin(land.proposal_id, "", by=coordinator)
    services.pin(land.proposal_id, "Promis à la famille.", by=coordinator)
    services.pin(land.proposal_id, "Promis à la famille.", by=coordinator)
    [ruling] = queries.rulings_of(land.student_id)
    assert ruling.kind is RulingKind.PIN
    services.forbid(land.proposal_id, "Le grand frère y travaille.", by=coordinator)
    [ruling] = queries.rulings_of(land.student_id)
    assert ruling.kind is RulingKind.FORBID
    services.lift(land.proposal_id, by=coordinator)
    services.lift(land.proposal_id, by=coordinator)
    assert queries.rulings_of(land.student_id) == []
    services.approve(land.proposal_id, by=coordinator)
    with pytest.raises(Conflict, match="approuvée"):
        services.forbid(land.proposal_id, "Trop tard.", by=coordinator)


def test_a_seat_is_not_kept_for_two(land):  # type: ignore[no-untyped-def]
    coordinator = land.actor(Role.COORDINATOR)
    with transaction() as session:
        rival = PlacementProposal(
            run_id=land.run_id, student_id=land.student_ids[2], slot_id=land.slot_ids[0], score=0.5
        )
        session.add(rival)
    services.pin(land.proposal_id, "Promis.", by=coordinator)
    with pytest.raises(Conflict, match="déjà gardées"):
        services.pin(rival.id, "Promis aussi.", by=coordinator)
