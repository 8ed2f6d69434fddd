from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.policy import Role
from app.audit.models import JournalEntry
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.hosts import queries as host_queries
from app.hosts import services as host_services
from app.hosts.models import HostOrganization
from app.hosts.states import HostState
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden, IllegalTransition, Invalid, PhaseClosed
from app.messaging.models import OutboxMessage
from app.offers import queries, services
from app.offers.models import PlacementOffer, Slot, snapshot
from app.offers.rules import OfferDraft
from app.offers.states import OfferState
from tests.world import WEEKS, Land, World

pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def request_context(app: Flask, world: World) -> Iterator[None]:
    with app.test_request_context():
        yield


def draft(land: Land) -> OfferDraft:
    return OfferDraft(
        title="Tenir la boutique solidaire",
        description="Tu ranges, tu étiquettes, tu accueilles les clients avec Naïma, du matin au soir.",
        sector="REEMPLOI_DECHETS",
        site_id=land.site_id,
        occupations=("D1505", "Étalagiste"),
        conditions=("public",),
        levels=("3e",),
        places={WEEKS[0]: 2},
        tutor_name="Naïma Bouzid",
        acknowledged=True,
    )


def campaign(land: Land) -> Campaign:
    found = db.session.get(Campaign, land.campaign_id)
    assert found is not None
    return found


def write(
    world: World, given: OfferDraft | None = None, *, send: bool = True, key: str = "clef", role: Role = Role.HOST
) -> PlacementOffer:
    land = world.here
    actor = land.actor(role)
    organization = host_queries.visible_organization(actor, land.organization_id)
    return services.write(given or draft(land), organization, campaign(land), request_key=key, send=send, by=actor)


def act(world: World, offer_id: int, action: str, role: Role = Role.COORDINATOR, reason: str = "") -> None:
    actor = world.here.actor(role)
    services.act(queries.visible_offer(actor, offer_id), action, by=actor, reason=reason)


def state_of(offer_id: int) -> OfferState:
    return db.session.scalars(select(PlacementOffer.state).where(PlacementOffer.id == offer_id)).one()


def mails() -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def test_an_offer_walks_from_the_form_to_the_students(world: World) -> None:
    student = world.here.actor(Role.STUDENT)
    offer_id = write(world).id
    assert state_of(offer_id) is OfferState.SUBMITTED
    with pytest.raises(Hidden):
        queries.visible_offer(student, offer_id)
    act(world, offer_id, "send_back", reason="Dites ce que l’élève fera l’après-midi.")
    seen_by_host = queries.visible_offer(world.here.actor(Role.HOST), offer_id)
    assert (seen_by_host.state, seen_by_host.state_reason) == (
        OfferState.SENT_BACK,
        "Dites ce que l’élève fera l’après-midi.",
    )
    services.rewrite(
        seen_by_host,
        replace(draft(world.here), places={WEEKS[0]: 1, WEEKS[1]: 3}),
        send=True,
        by=world.here.actor(Role.HOST),
    )
    act(world, offer_id, "publish")
    seen = queries.visible_offer(student, offer_id)
    assert [(slot.monday, slot.free) for slot in seen.slots] == [(WEEKS[0], 1), (WEEKS[1], 3)]
    assert seen.occupations == ["D1505", "Étalagiste"]
    assert seen.state_reason == ""
    assert mails() == ["offer_send_back", "offer_publish"]
    journal = [
        line.action for line in host_queries.journal(world.here.actor(Role.COORDINATOR), "PlacementOffer", offer_id)
    ]
    assert journal == ["write", "submit", "send_back", "rewrite", "submit", "publish"]


def test_students_see_no_offer_before_the_wishes_open(world: World) -> None:
    with transaction():
        campaign(world.here).phase = Phase.COLLECTING
    with pytest.raises(Hidden):
        queries.visible_offer(world.here.actor(Role.STUDENT), world.here.offer_id)
    assert queries.visible_offer(world.here.actor(Role.TEACHER), world.here.offer_id)


def test_the_same_form_twice_makes_one_offer(world: World) -> None:
    assert write(world).id == write(world).id
    assert db.session.scalar(select(func.count()).select_from(JournalEntry)) == 2


def test_a_key_taken_from_another_structure_opens_nothing(world: World) -> None:
    write(world, key="volee")
    there = world.there
    actor = there.actor(Role.HOST)
    organization = host_queries.visible_organization(actor, there.organization_id)
    with pytest.raises(Forbidden):
        services.write(draft(there), organization, campaign(there), request_key="volee", send=True, by=actor)


