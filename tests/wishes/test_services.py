"""Interests and wishes, on both engines: limits, deadline, order, and who may write."""

from __future__ import annotations

import threading
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.audit.models import JournalEntry
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.hosts.models import HostOrganization
from app.hosts.states import HostState
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, DomainError, Forbidden, Invalid, PhaseClosed
from app.kernel.geography import TravelMode
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.schools.models import Student
from app.wishes import queries, services
from app.wishes.models import WishListState
from app.wishes.rules import ConditionsDraft, TastesDraft, TravelDraft
from tests.world import World

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("in_november")]


@pytest.fixture
def in_november():
    with time_machine.travel(date(2026, 11, 22)):
        yield


def student(world: World) -> Student:
    return db.session.get_one(Student, world.here.student_id)


def more_offers(world: World, number: int, **changes: object) -> list[PlacementOffer]:
    """Copies of the published offer."""
    first = db.session.get_one(PlacementOffer, world.here.offer_id)
    names = ("territory_id", "campaign_id", "organization_id", "site_id", "description", "sector")
    same = {name: getattr(first, name) for name in names}
    with transaction():
        offers = [
            PlacementOffer(
                **{
                    **same,
                    "title": f"Offre {i}",
                    "state": OfferState.PUBLISHED,
                    "slots": [Slot(monday=date(2027, 1, 25), capacity=2)],
                    **changes,
                }
            )
            for i in range(number)
        ]
        db.session.add_all(offers)
    return offers


def order(world: World) -> list[tuple[int, int]]:
    wish_list = queries.wish_list_of(world.here.student_id)
    return [(wish.rank, wish.offer_id) for wish in wish_list.wishes] if wish_list else []


def test_interests_are_kept_step_by_step(context: Flask, world: World) -> None:
    by, who = world.here.actor(Role.STUDENT), student(world)
    services.save_tastes(who, TastesDraft(("14", "20", "14"), "les vélos 🚲"), by=by)
    services.save_conditions(who, ConditionsDraft(("dehors",), ("bruit",), "les chiens"), by=by)
    services.save_travel(who, TravelDraft(world.here.commune_id, TravelMode.BIKE, 5), by=by)
    profile = queries.profile_of(who.id)
    assert profile is not None
    assert (profile.interests, profile.text) == (["14", "20"], "les vélos 🚲")
    assert (profile.likes, profile.avoids, profile.avoid_text) == (["dehors"], ["bruit"], "les chiens")
    assert (profile.commune_id, profile.travel_mode, profile.max_km) == (world.here.commune_id, TravelMode.BIKE, 5)
    assert not profile.typed_by_staff


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (TastesDraft(tuple(str(i) for i in range(1, 32)), ""), "interests"),
        (TastesDraft(tuple(str(i) for i in range(1, 10)), ""), "interests"),
        (TastesDraft(("31",), ""), "interests"),
        (TastesDraft((), "x" * 601), "text"),
        (ConditionsDraft(("dehors",), ("dehors",), ""), "avoids"),
        (ConditionsDraft(("lune",), (), ""), "likes"),
        (ConditionsDraft((), (), "x" * 301), "avoid_text"),
        (TravelDraft(10**6, None, None), "commune_id"),
        (TravelDraft(0, None, None), "commune_id"),
        (TravelDraft(None, None, 7), "max_km"),
    ],
)
def test_what_cannot_be_said_is_refused_beside_its_field(
    context: Flask, world: World, draft: TastesDraft | ConditionsDraft | TravelDraft, field: str
) -> None:
    verb = {
        TastesDraft: services.save_tastes,
        ConditionsDraft: services.save_conditions,
        TravelDraft: services.save_travel,
    }[type(draft)]
    with pytest.raises(Invalid) as refusal:
        verb(student(world), draft, by=world.here.actor(Role.STUDENT))  # type: ignore[operator]  # the verb of its type
    assert list(refusal.value.fields) == [field]


def test_wishes_are_added_moved_removed_and_renumbered(context: Flask, world: World) -> None:
    by, who = world.here.actor(Role.STUDENT), student(world)
    first, (a, b) = world.here.offer_id, more_offers(world, 2)
    assert services.add_wish(who, a, by=by) == 2
    assert services.add_wish(who, b, by=by) == 3
    assert services.add_wish(who, a, by=by) == 2
    services.move_wish(who, b.id, "up", by=by)
    assert order(world) == [(1, first), (2, b.id), (3, a.id)]
    services.order_wishes(who, [a.id, first, b.id], by=by)
    assert order(world) == [(1, a.id), (2, first), (3, b.id)]
    services.remove_wish(who, a.id, by=by)
    services.remove_wish(who, a.id, by=by)
    assert order(world) == [(1, first), (2, b.id)]
    with pytest.raises(Conflict):
        services.order_wishes(who, [b.id], by=by)


def test_a_list_holds_as_many_wishes_as_the_campaign_allows(context: Flask, world: World) -> None:
    by, who = world.here.actor(Role.STUDENT), student(world)
    for offer in more_offers(world, 5):
        services.add_wish(who, offer, by=by)
    (one_more,) = more_offers(world, 1)
    with pytest.raises(Conflict, match="pleine : 6"):
        services.add_wish(who, one_more, by=by)
    assert len(order(world)) == 6


