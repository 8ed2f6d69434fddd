from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.allocation.models import Approval
from app.audit.models import JournalEntry
from app.campaigns.states import Phase
from app.kernel.database import db, release, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden, Invalid, PhaseClosed
from app.messaging.models import OutboxMessage
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.placements import seals, services
from app.placements.models import Placement
from app.placements.queries import repair as queries
from app.placements.repair_rules import Cause, Choice, Link, Loss, chains
from app.placements.services import repairing
from app.placements.states import LIVE, Answer, Medium, PlacementState, Side
from app.schools.models import LegalGuardian, SchoolWeek
from app.wishes.models import Wish, WishList
from tests.allocation.conftest import set_phase
from tests.placements.stages import placement_of, publish
from tests.world import WEEKS, Land, World, add

LINA, ENZO, INES = 0, 1, 2


@dataclass
class Road:
    """Lina at the bikes, Enzo in the garden, and a free seat in the library that only Enzo may take."""

    world: World
    bikes: int
    garden: int
    library: int

    @property
    def land(self) -> Land:
        return self.world.here


def _offer(land: Land, title: str, monday: date) -> int:
    offer = PlacementOffer(
        territory_id=land.territory_id,
        campaign_id=land.campaign_id,
        organization_id=land.organization_id,
        site_id=land.site_id,
        title=title,
        description="Tu regardes, tu essaies, tu demandes.",
        sector="ESPACES_VERTS_AGRI",
        state=OfferState.PUBLISHED,
        slots=[Slot(monday=monday, capacity=1)],
    )
    add(offer)
    return offer.slots[0].id


@pytest.fixture
def road(app: Flask, deciding: World) -> Road:
    """Published, nobody has answered. Lina may go to the garden, Enzo to the library; Inès waits."""
    land = deciding.here
    with app.app_context():
        publish(land, LINA)
        with transaction():
            garden, library = _offer(land, "Jardin partagé", WEEKS[0]), _offer(land, "Bibliothèque", WEEKS[0])
            second = db.session.get_one(Slot, land.slot_ids[1])
            second.capacity = 0
            for index, closed in ((LINA, [library]), (INES, [garden, library])):
                for slot_id in closed:
                    _refuse(land, index, slot_id)
            _wish(land, ENZO, garden)
            add(LegalGuardian(student_id=land.student_ids[ENZO], name="Luc Delattre", email="enzo@mail.example"))
        services.place(land.student_ids[ENZO], garden, "Essai", by=land.actor(Role.COORDINATOR))
        with transaction() as session:
            session.query(OutboxMessage).delete()
        road = Road(deciding, land.slot_ids[0], garden, library)
        db.session.remove()
    return road


def _refuse(land: Land, index: int, slot_id: int) -> None:
    from app.allocation.models import Ruling, RulingKind

    add(
        Ruling(
            campaign_id=land.campaign_id, student_id=land.student_ids[index], slot_id=slot_id, kind=RulingKind.FORBID
        )
    )


def _wish(land: Land, index: int, slot_id: int) -> None:
    wishes = db.session.scalars(select(WishList).where(WishList.student_id == land.student_ids[index])).one()
    wishes.wishes.append(Wish(offer_id=db.session.get_one(Slot, slot_id).offer_id, rank=2))


def coordinator(road: Road) -> object:
    return road.land.actor(Role.COORDINATOR)


def offer_lost(road: Road) -> Loss:
    return Loss(Cause.OFFER, road.land.offer_id)


def seats(road: Road) -> dict[int, tuple[int, int]]:
    db.session.expire_all()
    return {
        s: (row.taken, row.capacity)
        for s in (road.bikes, road.garden, road.library)
        if (row := db.session.get_one(Slot, s))
    }


def places(road: Road) -> dict[int, int]:
    """Student index → slot of the live placement."""
    db.session.expire_all()
    rows = db.session.scalars(select(Placement).where(Placement.state.in_(LIVE)))
    return {road.land.student_ids.index(row.student_id): row.slot_id for row in rows}


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ({}, []),
        ({1: (None, 10)}, [[1]]),
        ({1: (None, 10), 2: (10, 20), 3: (20, 30)}, [[1, 2, 3]]),
        ({1: (None, 10), 2: (10, 20), 5: (None, 50)}, [[1, 2], [5]]),
        ({1: (10, 20), 2: (20, 10)}, [[1, 2]]),
        ({1: (None, 10), 2: (None, 10), 3: (10, 30), 4: (10, 40)}, [[1, 3], [2, 4]]),
    ],
)
def test_moves_are_drawn_as_chains_each_move_once(
    moves: dict[int, tuple[int | None, int]], expected: list[list[int]]
) -> None:
    found = chains(moves)
    assert [[link.student for link in chain] for chain in found] == expected
    links = [link for chain in found for link in chain]
    assert sorted((link.student, link.before, link.after) for link in links) == sorted(
        (student, before, after) for student, (before, after) in moves.items()
    )
    assert all(isinstance(link, Link) for link in links)


