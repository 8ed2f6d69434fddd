"""What became of each wish, told to the student: true, gentle, and silent about everybody else."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.hosts.models import HostOrganization, HostSite
from app.hosts.states import HostState
from app.kernel.database import db, transaction
from app.kernel.geography import Point
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.placements.models import Placement
from app.wishes import answers, queries
from app.wishes.models import InterestProfile, Wish, WishList, WishListState
from tests.allocation.test_pages import counted
from tests.world import World, add

HOME = Point(50.41, 2.96)
WEEK, LATER = date(2027, 1, 25), date(2027, 2, 1)
HOST = HostOrganization(name="La Ressourcerie", state=HostState.VERIFIED)


def offer(number: int, *, taken: int = 1, capacity: int = 1, monday: date = WEEK, **changes: object) -> PlacementOffer:
    base = {
        "id": number,
        "title": f"Offre {number}",
        "levels": "3e",
        "state": OfferState.PUBLISHED,
        "organization": HOST,
        "site": HostSite(lat=HOME.lat, lon=HOME.lon),
        "slots": [Slot(monday=monday, capacity=capacity, taken=taken)],
    }
    return PlacementOffer(**(base | changes))


def told(*offers: PlacementOffer, slot: Slot | None = None, demand: dict[int, int] | None = None) -> list[str]:
    wishes = [Wish(rank=rank, offer_id=o.id, offer=o) for rank, o in enumerate(offers, 1)]
    wish_list = WishList(state=WishListState.SUBMITTED, wishes=wishes)
    found = answers.of(wish_list, slot, InterestProfile(max_km=10), HOME, [WEEK], "3e", demand or {})
    return [answer.sentence for answer in found]


def test_requests_and_places_are_counted(context: Flask) -> None:
    [sentence] = told(offer(1), demand={1: 4})
    assert sentence == "4 élèves l’avaient demandée pour 1 place."
    [few] = told(offer(1, capacity=3, taken=3), demand={1: 2})
    assert "demandée" not in few
    assert "d’autres élèves" in few


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"state": OfferState.CLOSED}, "a été retirée"),
        ({"monday": LATER}, "pendant les semaines de ton collège"),
        ({"capacity": 0, "taken": 0}, "pendant les semaines de ton collège"),
        ({"levels": "4e"}, "un autre niveau"),
        ({"site": HostSite(lat=50.41, lon=3.4)}, "tu as dit 10 km au plus"),
        ({"taken": 0}, "Il y reste une place"),
    ],
)
def test_each_reason_is_the_true_one(context: Flask, changes: dict[str, object], part: str) -> None:
    [sentence] = told(offer(1, **changes), demand={1: 9})  # type: ignore[arg-type]
    assert part in sentence


def test_only_what_was_preferred_needs_a_reason(context: Flask) -> None:
    best, held, last = offer(1), offer(2), offer(3)
    slot = held.slots[0]
    slot.offer, slot.offer_id = held, held.id
    first, second, third = told(best, held, last, slot=slot, demand={1: 2})
    assert "2 élèves" in first
    assert second == "C’est ta place."
    assert third == "Tu as eu un vœu que tu préférais."


def test_nothing_is_answered_to_who_sent_nothing_or_found_alone(context: Flask) -> None:
    assert answers.of(None, None, None, HOME, [WEEK], "3e", {}) == []
    draft = WishList(state=WishListState.DRAFT, wishes=[])
    assert answers.of(draft, None, None, HOME, [WEEK], "3e", {}) == []
    private = offer(9, state=OfferState.PRIVATE)
    slot = private.slots[0]
    slot.offer = private
    assert told(offer(1), slot=slot) == []


@pytest.mark.both_engines
def test_the_demand_counts_lists_that_were_sent(context: Flask, world: World) -> None:
    assert queries.demand([world.here.offer_id]) == {world.here.offer_id: 3}
    with transaction():
        wish_list = queries.wish_list_of(world.here.student_ids[1])
        assert wish_list is not None
        wish_list.state = WishListState.DRAFT
    assert queries.demand([world.here.offer_id]) == {world.here.offer_id: 2}
    assert queries.demand([]) == {}


def _publish(app: Flask, world: World) -> None:
    land = world.here
    with app.app_context(), transaction():
        campaign = db.session.get_one(Campaign, land.campaign_id)
        campaign.phase = Phase.PUBLISHED
        for student_id, slot_id in zip(land.student_ids[1:], land.slot_ids, strict=True):
            db.session.get_one(Slot, slot_id).taken = 1
            ids = {"territory_id": land.territory_id, "campaign_id": land.campaign_id}
            add(Placement(**ids, student_id=student_id, slot_id=slot_id))


def test_the_student_reads_it_after_publication_and_not_before(app: Flask, world: World, client: FlaskClient) -> None:
    world.sign_in(client, Role.STUDENT)
    assert "un par un" not in client.get("/mon-espace").text
    _publish(app, world)
    with counted(app) as seen:
        page = client.get("/mon-espace").text
    assert "Tes vœux, un par un" in page
    assert "3 élèves l’avaient demandée pour 2 places." in page
    assert "le tirage au sort" in page
    assert len(seen) <= 18, "\n".join(seen)
    for other in ("Enzo", "Delattre", "Inès", "Benali"):
        assert other not in page
