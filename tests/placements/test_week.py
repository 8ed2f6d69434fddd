"""A week in two structures: the seat, the days, who is told, what remains when one of them goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actor import Actor
from app.access.policy import Role
from app.allocation.models import Approval
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid, SlotFull
from app.messaging.models import OutboxMessage
from app.offers.models import PlacementOffer, Slot
from app.placements import hours, queries, services
from app.placements.models import AnswerCode, Placement
from app.placements.repair_rules import Cause, Choice, Loss
from app.placements.services import repairing, sharing
from app.placements.services.sharing import NEW, Week
from app.placements.states import LIVE, Answer, Medium, PlacementState, Side
from app.placements.week_rules import Division, Place, problems
from app.schools.models import Student
from app.web import wording
from tests.agreements import papers
from tests.placements.conftest import Told, kinds
from tests.placements.test_finds import draft as found
from tests.world import WEEKS

S = PlacementState


@dataclass
class Shared(Told):
    """Lina's published placement, and the slot of a structure that is open on Thursday and Friday of her week."""

    second: int = 0


@pytest.fixture
def context(app: Flask, told: Told) -> Iterator[Shared]:
    with app.app_context():
        second = papers.second_structure(told.land)
        yield Shared(told.world, told.placement_id, told.host_token, told.family_token, second)


THREE_TWO = {0: "first", 1: "first", 2: "first", 3: NEW, 4: NEW}


def division(placement_id: int, days: dict[int, str] | None = None) -> Division:
    return Division({day: str(placement_id) if key == "first" else key for day, key in (days or THREE_TWO).items()})


def share(context: Shared, reason: str = "Deux jours suffisent") -> Placement:
    number = context.placement_id
    coordinator = context.land.actor(Role.COORDINATOR)
    return sharing.arrange(number, division(number), context.second, reason, by=coordinator).placements[-1]


def say(placement_id: int, side: Side, value: Answer = Answer.YES, reason: str = "") -> None:
    placement = db.session.get_one(Placement, placement_id)
    if side is Side.HOST:
        own = frozenset({placement.slot.offer.organization_id})
        actor = Actor(Role.HOST, "Sonia", None, placement.territory_id, organization_ids=own)
    else:
        actor = Actor(Role.GUARDIAN, "Anna", None, placement.territory_id, student_id=placement.student_id)
    services.answer(placement_id, value, side, by=actor, medium=Medium.LINK, reason=reason)


def books_agree() -> None:
    """Each slot counts its approvals and the seats that placements hold themselves."""
    db.session.expire_all()
    for slot in db.session.scalars(select(Slot)):
        approvals = db.session.scalars(select(Approval).where(Approval.slot_id == slot.id)).all()
        holders = select(Placement).where(Placement.slot_id == slot.id, Placement.state.in_(LIVE))
        live = db.session.scalars(holders).all()
        assert slot.taken == len(approvals) + sum(not row.holds_approval for row in live)
        assert {a.student_id for a in approvals} == {row.student_id for row in live if row.holds_approval}


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({0: "a", 3: "b"}, None),
        ({0: "a", 1: "b", 3: "b"}, "day_1"),  # B is closed on Tuesdays
        ({0: "a", 2: "c", 3: "b"}, "day_2"),
        ({0: "a", 1: "a"}, "days"),  # nothing for B
        ({0: "a", 1: "a", 2: "a", 3: "b", 4: "b", 5: "a"}, "days"),  # six days
    ],
)
def test_a_division_is_read_day_by_day(app: Flask, days: dict[int, str], field: str | None) -> None:
    places = {"a": Place("A", (0, 1, 2, 3, 4, 5)), "b": Place("B", (3, 4))}
    with app.app_context():
        found = problems(Division(days), places)
    assert list(found) == ([field] if field else [])


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([date(2027, 1, 25)], "lundi 25 janvier"),
        ([date(2027, 1, 25), date(2027, 1, 27)], "lundi 25 et mercredi 27 janvier"),
        ([date(2027, 1, 25), date(2027, 1, 26), date(2027, 1, 28)], "lundi 25, mardi 26 et jeudi 28 janvier"),
        ([date(2027, 1, 25), date(2027, 1, 26), date(2027, 1, 27)], "du lundi 25 au mercredi 27 janvier"),
        ([date(2027, 2, 1), date(2027, 2, 3)], "lundi 1er et mercredi 3 février"),
        ([date(2027, 6, 30), date(2027, 7, 1)], "mercredi 30 juin et jeudi 1er juillet"),
        ([], ""),
    ],
)
def test_days_in_words(app: Flask, days: list[date], words: str) -> None:
    with app.test_request_context():
        assert wording.days(days).replace("\u00a0", " ") == words


