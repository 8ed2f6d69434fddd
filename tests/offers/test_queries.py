from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.access.policy import Permission, Role
from app.hosts import queries as host_queries
from app.hosts.models import HostOrganization
from app.hosts.states import HostState
from app.kernel.database import db, transaction
from app.offers import queries
from app.offers.models import PlacementOffer, Slot, snapshot
from app.offers.queries import Filter
from app.offers.states import OfferState
from tests.world import WEEKS, World

pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def request_context(app: Flask, world: World) -> Iterator[None]:
    with app.test_request_context():
        yield


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def many(world: World, number: int, **changes: object) -> None:
    with transaction() as session:
        source = session.get(PlacementOffer, world.here.offer_id)
        assert source is not None
        for _n in range(number):
            session.add(
                PlacementOffer(
                    campaign_id=world.here.campaign_id,
                    **{"state": OfferState.PUBLISHED, **snapshot(source), **changes},
                    slots=[Slot(monday=WEEKS[0], capacity=2)],
                )
            )
    db.session.remove()


@pytest.mark.parametrize("state", list(HostState))
@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.ADMIN, Role.GUARDIAN)])
def test_lists_and_objects_agree_on_who_sees_an_offer(world: World, role: Role, state: HostState) -> None:
    with transaction():
        for structure in db.session.scalars(select(HostOrganization)):
            structure.state = state
    for land in (world.here, world.there):
        actor = land.actor(role)
        listed = set(db.session.scalars(queries.visible_to(actor).with_only_columns(PlacementOffer.id)))
        one_by_one = {o.id for o in db.session.scalars(select(PlacementOffer)) if actor.can(Permission.OFFER_VIEW, o)}
        assert listed == one_by_one


def test_published_holds_whole_public_offers_of_one_campaign(world: World) -> None:
    many(world, 3)
    with statements() as seen:
        offers = queries.published(world.here.campaign_id)
        for offer in offers:
            assert offer.site.commune.name
            assert offer.organization.name
            assert offer.slots
            assert offer.is_public
    assert len(offers) == 4
    assert len(seen) == 2


def test_published_narrows_to_a_level_without_confusing_names(world: World) -> None:
    many(world, 1, levels="4e")
    many(world, 1, levels="4e,3e")
    assert len(queries.published(world.here.campaign_id, "3e")) == 2
    assert len(queries.published(world.here.campaign_id, "4e")) == 2
    assert queries.published(world.here.campaign_id, "e") == []
    assert queries.published(world.here.campaign_id, "%") == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), 4),
        (Filter(words="VELOS"), 2),
        (Filter(words="mécanicien terril"), 4),
        (Filter(words="introuvable"), 0),
        (Filter(words="%"), 0),
        (Filter(sector="SPORT"), 1),
        (Filter(sector="CULTURE"), 0),
        (Filter(level="4e"), 1),
        (Filter(monday=WEEKS[0]), 4),
        (Filter(monday=WEEKS[1]), 2),
        (Filter(commune_id=10**8), 0),
        (Filter(state=OfferState.DRAFT), 1),
    ],
)
def test_a_filter_narrows_the_list(world: World, wanted: Filter, found: int) -> None:
    many(world, 1, title="Courir", sector="SPORT", description="Encadrer une course.")
    many(world, 1, levels="4e")
    page = queries.page(world.here.actor(Role.COORDINATOR), world.here.campaign_id, wanted, 1)
    assert page.total == found


def test_a_full_week_is_no_week_with_a_place(world: World) -> None:
    teacher = world.here.actor(Role.TEACHER)
    assert queries.public_page(teacher, world.here.campaign_id, Filter(monday=WEEKS[0]), 1).total == 1
    with transaction():
        slot = db.session.get(Slot, world.here.slot_ids[0])
        assert slot is not None
        slot.taken = 1
    assert queries.public_page(teacher, world.here.campaign_id, Filter(monday=WEEKS[0]), 1).total == 0


def test_a_page_of_offers_costs_the_same_whatever_its_length(world: World) -> None:
    coordinator = world.here.actor(Role.COORDINATOR)

    def cost() -> int:
        with statements() as seen:
            for offer in queries.page(coordinator, world.here.campaign_id, Filter(), 1).items:
                assert offer.organization.name, offer.site.commune.name
                assert offer.slots is not None
        return len(seen)

    first = cost()
    many(world, 15)
    assert cost() == first == 3


def test_a_page_of_structures_costs_the_same_whatever_its_length(world: World) -> None:
    coordinator = world.here.actor(Role.COORDINATOR)
    with statements() as seen:
        for organization in host_queries.page(coordinator, host_queries.Filter(), 1).items:
            assert [site.commune.name for site in organization.sites]
    assert len(seen) == 3


def test_pages_out_of_range_are_empty_and_not_errors(world: World) -> None:
    assert queries.page(world.here.actor(Role.COORDINATOR), world.here.campaign_id, Filter(), 999).items == []