def test_the_same_action_twice_changes_and_mails_nothing_the_second_time(world: World) -> None:
    offer_id = write(world).id
    for _again in range(2):
        act(world, offer_id, "publish")
    for _again in range(2):
        act(world, offer_id, "suspend", reason="Contrôle.")
    assert mails() == ["offer_publish", "offer_suspend"]


def test_another_reason_or_another_action_meanwhile_is_refused(world: World) -> None:
    offer_id = write(world).id
    act(world, offer_id, "send_back", reason="Trop court.")
    with pytest.raises(IllegalTransition):
        act(world, offer_id, "send_back", reason="Autre chose.")
    with pytest.raises(IllegalTransition):
        act(world, offer_id, "publish")
    with pytest.raises(IllegalTransition):
        act(world, offer_id, "fly")


def test_an_unverified_structure_sends_offers_but_none_is_published(world: World) -> None:
    with transaction():
        structure = db.session.get(HostOrganization, world.here.organization_id)
        assert structure is not None
        structure.state = HostState.REGISTERED
    offer_id = write(world).id
    with pytest.raises(Conflict, match="vérifiez-la"):
        act(world, offer_id, "publish")
    assert state_of(offer_id) is OfferState.SUBMITTED


def test_a_suspended_structure_changes_no_offer(world: World) -> None:
    coordinator = world.here.actor(Role.COORDINATOR)
    organization = host_queries.visible_organization(coordinator, world.here.organization_id)
    host_services.decide(organization, "suspend", by=coordinator, reason="Contrôle.")
    with pytest.raises(Conflict):
        write(world)
    with pytest.raises(Conflict):
        act(world, world.here.draft_offer_id, "submit", Role.HOST)


@pytest.mark.parametrize("phase", [Phase.UNDER_WAY, Phase.CLOSED])
def test_a_late_phase_closes_the_writing_of_offers(world: World, phase: Phase) -> None:
    with transaction():
        campaign(world.here).phase = phase
    with pytest.raises(PhaseClosed):
        write(world)


def test_an_incomplete_draft_is_kept_and_not_sent(world: World) -> None:
    unfinished = OfferDraft(title="Une idée", site_id=world.here.site_id)
    offer_id = write(world, unfinished, send=False).id
    assert state_of(offer_id) is OfferState.DRAFT
    with pytest.raises(Invalid) as refusal:
        act(world, offer_id, "submit", Role.HOST)
    assert {"description", "weeks", "acknowledged"} <= set(refusal.value.fields)
    assert state_of(offer_id) is OfferState.DRAFT


def test_a_week_in_the_holidays_is_refused_by_the_calendar_itself(world: World) -> None:
    for monday, word in (
        (date(2026, 12, 21), "vacances"),
        (date(2026, 11, 9), "férié"),
        (date(2027, 3, 15), "campagne"),
    ):
        with pytest.raises(Invalid) as refusal:
            write(world, replace(draft(world.here), places={monday: 1}))
        assert word in refusal.value.fields["weeks"]


def test_the_site_of_another_structure_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        write(world, replace(draft(world.here), site_id=world.there.site_id))
    assert list(refusal.value.fields) == ["site_id"]


@pytest.mark.parametrize("role", [Role.HOST, Role.TEACHER, Role.STUDENT])
@pytest.mark.parametrize("action", ["publish", "send_back", "suspend", "restore"])
def test_reviewing_is_for_coordinators(world: World, role: Role, action: str) -> None:
    offer = queries.visible_offer(world.here.actor(Role.COORDINATOR), world.here.offer_id)
    with pytest.raises(Forbidden):
        services.act(offer, action, by=world.here.actor(role), reason="x")


def test_a_published_offer_is_not_rewritten(world: World) -> None:
    host = world.here.actor(Role.HOST)
    with pytest.raises(Conflict):
        services.rewrite(queries.visible_offer(host, world.here.offer_id), draft(world.here), send=False, by=host)