@pytest.mark.both_engines
def test_the_smallest_chain_is_shown_with_what_nobody_else_moving_gives(app: Flask, road: Road) -> None:
    with app.app_context():
        land = road.land
        plan = repairing.plan(land.campaign_id, offer_lost(road), by=coordinator(road))
        lina, enzo = land.student_ids[LINA], land.student_ids[ENZO]
        assert dict(plan.ways.chain.moves) == {lina: (None, road.garden), enzo: (road.garden, road.library)}
        assert plan.ways.still.left == (lina,)
        assert plan.choices == [Choice.CHAIN, Choice.NONE]  # without a chain, nobody can be placed
        figures = plan.figures(Choice.CHAIN)
        assert (figures.placed, figures.after_loss, figures.after, figures.moved, figures.left) == (2, 1, 2, 1, 0)
        none = plan.figures(Choice.NONE)
        assert (none.after, none.moved, none.left) == (1, 0, 1)
        assert places(road) == {LINA: road.bikes, ENZO: road.garden}  # a plan changes nothing


@pytest.mark.both_engines
def test_accepting_moves_seats_approvals_and_placements_at_once(app: Flask, road: Road) -> None:
    with app.app_context():
        land = road.land
        plan = repairing.plan(land.campaign_id, offer_lost(road), by=coordinator(road))
        digest = plan.ways.digest

        def accept() -> int:
            return repairing.accept(
                land.campaign_id, offer_lost(road), Choice.CHAIN, digest, "L’atelier ferme.", by=coordinator(road)
            )

        assert accept() == 2
        assert places(road) == {LINA: road.garden, ENZO: road.library}
        assert seats(road) == {road.bikes: (0, 0), road.garden: (1, 1), road.library: (1, 1)}
        approvals = dict(
            db.session.execute(select(Approval.student_id, Approval.slot_id)).tuples().all()  # both are told of
        )
        assert approvals == {land.student_ids[LINA]: road.garden, land.student_ids[ENZO]: road.library}
        assert db.session.scalar(select(func.count(Approval.id)).where(Approval.published_at.is_(None))) == 0
        assert {row.state for row in db.session.scalars(select(Placement))} == {
            PlacementState.CANCELLED,
            PlacementState.AWAITING,
        }
        mails = db.session.scalars(select(OutboxMessage)).all()
        assert sorted((mail.kind, mail.to_email) for mail in mails) == [
            ("repair_class", "teacher1@passerelle.example"),
            ("repair_family", "enzo@mail.example"),
            ("repair_family", "famille1@mail.example"),
            *[("repair_host", "host1@passerelle.example")] * 3,
        ]
        assert {mail.state.value for mail in mails} == {"queued"}  # at once, not with the mail of the day
        for mail in mails:
            if mail.kind == "repair_host":
                assert "Wojcik" not in mail.text + mail.html
                assert "L’atelier ferme" not in mail.text
        family = next(mail for mail in mails if mail.to_email == "famille1@mail.example")
        assert "Redonner vie aux vélos" in family.text
        assert "Jardin partagé" in family.text
        line = db.session.scalars(select(JournalEntry).where(JournalEntry.action == queries.ACCEPTED)).one()
        assert (line.reason, line.details["moved"], line.details["placed"]) == ("L’atelier ferme.", 1, 2)
        assert accept() == 0  # the same click, twice
        assert len(db.session.scalars(select(OutboxMessage)).all()) == len(mails)


@pytest.mark.both_engines
def test_a_stale_plan_is_refused_and_nothing_is_done(app: Flask, road: Road) -> None:
    with app.app_context():
        land = road.land
        plan = repairing.plan(land.campaign_id, offer_lost(road), by=coordinator(road))
        services.answer(
            placement_of(land, ENZO).id,
            Answer.YES,
            Side.HOST,
            by=land.actor(Role.HOST),
            medium=Medium.LINK,
        )
        services.answer(
            placement_of(land, ENZO).id,
            Answer.YES,
            Side.FAMILY,
            by=coordinator(road),
            medium=Medium.PHONE,
        )
        before = places(road)
        with pytest.raises(Conflict, match="a changé"):
            repairing.accept(
                land.campaign_id, offer_lost(road), Choice.CHAIN, plan.ways.digest, "Trop tard.", by=coordinator(road)
            )
        assert places(road) == before
        again = repairing.plan(land.campaign_id, offer_lost(road), by=coordinator(road))
        assert again.ways.digest != plan.ways.digest
        assert again.firmness[land.student_ids[ENZO]] == 1


