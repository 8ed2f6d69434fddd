"""Answers and what they change: states, seats, approvals, journal, messages. On both engines."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.actor import Actor
from app.access.policy import Role
from app.allocation import queries as allocation_queries
from app.allocation import services as allocation
from app.allocation.models import PlacementProposal
from app.allocation.rules import Parameters
from app.allocation.states import ProposalState
from app.audit.models import JournalEntry
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Conflict, Forbidden, IllegalTransition, Invalid
from app.offers.models import Slot
from app.placements import queries, seals, services
from app.placements.models import Placement
from app.placements.states import Answer, Medium, PlacementState, Side
from tests.placements.conftest import Told, kinds, placement_of, second_guardian
from tests.world import Land

pytestmark = pytest.mark.both_engines
S, YES, NO = PlacementState, Answer.YES, Answer.NO


def host(land: Land) -> Actor:
    return land.actor(Role.HOST)


def family(land: Land) -> Actor:
    return Actor(Role.GUARDIAN, "Anna Wojcik", None, land.territory_id, student_id=land.student_id)


def say(told: Told, side: Side, value: Answer, reason: str = "", *, guardian_id: int | None = None) -> Placement:
    land = told.land
    by = host(land) if side is Side.HOST else family(land)
    if guardian_id is None and side is Side.FAMILY:
        guardian_id = land.guardian_id
    return services.answer(
        told.placement_id, value, side, by=by, medium=Medium.LINK, reason=reason, guardian_id=guardian_id
    )


def seats(land: Land) -> tuple[int, int]:
    slot = db.session.get_one(Slot, land.slot_ids[0], populate_existing=True)
    return slot.taken, slot.capacity


@pytest.mark.parametrize("order", [(Side.HOST, Side.FAMILY), (Side.FAMILY, Side.HOST)])
def test_two_yes_confirm_in_any_order(context: Flask, told: Told, order: tuple[Side, Side]) -> None:
    assert say(told, order[0], YES).state is S.AWAITING
    assert say(told, order[1], YES).state is S.CONFIRMED
    said = db.session.scalars(
        select(JournalEntry.action).where(JournalEntry.object_type == "Placement").order_by(JournalEntry.id)
    ).all()
    assert said == ["placement.tell", "placement.answer", "placement.answer", "placement.confirm"]


def test_a_structure_is_told_at_home_of_who_waits_for_its_answer(app: Flask, told: Told) -> None:
    client = told.world.sign_in(app.test_client(), Role.HOST)
    page = client.get("/offres").text
    assert "Un élève attend votre réponse" in page
    assert "Lina" in page
    with app.app_context():
        say(told, Side.HOST, YES)
    assert "attend votre réponse" not in client.get("/offres").text


def test_the_same_answer_again_changes_nothing(context: Flask, told: Told) -> None:
    say(told, Side.HOST, YES)
    say(told, Side.HOST, YES)
    assert len(placement_of(told.land.student_id).answers) == 1
    say(told, Side.HOST, NO, "Travaux")
    before = kinds()
    say(told, Side.HOST, NO, "Travaux, encore")
    assert kinds() == before
    assert seats(told.land) == (0, 1)


def test_a_no_frees_the_seat_and_the_pair_is_proposed_no_more(context: Flask, told: Told) -> None:
    land = told.land
    say(told, Side.FAMILY, YES)
    placement = say(told, Side.HOST, NO, "Notre encadrant est parti")
    assert (placement.state, placement.state_reason) == (S.DECLINED, "Notre encadrant est parti")
    assert seats(land) == (0, 1)
    assert allocation_queries.approval_of(land.student_id) is None
    proposal = db.session.get_one(PlacementProposal, land.proposal_ids[0], populate_existing=True)
    assert proposal.state is ProposalState.REFUSED
    assert (land.student_id, land.slot_ids[0]) in allocation_queries.forbidden_pairs(land.campaign_id)
    coordinator = land.actor(Role.COORDINATOR)
    [row] = queries.to_place_again(coordinator, land.campaign_id)
    assert (row.student.id, row.last.id) == (land.student_id, placement.id)
    assert {"placement_undone_family", "placement_undone_staff"} <= set(kinds())
    assert "placement_undone_host" not in kinds()
    problem = allocation_queries.market(db.session.get_one(Campaign, land.campaign_id), Parameters())
    assert str(land.student_id) in {pupil.id for pupil in problem.pupils}
    assert problem.pinned == ()


def test_the_next_place_is_published_and_nobody_else_is_told_again(context: Flask, told: Told) -> None:
    land = told.land
    say(told, Side.HOST, NO, "Travaux")
    run = db.session.get_one(PlacementProposal, land.proposal_ids[0]).run
    coordinator = land.actor(Role.COORDINATOR)
    allocation.place_by_hand(run, land.student_id, land.slot_ids[1], "autre semaine", by=coordinator)
    assert [a.student_id for a in queries.unpublished(land.campaign_id)] == [land.student_id]
    assert services.publish(land.campaign_id, by=coordinator).students == 1
    assert queries.to_place_again(coordinator, land.campaign_id) == []
    assert placement_of(land.student_id).slot_id == land.slot_ids[1]
    assert services.publish(land.campaign_id, by=coordinator).is_empty


def test_a_structure_that_gives_the_week_up_loses_the_place(context: Flask, told: Told) -> None:
    services.answer(
        told.placement_id,
        NO,
        Side.HOST,
        by=host(told.land),
        medium=Medium.LINK,
        reason="Fermé cette semaine",
        give_up=True,
    )
    assert seats(told.land) == (0, 0)
    problem = allocation_queries.market(db.session.get_one(Campaign, told.land.campaign_id), Parameters())
    assert str(told.land.slot_ids[0]) not in {place.id for place in problem.places}


def test_a_family_that_refuses_is_not_told_and_the_structure_never_why(context: Flask, told: Told) -> None:
    assert say(told, Side.FAMILY, NO, "Trop loin").state is S.REFUSED
    assert "placement_undone_family" not in kinds()
    from app.messaging.models import OutboxMessage

    [mail] = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "placement_undone_host"))
    assert "Lina" in mail.text
    assert "Trop loin" not in mail.text + mail.html
    assert "Wojcik" not in mail.text + mail.html


@pytest.mark.parametrize("side", Side)
def test_one_changes_ones_mind_while_the_place_is_free(context: Flask, told: Told, side: Side) -> None:
    other = Side.HOST if side is Side.FAMILY else Side.FAMILY
    say(told, other, YES)
    say(told, side, NO, "Pas possible")
    assert seats(told.land) == (0, 1)
    placement = say(told, side, YES)
    assert placement.state is S.CONFIRMED
    assert seats(told.land) == (1, 1)
    approval = allocation_queries.approval_of(told.land.student_id)
    assert approval is not None
    assert approval.published_at is not None
    assert say(told, side, NO, "Finalement non").state in {S.DECLINED, S.REFUSED}
    assert seats(told.land) == (0, 1)


def test_who_comes_back_too_late_finds_the_place_taken(context: Flask, told: Told) -> None:
    land = told.land
    say(told, Side.FAMILY, NO, "Trop loin")
    run = db.session.get_one(PlacementProposal, land.proposal_ids[0]).run
    allocation.place_by_hand(run, land.student_ids[2], land.slot_ids[0], "libre", by=land.actor(Role.COORDINATOR))
    with pytest.raises(Conflict, match="donnée à quelqu’un d’autre"):
        say(told, Side.FAMILY, YES)
    assert placement_of(land.student_id).state is S.REFUSED
    assert seats(land) == (1, 1)


def test_a_no_after_a_yes_of_the_other_parent_warns_the_coordinator(context: Flask, told: Told) -> None:
    piotr = second_guardian(told.land)
    say(told, Side.FAMILY, YES)
    placement = say(told, Side.FAMILY, NO, "Je ne suis pas d’accord", guardian_id=piotr)
    assert (placement.state, placement.family_answer, placement.family_disputed) == (S.AWAITING, YES, True)
    assert kinds().count("placement_disputed") == 1
    assert seats(told.land) == (1, 1)
    with pytest.raises(Forbidden):
        services.settle_dispute(placement.id, True, "Vu avec les deux", by=told.land.actor(Role.TEACHER))
    with pytest.raises(Invalid):
        services.settle_dispute(placement.id, False, " ", by=told.land.actor(Role.COORDINATOR))
    services.settle_dispute(placement.id, False, "Vu avec les deux", by=told.land.actor(Role.COORDINATOR))
    assert placement_of(told.land.student_id).state is S.REFUSED
    assert seats(told.land) == (0, 1)


def test_the_staff_type_what_came_on_paper(context: Flask, told: Told) -> None:
    teacher = told.land.actor(Role.TEACHER)
    placement = services.answer(told.placement_id, YES, Side.FAMILY, by=teacher, medium=Medium.PAPER)
    assert placement.family_answer is YES
    assert (placement.answers[-1].medium, placement.answers[-1].user_id) == (Medium.PAPER, teacher.user_id)


@pytest.mark.parametrize(
    ("role", "side", "medium"),
    [
        (Role.TEACHER, Side.HOST, Medium.PAPER),
        (Role.TEACHER, Side.FAMILY, Medium.LINK),
        (Role.HOST, Side.FAMILY, Medium.LINK),
        (Role.COORDINATOR, Side.FAMILY, Medium.LINK),
        (Role.STUDENT, Side.FAMILY, Medium.LINK),
        (Role.OBSERVER, Side.HOST, Medium.PHONE),
    ],
)
def test_nobody_speaks_for_somebody_else(context: Flask, told: Told, role: Role, side: Side, medium: Medium) -> None:
    with pytest.raises(Forbidden):
        services.answer(told.placement_id, YES, side, by=told.land.actor(role), medium=medium)
    with pytest.raises(Forbidden):
        services.answer(told.placement_id, YES, side, by=told.world.there.actor(role), medium=medium)


def test_a_no_says_why(context: Flask, told: Told) -> None:
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(Invalid):
            say(told, Side.HOST, NO, reason)
    assert placement_of(told.land.student_id).state is S.AWAITING


def test_no_answer_once_the_stage_has_begun(context: Flask, told: Told) -> None:
    with time_machine.travel(datetime(2027, 1, 25, 7, tzinfo=clock.PARIS)), pytest.raises(Conflict, match="commencé"):
        say(told, Side.HOST, YES)


def test_no_answer_once_the_agreement_is_signed(context: Flask, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "_source", lambda placement_ids: frozenset(placement_ids) & {told.placement_id})
    with pytest.raises(Conflict, match="convention est signée"):
        say(told, Side.HOST, NO, "Travaux")


def test_the_coordinator_cancels_and_everybody_hears_of_it(context: Flask, told: Told) -> None:
    land = told.land
    with pytest.raises(Invalid):
        services.cancel(told.placement_id, "", by=land.actor(Role.COORDINATOR))
    for _ in range(2):
        services.cancel(told.placement_id, "La structure ferme", by=land.actor(Role.COORDINATOR))
    assert placement_of(land.student_id).state is S.CANCELLED
    assert seats(land) == (0, 1)
    undone = [kind for kind in kinds() if kind.startswith("placement_undone")]
    assert sorted(undone) == [
        "placement_undone_family",
        "placement_undone_host",
        "placement_undone_staff",
        "placement_undone_staff",
    ]
    for role in (Role.TEACHER, Role.HEAD, Role.HOST):
        with pytest.raises(Forbidden):
            services.cancel(told.placement_id, "non", by=land.actor(role))
    with pytest.raises(Conflict):
        say(told, Side.HOST, YES)


def test_a_place_given_after_publication_is_told_at_once(context: Flask, told: Told) -> None:
    land = told.land
    coordinator = land.actor(Role.COORDINATOR)
    enzo = land.student_ids[1]
    placement = services.place(enzo, land.slot_ids[1], "réparation", by=coordinator)
    assert placement.state is S.AWAITING
    assert services.place(enzo, land.slot_ids[1], "réparation", by=coordinator).id == placement.id
    with pytest.raises(Conflict):
        services.place(enzo, land.slot_ids[0], "réparation", by=coordinator)
    with pytest.raises(Conflict):
        services.place(land.student_ids[2], land.slot_ids[1], "réparation", by=coordinator)
    assert kinds().count("placement_host") == 2
    assert queries.unpublished(land.campaign_id) == []


def test_an_interrupted_stage_takes_no_answer(context: Flask, told: Told) -> None:
    from app.kernel.database import transaction

    with transaction():
        placement_of(told.land.student_id).state = S.COMPLETED
    with pytest.raises((Conflict, IllegalTransition)):
        say(told, Side.FAMILY, NO, "trop tard")