@pytest.mark.parametrize(
    "changes",
    [
        {"state": OfferState.SUSPENDED},
        {"levels": "2de"},
        {"slots": [Slot(monday=date(2027, 2, 8), capacity=1)]},
    ],
)
def test_an_offer_which_is_not_for_this_student_is_refused(
    context: Flask, world: World, changes: dict[str, object]
) -> None:
    if "slots" in changes:
        changes = {"slots": [Slot(monday=date(2027, 2, 8), capacity=1)]}
    (offer,) = more_offers(world, 1, **changes)
    with pytest.raises(Conflict):
        services.add_wish(student(world), offer, by=world.here.actor(Role.STUDENT))


def test_a_suspended_structure_takes_its_offers_away(context: Flask, world: World) -> None:
    (offer,) = more_offers(world, 1)
    with transaction():
        db.session.get_one(HostOrganization, world.here.organization_id).state = HostState.SUSPENDED
    with pytest.raises(Conflict):
        services.add_wish(student(world), offer, by=world.here.actor(Role.STUDENT))


def test_sent_twice_is_sent_once_and_a_list_emptied_is_a_draft_again(context: Flask, world: World) -> None:
    by, who = world.here.actor(Role.STUDENT), student(world)
    services.remove_wish(who, world.here.offer_id, by=by)
    wish_list = queries.wish_list_of(who.id)
    assert wish_list is not None
    assert (wish_list.state, wish_list.submitted_at) == (WishListState.DRAFT, None)
    with pytest.raises(Conflict, match="vide"):
        services.submit(who, by=by)
    services.add_wish(who, db.session.get_one(PlacementOffer, world.here.offer_id), by=by)
    first = services.submit(who, by=by).submitted_at
    assert services.submit(who, by=by).submitted_at == first
    lines = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "wishes.submit")).all()
    assert len(lines) == 1


@pytest.mark.parametrize("day", [date(2026, 12, 15), date(2026, 12, 16)])
def test_the_last_day_counts_and_the_day_after_nothing_changes(context: Flask, world: World, day: date) -> None:
    by, who = world.here.actor(Role.STUDENT), student(world)
    with time_machine.travel(day):
        if day == date(2026, 12, 15):
            services.remove_wish(who, world.here.offer_id, by=by)
            services.save_tastes(who, TastesDraft((), "tard"), by=by)
            return
        with pytest.raises(PhaseClosed, match="15 décembre"):
            services.remove_wish(who, world.here.offer_id, by=by)
        with pytest.raises(PhaseClosed):
            services.save_tastes(who, TastesDraft((), "trop tard"), by=by)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.WISHES])
def test_wishes_change_in_their_phase_alone(context: Flask, world: World, phase: Phase) -> None:
    by, who = world.here.actor(Role.STUDENT), student(world)
    with transaction():
        db.session.get_one(Campaign, world.here.campaign_id).phase = phase
    with pytest.raises(PhaseClosed):
        services.submit(who, by=by)
    if phase is Phase.COLLECTING:
        services.save_tastes(who, TastesDraft(("1",), ""), by=by)
    else:
        with pytest.raises(PhaseClosed):
            services.save_tastes(who, TastesDraft(("1",), ""), by=by)


def test_what_a_teacher_types_is_marked_and_journalled(context: Flask, world: World) -> None:
    by, who = world.here.actor(Role.TEACHER), student(world)
    (offer,) = more_offers(world, 1)
    services.save_tastes(who, TastesDraft(("2",), "le foot"), by=by)
    services.add_wish(who, offer, by=by)
    profile, wish_list = queries.profile_of(who.id), queries.wish_list_of(who.id)
    assert profile is not None
    assert profile.typed_by_staff
    assert wish_list is not None
    assert wish_list.typed_by_staff
    actions = set(db.session.scalars(select(JournalEntry.action)))
    assert {"interests.type_for", "wish.add"} <= actions


@pytest.mark.parametrize("role", [Role.HEAD, Role.COORDINATOR, Role.HOST])
def test_others_do_not_write_for_a_student(context: Flask, world: World, role: Role) -> None:
    with pytest.raises(Forbidden):
        services.submit(student(world), by=world.here.actor(role))


def test_a_student_does_not_write_for_another(context: Flask, world: World) -> None:
    other = db.session.get_one(Student, world.here.student_ids[1])
    with pytest.raises(Forbidden):
        services.remove_wish(other, world.here.offer_id, by=world.here.actor(Role.STUDENT))


def test_only_who_said_nothing_is_taken_off_the_register(context: Flask, world: World) -> None:
    by = world.here.actor(Role.TEACHER)
    with pytest.raises(Conflict):
        services.remove_student(student(world), by=by)
    assert db.session.get(Student, world.here.student_id) is not None


def test_orders_sent_at_the_same_moment_leave_one_whole_list(app: Flask, world: World) -> None:
    with app.app_context():
        offers = [offer.id for offer in more_offers(world, 4)]
        by, who = world.here.actor(Role.STUDENT), student(world)
        for offer_id in offers:
            services.add_wish(who, db.session.get_one(PlacementOffer, offer_id), by=by)
    everything = [world.here.offer_id, *offers]
    failures: list[BaseException] = []

    def shuffle(turn: int) -> None:
        with app.app_context():
            try:
                by, who = world.here.actor(Role.STUDENT), student(world)
                for step in range(5):
                    shift = (turn + step) % len(everything)
                    services.order_wishes(who, everything[shift:] + everything[:shift], by=by)
                    services.move_wish(who, everything[shift], "down", by=by)
            except DomainError:
                pass
            except BaseException as error:
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=shuffle, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context():
        found = order(world)
    assert [rank for rank, _offer in found] == [1, 2, 3, 4, 5]
    assert sorted(offer for _rank, offer in found) == sorted(everything)
