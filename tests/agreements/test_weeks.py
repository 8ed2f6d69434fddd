"""The agreement of a week in several structures follows the week: both hosts sign, one joins, one withdraws."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.agreements import queries
from app.agreements.models import Agreement
from app.agreements.services import preparing, watching
from app.agreements.states import AgreementState, PartyRole, SignatureState
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Invalid
from app.messaging.models import OutboxMessage
from app.placements import seals, services
from app.placements.models import Placement
from app.placements.services import sharing
from app.placements.services.sharing import NEW
from app.placements.states import Answer, PlacementState
from app.placements.week_rules import Division
from tests.agreements import papers
from tests.agreements.test_preparing import sign_all
from tests.world import Land, World

EVERYBODY = {PartyRole.HEAD, PartyRole.GUARDIAN, PartyRole.STUDENT, PartyRole.HOST}


@pytest.fixture
def land(app: Flask, world: World) -> Iterator[Land]:
    with app.app_context():
        papers.fill_registers(world.here)
        world.here.slot_ids.append(papers.second_structure(world.here))
        yield world.here
        db.session.remove()


def share(land: Land, placement_id: int) -> int:
    """Monday to Wednesday where the student is, Thursday and Friday in the second structure; everybody says yes."""
    days = {0: str(placement_id), 1: str(placement_id), 2: str(placement_id), 3: NEW, 4: NEW}
    coordinator = land.actor(Role.COORDINATOR)
    week = sharing.arrange(placement_id, Division(days), land.slot_ids[-1], "Deux jours là", by=coordinator)
    with transaction():
        added = db.session.get_one(Placement, week.placements[-1].id)
        added.host_answer = added.family_answer = Answer.YES
        added.state = PlacementState.CONFIRMED
    return added.id


def live(land: Land) -> Agreement:
    db.session.expire_all()
    found = queries.live_of(land.student_id, land.campaign_id)
    assert found is not None
    return found


def days(agreement: Agreement) -> list[list[str]]:
    return [sorted(host.schedule) for host in agreement.hosts]


MON_WED, THU_FRI = [f"2027-01-{day}" for day in (25, 26, 27)], ["2027-01-28", "2027-01-29"]


@pytest.mark.both_engines
def test_both_structures_sign_one_document_and_each_day_has_one(land: Land) -> None:
    first = papers.place(land)
    added = share(land, first)
    placements = [db.session.get_one(Placement, key) for key in (added, first)]
    agreement = preparing.prepare(placements, by=land.actor(Role.TEACHER))
    assert days(agreement) == [MON_WED, THU_FRI]  # in the order of the days
    preparing.open_signatures(agreement, by=land.actor(Role.HEAD))
    sign_all(agreement, EVERYBODY - {PartyRole.HOST})
    assert live(land).state is AgreementState.OPEN
    sign_all(live(land), {PartyRole.HOST})
    assert live(land).state is AgreementState.SIGNED
    assert seals.among([first, added]) == {first, added}


@pytest.mark.both_engines
def test_a_draft_follows_the_week_and_keeps_what_was_typed(land: Land) -> None:
    first = papers.place(land)
    draft = preparing.prepare(db.session.get_one(Placement, first), by=land.actor(Role.TEACHER))
    key = f"host:{draft.hosts[0].id}"
    preparing.complete_part(draft, key, {"lunch": "Avec l’équipe"}, by=land.actor(Role.HOST))
    added = share(land, first)
    with pytest.raises(Conflict, match="changer"):
        preparing.open_signatures(draft, by=land.actor(Role.HEAD))
    watching.void_lost()
    assert live(land).id == draft.id
    assert days(live(land)) == [MON_WED, THU_FRI]
    assert live(land).typed[key] == {"lunch": "Avec l’équipe"}
    services.cancel(added, "Fermeture", by=land.actor(Role.COORDINATOR))
    watching.void_lost()
    watching.void_lost()  # twice changes nothing
    assert days(live(land)) == [MON_WED]
    preparing.open_signatures(live(land), by=land.actor(Role.HEAD))


@pytest.mark.both_engines
def test_a_structure_that_joins_makes_people_sign_anew(land: Land) -> None:
    first = papers.place(land)
    agreement = preparing.prepare(db.session.get_one(Placement, first), by=land.actor(Role.TEACHER))
    preparing.open_signatures(agreement, by=land.actor(Role.HEAD))
    sign_all(agreement, {PartyRole.HEAD, PartyRole.GUARDIAN})
    with transaction():
        db.session.query(OutboxMessage).delete()
    share(land, first)
    watching.void_lost()
    db.session.expire_all()
    assert db.session.get_one(Agreement, agreement.id).state is AgreementState.VOID
    drawn = live(land)
    assert (drawn.state, days(drawn)) == (AgreementState.DRAFT, [MON_WED, THU_FRI])
    told = db.session.scalars(select(OutboxMessage).filter_by(kind="agreement_voided")).all()
    assert len(told) == 2  # the head and the guardian had signed; nobody else is bothered
    assert all("Les lieux ou les jours" in mail.text for mail in told)


@pytest.mark.both_engines
def test_one_of_two_that_signed_withdraws_and_the_other_signs_anew(land: Land) -> None:
    first = papers.place(land)
    added = share(land, first)
    agreement = preparing.prepare(
        [db.session.get_one(Placement, key) for key in (first, added)], by=land.actor(Role.TEACHER)
    )
    with transaction():
        agreement.both_guardians = True
    preparing.open_signatures(agreement, by=land.actor(Role.HEAD))
    sign_all(agreement, EVERYBODY)
    services.cancel(added, "Un incendie", by=land.actor(Role.COORDINATOR))
    assert seals.among([first, added]) == frozenset()  # at once: half of what was signed is no stage
    watching.void_lost()
    drawn = live(land)
    assert drawn.id != agreement.id
    assert (drawn.state, days(drawn), drawn.both_guardians) == (AgreementState.DRAFT, [MON_WED], True)
    former = db.session.get_one(Agreement, agreement.id)
    assert {p.state for p in former.parties if p.is_required} == {SignatureState.VOID}
    preparing.open_signatures(drawn, by=land.actor(Role.HEAD))
    sign_all(live(land), EVERYBODY)
    assert live(land).state is AgreementState.SIGNED
    assert seals.is_sealed(first)


def test_a_structure_does_not_write_on_the_day_of_the_other(land: Land) -> None:
    first = papers.place(land)
    placements = [db.session.get_one(Placement, key) for key in (first, share(land, first))]
    agreement = preparing.prepare(placements, by=land.actor(Role.TEACHER))
    hours = {day: [["09:00", "12:00"]] for day in [*MON_WED, "2027-01-28"]}
    with pytest.raises(Invalid) as refusal:
        preparing.complete_part(
            agreement, f"host:{agreement.hosts[0].id}", {"schedule": hours}, by=land.actor(Role.HOST)
        )
    assert "autre structure" in refusal.value.fields["schedule"]