@pytest.mark.both_engines
def test_two_coordinators_accept_two_plans_and_one_is_told_to_look_again(app: Flask, road: Road) -> None:
    land = road.land
    with app.app_context():
        offer_digest = repairing.plan(land.campaign_id, offer_lost(road), by=coordinator(road)).ways.digest
        placement_id = placement_of(land, ENZO).id
        enzo_lost = Loss(Cause.PLACEMENT, placement_id)
        enzo_digest = repairing.plan(land.campaign_id, enzo_lost, by=coordinator(road)).ways.digest
        db.session.remove()
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def accept(loss: Loss, digest: str) -> None:
        with app.app_context():
            try:
                who = land.actor(Role.COORDINATOR)
                release()
                barrier.wait(timeout=20)
                repairing.accept(land.campaign_id, loss, Choice.CHAIN, digest, "Ensemble", by=who)
                outcomes.append("done")
            except Conflict:
                outcomes.append("conflict")
            except BaseException as error:
                outcomes.append(repr(error))
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=accept, args=pair)
        for pair in ((offer_lost(road), offer_digest), (enzo_lost, enzo_digest))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "done"]
    with app.app_context():
        live = places(road)
        assert len(set(live.values())) == len(live)
        for slot_id, (taken, capacity) in seats(road).items():
            assert taken == list(live.values()).count(slot_id) <= capacity


@pytest.mark.both_engines
def test_leaving_without_a_place_tells_the_family_and_closes_the_offer(app: Flask, road: Road) -> None:
    with app.app_context():
        land = road.land
        plan = repairing.plan(land.campaign_id, offer_lost(road), by=coordinator(road))
        repairing.accept(
            land.campaign_id, offer_lost(road), Choice.NONE, plan.ways.digest, "Rien d’autre.", by=coordinator(road)
        )
        assert places(road) == {ENZO: road.garden}
        kinds = sorted(mail.kind for mail in db.session.scalars(select(OutboxMessage)))
        assert kinds == ["placement_undone_family", "repair_class", "repair_host"]
        again = repairing.plan(land.campaign_id, Loss(Cause.UNDONE), by=coordinator(road))
        assert again.damage.hit == {land.student_ids[LINA]}
        assert again.ways.chain.helped == 1  # the chain is still there for whoever comes back to it


def test_a_student_who_leaves_frees_a_seat_for_who_waits(app: Flask, road: Road) -> None:
    with app.app_context():
        land = road.land
        loss = Loss(Cause.STUDENT, land.student_ids[LINA])
        plan = repairing.plan(land.campaign_id, loss, by=coordinator(road))
        assert plan.damage.hit == frozenset()
        assert dict(plan.ways.chain.moves) == {}
        assert dict(plan.ways.wide.moves) == {land.student_ids[INES]: (None, road.bikes)}
        repairing.accept(land.campaign_id, loss, Choice.WIDE, plan.ways.digest, "Lina déménage.", by=coordinator(road))
        assert places(road) == {ENZO: road.garden, INES: road.bikes}
        kinds = {mail.kind for mail in db.session.scalars(select(OutboxMessage))}
        assert kinds == {"placement_undone_family", "repair_class", "repair_host"}  # Inès's family has no address


def test_a_structure_that_cannot_take_one_student_loses_that_seat(app: Flask, road: Road) -> None:
    with app.app_context():
        land = road.land
        loss = Loss(Cause.PLACEMENT, placement_of(land, LINA).id)
        plan = repairing.plan(land.campaign_id, loss, by=coordinator(road))
        assert plan.ways.chain.moves[land.student_ids[LINA]] == (None, road.garden)
        repairing.accept(land.campaign_id, loss, Choice.CHAIN, plan.ways.digest, "Pas de tuteur.", by=coordinator(road))
        assert seats(road)[road.bikes] == (0, 0)