@pytest.mark.both_engines
def test_a_second_structure_gets_its_days_its_seat_and_its_question(context: Shared) -> None:
    with transaction():
        db.session.query(OutboxMessage).delete()
    added = share(context)
    first = db.session.get_one(Placement, context.placement_id)
    assert (first.stop, first.days, added.stop, added.days) == (0, "mon,tue,wed", 1, "thu,fri")
    assert [day.weekday() for day in hours.of(first).dates] == [0, 1, 2]
    assert [day.weekday() for day in hours.of(added).dates] == [3, 4]
    assert added.state is S.AWAITING
    assert db.session.get_one(Slot, context.second).taken == 1
    assert {code.side for code in db.session.scalars(select(AnswerCode).filter_by(placement_id=added.id))} == set(Side)
    assert sorted(kinds()) == [
        "placement_host",
        "placement_week_family",
        "placement_week_host",
        "placement_week_staff",
    ]
    family = db.session.scalars(select(OutboxMessage).filter_by(kind="placement_week_family")).one()
    assert "du lundi 25 au mercredi 27 janvier : Ressourcerie" in family.text
    host = db.session.scalars(select(OutboxMessage).filter_by(kind="placement_week_host")).one()
    assert "Essor" not in host.text  # a structure is not told of the other
    books_agree()
    assert share(context).id == added.id  # a second click
    assert len(kinds()) == 4


@pytest.mark.both_engines
def test_each_structure_and_the_family_answer_for_each(context: Shared) -> None:
    added = share(context).id
    for side in Side:
        say(context.placement_id, side)
    assert db.session.get_one(Placement, context.placement_id).state is S.CONFIRMED
    assert db.session.get_one(Placement, added).state is S.AWAITING
    for side in Side:
        say(added, side)
    assert db.session.get_one(Placement, added).state is S.CONFIRMED


@pytest.mark.both_engines
def test_one_of_two_goes_and_the_other_stays(context: Shared) -> None:
    land, added = context.land, share(context).id
    say(added, Side.HOST, Answer.NO, "Travaux")
    first = db.session.get_one(Placement, context.placement_id)
    assert (first.state, first.days) == (S.AWAITING, "mon,tue,wed")
    books_agree()
    coordinator = land.actor(Role.COORDINATOR)
    assert queries.to_place_again(coordinator, land.campaign_id) == []
    assert [row.id for row in queries.to_complete(coordinator, land.campaign_id)] == [first.id]
    say(added, Side.HOST)  # the structure comes back
    assert db.session.get_one(Placement, added).state is S.AWAITING
    assert queries.to_complete(coordinator, land.campaign_id) == []
    books_agree()
    services.cancel(first.id, "La structure ferme", by=coordinator)  # now the first one goes
    assert db.session.get_one(Placement, added).state is S.AWAITING
    assert land.student_id in queries.found_by_students(land.campaign_id)  # no run gives a whole week on top
    assert [row.id for row in queries.to_complete(coordinator, land.campaign_id)] == [added]
    books_agree()


@pytest.mark.both_engines
def test_the_one_that_stays_may_take_the_whole_week_back(context: Shared) -> None:
    added = share(context).id
    say(added, Side.FAMILY, Answer.NO, "Trop loin")
    coordinator, first = context.land.actor(Role.COORDINATOR), context.placement_id
    sharing.arrange(first, division(first, dict.fromkeys(range(5), "first")), None, "Cinq jours", by=coordinator)
    assert db.session.get_one(Placement, first).days == ""
    assert queries.to_complete(coordinator, context.land.campaign_id) == []
    with pytest.raises(Conflict, match="entre-temps"):
        say(added, Side.FAMILY)  # Thursday and Friday are no longer free
    books_agree()


@pytest.mark.both_engines
def test_what_cannot_be_is_refused_and_changes_nothing(context: Shared) -> None:
    land, first, slot = context.land, context.placement_id, context.second
    coordinator = land.actor(Role.COORDINATOR)
    with pytest.raises(Invalid) as refusal:
        sharing.arrange(first, division(first, {0: "first", 1: NEW, 3: NEW}), slot, "x", by=coordinator)
    assert "day_1" in refusal.value.fields
    with pytest.raises(Invalid) as refusal:
        sharing.arrange(first, division(first), slot, " ", by=coordinator)
    assert "reason" in refusal.value.fields
    with pytest.raises(Invalid) as refusal:  # another week
        sharing.arrange(first, division(first), land.slot_ids[1], "x", by=coordinator)
    assert "slot_id" in refusal.value.fields
    with pytest.raises(Hidden):
        sharing.arrange(first, division(first), context.world.there.slot_ids[0], "x", by=coordinator)
    for role in (Role.TEACHER, Role.HOST):
        with pytest.raises(Forbidden):
            sharing.arrange(first, division(first), slot, "x", by=land.actor(role))
    with transaction():
        offer = db.session.get_one(Slot, slot).offer
        offer.schedule = {day: [["08:00", "12:00"], ["13:00", "18:00"]] for day in ("thu", "fri")}  # nine hours
    with pytest.raises(Invalid) as refusal:
        sharing.arrange(first, division(first), slot, "x", by=coordinator)
    assert "days" in refusal.value.fields
    with transaction():
        offer = db.session.get_one(PlacementOffer, db.session.get_one(Slot, slot).offer_id)
        offer.schedule = papers.hours(3, 4).to_json()
        db.session.get_one(Slot, slot).taken = 2
    with pytest.raises(SlotFull):
        share(context)
    db.session.expire_all()
    assert db.session.get_one(Placement, first).days == ""
    assert db.session.scalars(select(Placement.id)).all() == [first]


