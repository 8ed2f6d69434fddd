from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.allocation import gateway, queries, services
from app.allocation.models import MatchingRun, PlacementProposal
from app.allocation.rules import Parameters, changes
from app.allocation.services import running
from app.allocation.states import ProposalState, RunState
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.hosts.models import HostOrganization
from app.hosts.states import HostState
from app.kernel.database import db, transaction
from app.kernel.errors import Forbidden, Invalid, PhaseClosed
from tests.allocation.conftest import set_phase
from tests.world import Land, World

pytestmark = pytest.mark.both_engines


def start(land: Land, key: str = "k", **parameters: object) -> int:
    campaign = db.session.get(Campaign, land.campaign_id)
    assert campaign is not None
    wanted = Parameters(**parameters)  # type: ignore[arg-type]
    return services.start_run(campaign, wanted, key, by=land.actor(Role.COORDINATOR)).id


def placed(run_id: int) -> dict[int, int]:
    db.session.expire_all()
    return queries.places_by_student(run_id)


def run_of(run_id: int) -> MatchingRun:
    db.session.expire_all()
    run = db.session.get(MatchingRun, run_id)
    assert run is not None
    return run


def test_the_same_form_sent_twice_is_one_run(context: Flask, deciding: World) -> None:
    land = deciding.here
    assert start(land) == start(land)
    assert start(land, "other") != start(land)


def test_who_may_start_and_when(context: Flask, deciding: World) -> None:
    land = deciding.here
    campaign = db.session.get(Campaign, land.campaign_id)
    assert campaign is not None
    for actor in (land.actor(Role.TEACHER), deciding.there.actor(Role.COORDINATOR)):
        with pytest.raises(Forbidden):
            services.start_run(campaign, Parameters(), "x", by=actor)
    with pytest.raises(Invalid):
        start(land, seed=-1)
    with pytest.raises(Invalid):
        start(land, max_per_class=0)
    set_phase(land, Phase.COLLECTING)
    with pytest.raises(PhaseClosed):
        start(land)


def test_a_run_stores_all_that_is_needed_to_replay_it(context: Flask, deciding: World) -> None:
    land = deciding.here
    first, second = start(land, "a", seed=7, stable=False), start(land, "b", seed=7, stable=False)
    services.execute(first)
    services.execute(second)
    run = run_of(first)
    assert (run.state, run.progress, run.seed) == (RunState.DONE, 100, 7)
    assert len(run.input_digest) == 64
    assert run.code_version
    assert run.report["verified"] is True
    assert (run.report["placed"], run.report["left"]) == (2, 1)
    assert placed(first) == placed(second)
    assert run_of(second).input_digest == run_of(first).input_digest
    proposals = db.session.scalars(select(PlacementProposal).where(PlacementProposal.run_id == first)).all()
    assert {p.wish_rank for p in proposals} == {1}
    assert all(p.reasons and 0 < p.score <= 1 and p.distance_km is not None for p in proposals)
    [left] = queries.left_out(run)
    assert left.code == "lost_competition"
    assert left.figures["offers"] == 1


def test_a_run_already_done_is_not_done_again(context: Flask, deciding: World) -> None:
    run_id = start(deciding.here)
    services.execute(run_id)
    services.execute(run_id)
    count = select(func.count()).where(PlacementProposal.run_id == run_id)
    assert db.session.scalar(count) == 2


def test_the_market_of_another_territory_stays_out(context: Flask, deciding: World) -> None:
    campaign = db.session.get(Campaign, deciding.here.campaign_id)
    assert campaign is not None
    problem = queries.market(campaign, Parameters())
    assert {int(p.id) for p in problem.pupils} == set(deciding.here.student_ids)
    assert {int(o.id) for o in problem.offers} == {deciding.here.offer_id}
    assert {int(p.id) for p in problem.places} == set(deciding.here.slot_ids)


def test_decisions_bind_the_next_run(context: Flask, deciding: World) -> None:
    land = deciding.here
    coordinator = land.actor(Role.COORDINATOR)
    services.approve(land.proposal_id, by=coordinator)
    services.refuse(land.proposal_ids[1], "Ne convient pas.", by=coordinator)
    run_id = start(land)
    services.execute(run_id)
    after = placed(run_id)
    assert after[land.student_id] == land.slot_ids[0]
    assert land.student_ids[1] not in after  # the only other place was refused for him
    assert after[land.student_ids[2]] == land.slot_ids[1]
    states = {
        p.student_id: p.state
        for p in db.session.scalars(select(PlacementProposal).where(PlacementProposal.run_id == run_id))
    }
    assert states[land.student_id] is ProposalState.APPROVED
    approval = queries.approval_of(land.student_id)
    assert approval is not None
    assert approval.proposal.run_id == run_id