def test_a_school_that_closes_its_week_is_placed_in_another(app: Flask, road: Road) -> None:
    with app.app_context():
        land = road.land
        with transaction():
            db.session.get_one(Slot, land.slot_ids[1]).capacity = 1
        loss = Loss(Cause.SCHOOL_WEEK, land.school_id, WEEKS[0].isoformat())
        plan = repairing.plan(land.campaign_id, loss, by=coordinator(road))
        assert plan.damage.hit == {land.student_ids[LINA], land.student_ids[ENZO]}
        assert {after for _b, after in plan.ways.chain.moves.values()} == {land.slot_ids[1]}
        repairing.accept(land.campaign_id, loss, Choice.CHAIN, plan.ways.digest, "Brevet blanc.", by=coordinator(road))
        assert len(places(road)) == 1
        weeks = db.session.scalars(select(SchoolWeek.monday).where(SchoolWeek.school_id == land.school_id)).all()
        assert weeks == [WEEKS[1]]


def test_a_signed_agreement_moves_last_and_a_stage_under_way_never(
    app: Flask, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        land = road.land
        with transaction():
            enzo = placement_of(land, ENZO)
            enzo.state = PlacementState.CONFIRMED
            sealed = enzo.id
        monkeypatch.setattr(seals, "_source", lambda placement_ids: frozenset(placement_ids) & {sealed})
        plan = repairing.plan(land.campaign_id, offer_lost(road), by=coordinator(road))
        assert plan.firmness[land.student_ids[ENZO]] == 2
        assert plan.ways.chain.moved == 1  # no other way: a place comes before a signature
        with transaction():
            placement_of(land, ENZO).state = PlacementState.UNDER_WAY
        begun = repairing.plan(land.campaign_id, offer_lost(road), by=coordinator(road))
        assert begun.ways.chain.moved == 0
        assert begun.ways.chain.left == (land.student_ids[LINA],)


def test_who_repairs_what_and_when(app: Flask, road: Road) -> None:
    with app.app_context():
        land, there = road.land, road.world.there
        for actor in (land.actor(Role.TEACHER), there.actor(Role.COORDINATOR)):
            with pytest.raises((Forbidden, Hidden)):
                repairing.plan(land.campaign_id, offer_lost(road), by=actor)
        for loss in (
            Loss(Cause.OFFER, there.offer_id),
            Loss(Cause.ORGANIZATION, there.organization_id),
            Loss(Cause.STUDENT, there.student_id),
            Loss(Cause.SCHOOL_WEEK, there.school_id, WEEKS[0].isoformat()),
            Loss(Cause.PLACEMENT, 987654),
        ):
            with pytest.raises(Hidden):
                repairing.plan(land.campaign_id, loss, by=coordinator(road))
        with pytest.raises(Invalid):
            repairing.accept(land.campaign_id, offer_lost(road), Choice.CHAIN, "x", " ", by=coordinator(road))
        with pytest.raises(Conflict):
            repairing.accept(land.campaign_id, offer_lost(road), Choice.CHAIN, "", "Sans plan", by=coordinator(road))
        set_phase(land, Phase.CLOSED)
        with pytest.raises(PhaseClosed):
            repairing.plan(land.campaign_id, offer_lost(road), by=coordinator(road))


def test_the_page_shows_the_chain_and_accepts_it(app: Flask, road: Road, client: FlaskClient) -> None:
    url = f"/reparation?perte=offre&numero={road.land.offer_id}"
    who = road.world.sign_in(client, Role.COORDINATOR)
    started = time.perf_counter()
    page = who.get(url).text
    assert time.perf_counter() - started < 2
    assert "La plus petite chaîne" in page
    assert "Ne déplacer personne" in page
    assert page.index("Lina Wojcik") < page.index("Enzo Delattre")
    digest = page.split('name="digest" value="')[1].split('"')[0]
    form = {"choice": "chaine", "digest": digest, "reason": ""}
    refused = who.post(url, data=form)
    assert refused.status_code == 422
    assert "Dites pourquoi" in refused.text
    stale = who.post(url, data=form | {"digest": "0" * 64, "reason": "Parce que"})
    assert stale.status_code == 409
    assert "La situation a changé" in stale.text
    assert "La plus petite chaîne" in stale.text
    assert who.post(url, data=form | {"reason": "L’atelier ferme."}).status_code == 303
    assert who.post(url, data=form | {"reason": "L’atelier ferme."}).status_code == 303
    with app.app_context():
        assert places(road) == {LINA: road.garden, ENZO: road.library}
    for wrong in ("?perte=rien", "?numero=-1", "?numero=x", "?perte=offre&numero=1&lundi=hier", "?perte=offre"):
        assert who.get(f"/reparation{wrong}").status_code == 404
    assert "Rien à réparer" in who.get("/reparation").text
