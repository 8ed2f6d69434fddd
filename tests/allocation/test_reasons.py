"""Why not that place, asked of a stored run: each reason with its figures, and what forcing the pair really does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.policy import Role
from app.allocation import queries, sentences, services
from app.allocation.models import MatchingRun, RunRecord
from app.allocation.rules import Parameters
from app.campaigns.models import Campaign
from app.hosts.models import HostSite
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden
from app.offers.models import PlacementOffer, Slot
from app.offers.states import OfferState
from app.wishes import queries as wish_queries
from app.wishes.models import InterestProfile, WishListState
from tests.allocation.test_pages import counted
from tests.world import Land, World, add

pytestmark = pytest.mark.both_engines


def compute(land: Land, key: str = "reasons", **parameters: object) -> MatchingRun:
    with transaction():  # the world's own run is an old one
        db.session.get_one(MatchingRun, land.run_id).finished_at = datetime(2026, 11, 1, tzinfo=UTC)
    campaign = db.session.get_one(Campaign, land.campaign_id)
    by = land.actor(Role.COORDINATOR)
    run = services.start_run(campaign, Parameters(**parameters), key, by=by)  # type: ignore[arg-type]
    services.execute(run.id)
    db.session.expire_all()
    return db.session.get_one(MatchingRun, run.id)


def ask(land: Land, run: MatchingRun, student_id: int, slot_id: int) -> services.Inquiry:
    return services.why_not(run, student_id, slot_id, by=land.actor(Role.COORDINATOR))


def left_of(run: MatchingRun) -> int:
    [row] = queries.left_out(run)
    return row.student_id


def another_offer(land: Land, **changes: object) -> int:
    """A second public offer of one place, in the first week; its slot."""
    with transaction():
        first = db.session.get_one(PlacementOffer, land.offer_id)
        names = ("territory_id", "campaign_id", "organization_id", "site_id", "sector", "occupations", "description")
        base = {name: getattr(first, name) for name in names} | {"title": "Tri des livres", "levels": "3e"}
        monday = db.session.get_one(Slot, land.slot_ids[0]).monday
        slot = Slot(monday=monday, capacity=1)
        add(PlacementOffer(**(base | {"state": OfferState.PUBLISHED, "slots": [slot]} | changes)))
        return slot.id


def test_a_full_place_says_who_has_it_and_what_the_exchange_costs(context: Flask, deciding: World) -> None:
    land = deciding.here
    run = compute(land)
    who = left_of(run)
    found = ask(land, run, who, land.slot_ids[0])
    assert found.answer.code in {"costs", "tie"}
    [(holder, seat)] = found.holders
    assert holder.id == queries_holder(run, land.slot_ids[0])
    assert (seat.rank, seat.decided) == (1, False)
    assert (found.seats.approved, found.seats.capacity) == (0, 1)
    assert ask(land, run, holder.id, land.slot_ids[0]).answer.code == "holds_it"


def queries_holder(run: MatchingRun, slot_id: int) -> int:
    return next(student for student, slot in queries.places_by_student(run.id).items() if slot == slot_id)


def test_hard_rules_are_told_with_their_figures(context: Flask, deciding: World) -> None:
    land = deciding.here
    other_level = another_offer(land, levels="4e")
    with transaction():
        site = db.session.get_one(HostSite, land.site_id)
        far = HostSite(
            organization_id=land.organization_id, commune_id=land.commune_id, siret="9" * 14, name="Loin",
            address="1 rue", postcode="62110", lat=site.lat, lon=site.lon + 0.5,
        )  # fmt: skip
        add(far)
        far_id = far.id
    too_far = another_offer(land, site_id=far_id, title="Loin d’ici")
    run = compute(land)
    assert ask(land, run, land.student_id, other_level).answer.code == "level"
    answer = ask(land, run, land.student_id, too_far).answer
    assert answer.code == "too_far"
    assert answer.figures["max_km"] == 10
    assert answer.figures["over_km"] == pytest.approx(answer.figures["km"] - 10, abs=0.06)


def test_a_refusal_is_told_with_its_reason(context: Flask, deciding: World) -> None:
    land = deciding.here
    run = compute(land)
    who = queries_holder(run, land.slot_ids[0])
    proposal = queries.proposal_for(run.id, who, land.slot_ids[0])
    assert proposal is not None
    services.refuse(proposal.id, "La famille préfère plus près.", by=land.actor(Role.COORDINATOR))
    again = compute(land, "again", stable=False)
    found = ask(land, again, who, land.slot_ids[0])
    assert found.answer.code == "forbidden"
    assert found.ban is not None
    assert (found.ban.reason, found.ban.who) == ("La famille préfère plus près.", "Coordinator 1")


def test_an_approved_seat_is_a_decision(context: Flask, deciding: World) -> None:
    land = deciding.here
    services.approve(land.proposal_id, by=land.actor(Role.COORDINATOR))
    run = compute(land)
    found = ask(land, run, left_of(run), land.slot_ids[0])
    assert found.answer.code == "no_capacity"
    assert [seat.decided for _, seat in found.holders] == [True]
    assert found.seats.approved == 1


def test_a_place_of_nobody_is_tried_and_costs_the_wish(context: Flask, deciding: World) -> None:
    land = deciding.here
    free = another_offer(land)
    with transaction():  # one student has a wish, nobody has words
        for profile in db.session.query(InterestProfile):
            profile.text, profile.interests = "", []
        for student_id in land.student_ids[1:]:
            wish_list = wish_queries.wish_list_of(student_id)
            assert wish_list is not None
            wish_list.state = WishListState.DRAFT
    run = compute(land, stable=False)
    assert queries.places_by_student(run.id)[land.student_id] in land.slot_ids
    answer = ask(land, run, land.student_id, free).answer
    assert (answer.code, answer.rule, answer.wishes) == ("costs", "dissatisfaction", {1: -1})


def test_who_keeps_the_place_of_the_run_before_counts(context: Flask, deciding: World) -> None:
    """A run that moves nobody if it can: the student left out meets whoever would have to move."""
    land = deciding.here
    first = compute(land)
    again = compute(land, "again")
    assert queries.places_by_student(again.id) == queries.places_by_student(first.id)
    who = queries_holder(again, land.slot_ids[0])
    free = another_offer(land)
    with transaction():  # a run which sees a free place that this student would rather have, and leaves them in theirs
        wish_list = wish_queries.wish_list_of(who)
        assert wish_list is not None
        wish_list.state = WishListState.DRAFT
    third = compute(land, "third")
    assert queries.places_by_student(third.id)[who] == land.slot_ids[0]
    answer = ask(land, third, who, free).answer
    assert (answer.code, answer.rule, answer.worse_by) == ("costs", "moved", 1)


def test_a_slot_published_since_was_not_in_the_run(context: Flask, deciding: World) -> None:
    land = deciding.here
    run = compute(land)
    assert ask(land, run, land.student_id, another_offer(land)).answer.code == "unknown_place"


def test_who_may_ask_and_of_what(context: Flask, deciding: World) -> None:
    land, there = deciding.here, deciding.there
    run = compute(land)
    with pytest.raises(Forbidden):
        services.why_not(run, land.student_id, land.slot_ids[0], by=there.actor(Role.COORDINATOR))
    with pytest.raises(Hidden):
        ask(land, run, land.student_id, there.slot_ids[0])
    old = db.session.get_one(MatchingRun, land.run_id)
    with pytest.raises(Conflict):
        ask(land, old, land.student_id, land.slot_ids[0])


def test_the_record_holds_numbers_and_no_words(context: Flask, deciding: World) -> None:
    import zlib

    run = compute(deciding.here)
    record = db.session.get_one(RunRecord, run.id)
    text = zlib.decompress(record.market).decode() + zlib.decompress(record.solution).decode()
    assert str(deciding.here.student_id) in text
    for word in ("vélo", "Lina", "Wojcik", "Ressourcerie"):
        assert word not in text


def test_the_page_answers_with_and_without_a_place(app: Flask, deciding: World, client: FlaskClient) -> None:
    land = deciding.here
    deciding.sign_in(client, Role.COORDINATOR)
    with app.app_context():
        run_id = compute(land).id
        who = left_of(db.session.get_one(MatchingRun, run_id))
        db.session.remove()
    base = f"/affectations/{run_id}/pourquoi-pas/{who}"
    assert "Redonner vie aux vélos" in client.get(base).text  # among the wishes
    for query, part in [
        (f"?place={land.slot_ids[0]}", "La seule place est prise"),
        ("?q=velos", "Redonner vie aux vélos"),
        ("?q=zzz", "Aucune place ne correspond"),
        ("?q=%00&place=x", "Choisir une place"),
        (f"?place={10**12}", "Choisir une place"),
        ("?q=<script>", "&lt;script&gt;"),
    ]:
        page = client.get(base + query)
        assert page.status_code == 200, query
        assert part in page.text.replace("\u00a0", " ").replace("\u202f", " "), query
    assert client.get(f"{base}?place={deciding.there.slot_ids[0]}").status_code == 404
    old = client.get(f"/affectations/{land.run_id}/pourquoi-pas/{land.student_id}?place={land.slot_ids[0]}")
    assert "trop ancien" in old.text


def test_finding_places_costs_the_same_for_more_offers(app: Flask, deciding: World, client: FlaskClient) -> None:
    land = deciding.here
    deciding.sign_in(client, Role.COORDINATOR)
    path = f"/affectations/{land.run_id}/pourquoi-pas/{land.student_id}?q=i"
    client.get(path)
    with counted(app) as few:
        client.get(path)
    with app.app_context():
        for number in range(25):
            another_offer(land, title=f"Livres {number}")
        db.session.remove()
    with counted(app) as many:
        page = client.get(path)
    assert "Livres 1" in page.text
    assert len(few) == len(many) <= 18, "\n".join(many)


@pytest.mark.parametrize(
    ("rule", "by", "part"),
    [
        ("placed", 2, "2 élèves de plus sans place"),
        ("below_floor:school", 1, "un collège qui n’a pas encore sa part"),
        ("unacceptable", 1, "ne pas vouloir aller"),
        ("moved", 3, "3 élèves"),
        ("dissatisfaction", 0.4, "les vœux et les envies"),
        ("first_wishes", 1, "dans l’ordre choisi"),
    ],
)
def test_each_rule_has_its_sentence(context: Flask, rule: str, by: float, part: str) -> None:
    assert part in sentences.cost(rule, by)