@pytest.mark.both_engines
def test_a_student_who_leaves_frees_both_seats(context: Shared) -> None:
    share(context)
    land, coordinator = context.land, context.land.actor(Role.COORDINATOR)
    loss = Loss(Cause.STUDENT, land.student_id)
    plan = repairing.plan(land.campaign_id, loss, by=coordinator)
    assert plan.figures(Choice.NONE).lost == 1  # one student, though two placements
    repairing.accept(land.campaign_id, loss, Choice.NONE, plan.ways.digest, "Déménagement", by=coordinator)
    assert [row.state for row in db.session.scalars(select(Placement))] == [S.CANCELLED, S.CANCELLED]
    books_agree()


@pytest.mark.both_engines
def test_a_repair_leaves_the_other_half_of_a_week_alone(context: Shared) -> None:
    added = share(context)
    land, coordinator = context.land, context.land.actor(Role.COORDINATOR)
    loss = Loss(Cause.ORGANIZATION, added.slot.offer.organization_id)
    plan = repairing.plan(land.campaign_id, loss, by=coordinator)
    ways = (plan.ways.chain, plan.ways.still, plan.ways.wide)
    assert all(land.student_id not in way.moves for way in ways)  # no whole week on top of half of one
    repairing.accept(land.campaign_id, loss, Choice.NONE, plan.ways.digest, "Fermeture", by=coordinator)
    db.session.expire_all()
    assert db.session.get_one(Placement, context.placement_id).state is S.AWAITING
    assert [r.id for r in queries.to_complete(coordinator, land.campaign_id)] == [context.placement_id]
    books_agree()


@pytest.mark.both_engines
def test_two_students_race_for_the_last_seat_of_a_second_structure(app: Flask, context: Shared) -> None:
    land = context.land
    with transaction():
        db.session.get_one(Slot, context.second).capacity = 1
        other = Placement(
            territory_id=land.territory_id,
            campaign_id=land.campaign_id,
            student_id=land.student_ids[1],
            slot_id=land.slot_ids[0],
            stop=1,  # beside the road of the approvals: the test is about the second structure
        )
        db.session.get_one(Slot, land.slot_ids[0]).capacity = 2
        db.session.get_one(Slot, land.slot_ids[0]).taken = 2
        db.session.add(other)
    ids = [context.placement_id, other.id]
    db.session.remove()
    barrier, outcomes = threading.Barrier(2), []

    def work(placement_id: int) -> None:
        with app.app_context():
            actor = land.actor(Role.COORDINATOR)
            db.session.remove()
            barrier.wait()
            try:
                outcomes.append(sharing.arrange(placement_id, division(placement_id), context.second, "x", by=actor))
            except SlotFull as refusal:
                outcomes.append(refusal)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(key,)) for key in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {type(outcome) for outcome in outcomes} == {Week, SlotFull}
    assert db.session.get_one(Slot, context.second).taken == 1
    assert len(db.session.scalars(select(Placement).filter_by(slot_id=context.second)).all()) == 1


@pytest.mark.both_engines
def test_a_teacher_adds_what_the_student_found_beside_a_stage(context: Shared) -> None:
    land, first = context.land, context.placement_id
    student = db.session.get_one(Student, land.student_id)
    with pytest.raises(Conflict, match="déjà un stage"):
        services.find(student, found(land, days=("thu", "fri")), by=land.actor(Role.STUDENT))
    teacher, coordinator = land.actor(Role.TEACHER), land.actor(Role.COORDINATOR)
    for wrong, field in (({"monday": WEEKS[1]}, "monday"), ({"days": ("mon", "tue", "wed", "thu", "fri")}, "days")):
        with pytest.raises(Invalid) as refusal:
            services.find(student, found(land, **wrong), by=teacher)
        assert field in refusal.value.fields
    row = services.find(student, found(land, days=("thu", "fri")), by=teacher)
    assert (row.state, row.stop, row.days) == (S.TO_VERIFY, 1, "thu,fri")
    assert db.session.get_one(Placement, first).days == ""  # nothing moves before the coordinator's word
    services.verify(row.id, by=coordinator)
    db.session.expire_all()
    kept = db.session.get_one(Placement, first)
    assert (kept.days, kept.state, kept.holds_approval) == ("mon,tue,wed", S.AWAITING, True)
    assert {"placement_week_family", "placement_week_host"} <= set(kinds())
    books_agree()
    other = services.find(student, found(land, days=("wed",), request_key="k3", siret=""), by=teacher)
    services.reject(other.id, "Trop loin", by=coordinator)
    assert db.session.get_one(Placement, first).days == "mon,tue,wed"
    books_agree()