def test_an_approval_given_while_the_run_computes_stands(
    context: Flask, deciding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    land = deciding.here
    coordinator = land.actor(Role.COORDINATOR)
    real = gateway.propose

    def meanwhile(*args: object) -> gateway.Outcome:
        outcome = real(*args)  # type: ignore[arg-type]
        third = land.student_ids[2]
        services.refuse(land.proposal_id, "Place échangée.", by=coordinator)
        run = queries.visible_run(coordinator, land.run_id)
        services.place_by_hand(run, third, land.slot_ids[0], "Urgent.", by=coordinator)
        return outcome

    monkeypatch.setattr(gateway, "propose", meanwhile)
    monkeypatch.setattr(gateway, "assess", lambda problem, pupil, place: _assessed(real, problem, pupil, place))
    run_id = start(land)
    services.execute(run_id)
    assert run_of(run_id).state is RunState.DONE
    assert placed(run_id)[land.student_ids[2]] == land.slot_ids[0]
    approval = queries.approval_of(land.student_ids[2])
    assert approval is not None
    assert approval.proposal.run_id == run_id


def _assessed(propose: object, problem: gateway.Problem, pupil: str, place: str) -> gateway.Placement:
    one = gateway.Problem(
        pupils=problem.pupils,
        offers=problem.offers,
        places=tuple(p for p in problem.places if p.id == place),
        pinned=((pupil, place),),
    )
    return propose(one).placements[0]  # type: ignore[operator,no-any-return]


def test_pins_hold_and_an_offer_withdrawn_keeps_only_its_holders(context: Flask, deciding: World) -> None:
    land = deciding.here
    coordinator = land.actor(Role.COORDINATOR)
    services.approve(land.proposal_id, by=coordinator)
    services.pin(land.proposal_ids[1], "Promis.", by=coordinator)
    campaign = db.session.get(Campaign, land.campaign_id)
    assert campaign is not None
    pinned = dict(queries.market(campaign, Parameters()).pinned)
    assert pinned == {str(s): str(p) for s, p in zip(land.student_ids, land.slot_ids, strict=False)}
    with transaction() as session:
        organization = session.get(HostOrganization, land.organization_id)
        assert organization is not None
        organization.state = HostState.SUSPENDED
    problem = queries.market(campaign, Parameters())
    assert [(p.id, p.capacity) for p in problem.places] == [(str(land.slot_ids[0]), 1)]
    assert dict(problem.pinned) == {str(land.student_id): str(land.slot_ids[0])}


def test_a_class_limit_gives_way_to_decisions(context: Flask, deciding: World) -> None:
    land = deciding.here
    run_id = start(land, max_per_class=1)
    services.execute(run_id)
    assert run_of(run_id).state is RunState.DONE


def test_a_failure_is_told_and_the_next_run_works(
    context: Flask, deciding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    land = deciding.here

    def broken(*_: object) -> gateway.Outcome:
        raise gateway.Contradiction("two pins")

    with monkeypatch.context() as patch:
        patch.setattr(gateway, "propose", broken)
        failed = start(land, "failed")
        services.execute(failed)
    run = run_of(failed)
    assert (run.state, run.error) == (RunState.FAILED, "Les décisions déjà prises se contredisent. (two pins)")
    good = start(land, "good")
    services.execute(good)
    assert run_of(good).state is RunState.DONE


def test_a_silent_run_is_taken_up_again_and_the_slow_worker_stores_nothing(
    context: Flask, deciding: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = start(deciding.here)
    real = gateway.propose

    def overtaken(problem: gateway.Problem, progress: object) -> gateway.Outcome:
        outcome = real(problem)
        monkeypatch.setattr(gateway, "propose", real)
        running.recover(silent_for=timedelta(0))
        return outcome

    monkeypatch.setattr(gateway, "propose", overtaken)
    services.execute(run_id)
    assert run_of(run_id).state is RunState.QUEUED
    assert placed(run_id) == {}
    services.execute(run_id)
    assert run_of(run_id).state is RunState.DONE
    assert len(placed(run_id)) == 2


def test_a_run_that_gives_signs_of_life_is_left_alone(context: Flask, deciding: World) -> None:
    run_id = start(deciding.here)
    running._claim(run_id)
    running.recover(silent_for=running.SILENCE)
    assert run_of(run_id).state is RunState.RUNNING


def test_what_changed_between_two_runs() -> None:
    found = changes({1: 10, 2: 20, 3: 30}, {1: 10, 2: 21, 4: 40})
    assert [(c.student, c.before, c.after) for c in found] == [(2, 20, 21), (3, 30, None), (4, None, 40)]