def test_an_offer_with_a_placed_student_is_neither_closed_nor_sent_back(world: World) -> None:
    with transaction():
        slot = db.session.get(Slot, world.here.slot_ids[0])
        assert slot is not None
        slot.taken = 1
    with pytest.raises(Conflict, match="affecté"):
        act(world, world.here.offer_id, "close", Role.HOST)
    with pytest.raises(Conflict, match="affecté"):
        act(world, world.here.offer_id, "send_back", reason="x")
    act(world, world.here.offer_id, "suspend", reason="Danger signalé.")


def test_a_week_with_a_proposal_keeps_its_slot_and_others_keep_their_rows(world: World) -> None:
    act(world, world.here.offer_id, "send_back", reason="Une semaine de moins ?")
    host = world.here.actor(Role.HOST)
    with pytest.raises(Invalid) as refusal:
        services.rewrite(
            queries.visible_offer(host, world.here.offer_id),
            replace(draft(world.here), places={WEEKS[1]: 1}),
            send=False,
            by=host,
        )
    assert list(refusal.value.fields) == ["weeks"]
    services.rewrite(
        queries.visible_offer(host, world.here.offer_id),
        replace(draft(world.here), places={WEEKS[0]: 5, WEEKS[1]: 1}),
        send=False,
        by=host,
    )
    kept = queries.visible_offer(host, world.here.offer_id).slots
    assert [slot.id for slot in kept] == world.here.slot_ids
    assert [slot.capacity for slot in kept] == [5, 1]


def past_offer(world: World) -> int:
    land = world.here
    with transaction() as session:
        old = Campaign(
            territory_id=land.territory_id,
            name="Stages de 3e",
            school_year="2025-2026",
            levels="3e",
            phase=Phase.CLOSED,
            offers_open_on=date(2025, 9, 1),
            wishes_open_on=date(2025, 11, 1),
            wishes_close_on=date(2025, 12, 15),
            publish_on=date(2026, 1, 4),
        )
        session.add(old)
        session.flush()
        source = session.get(PlacementOffer, land.offer_id)
        assert source is not None
        past = PlacementOffer(campaign_id=old.id, state=OfferState.PUBLISHED, **snapshot(source))
        session.add(past)
        session.flush()
        return past.id


def test_last_years_offer_is_taken_up_once_however_many_clicks(world: World) -> None:
    host, old_id = world.here.actor(Role.HOST), past_offer(world)
    assert [o.id for o in queries.reusable(host, campaign(world.here))] == [old_id]
    copies = {
        services.reuse(queries.visible_offer(host, old_id), campaign(world.here), by=host).id for _click in range(2)
    }
    (copy_id,) = copies
    copy = queries.visible_offer(host, copy_id)
    assert (copy.state, copy.slots, copy.forbidden_works_acknowledged_at) == (OfferState.DRAFT, [], None)
    assert copy.title == queries.visible_offer(host, old_id).title
    assert queries.reusable(host, campaign(world.here)) == []


def test_a_closed_offer_may_be_taken_up_and_a_living_one_not(world: World) -> None:
    host = world.here.actor(Role.HOST)
    with pytest.raises(Conflict):
        services.reuse(queries.visible_offer(host, world.here.draft_offer_id), campaign(world.here), by=host)
    act(world, world.here.draft_offer_id, "close", Role.HOST)
    copy = services.reuse(queries.visible_offer(host, world.here.draft_offer_id), campaign(world.here), by=host)
    assert copy.copied_from_id == world.here.draft_offer_id


def test_another_structures_past_offer_is_not_taken_up(world: World) -> None:
    old_id = past_offer(world)
    offer = queries.visible_offer(world.here.actor(Role.COORDINATOR), old_id)
    with pytest.raises(Forbidden):
        services.reuse(offer, campaign(world.there), by=world.there.actor(Role.HOST))


def test_clicks_at_the_same_instant_make_one_copy_and_one_offer(app: Flask, world: World) -> None:
    old_id, land = past_offer(world), world.here
    host = land.actor(Role.HOST)
    made: list[tuple[int, int]] = []
    errors: list[BaseException] = []
    gate = Barrier(4)
    db.session.remove()

    def click() -> None:
        with app.test_request_context():
            gate.wait()
            try:
                copy = services.reuse(queries.visible_offer(host, old_id), campaign(land), by=host).id
                organization = host_queries.visible_organization(host, land.organization_id)
                offer = services.write(
                    draft(land), organization, campaign(land), request_key="ensemble", send=True, by=host
                )
                made.append((copy, offer.id))
            except BaseException as error:
                errors.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=click) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(set(made)) == 1
    assert len(made) == 4
