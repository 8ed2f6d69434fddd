"""Preparing, completing, opening, changing, cancelling: the life of the paper."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.actor import Actor
from app.access.policy import Role
from app.agreements import content, evidence, storage
from app.agreements.models import Agreement, Party
from app.agreements.queries import chain
from app.agreements.services import preparing, signing, watching
from app.agreements.services.signing import give
from app.agreements.signatures import Authority
from app.agreements.states import AgreementState, PartyRole, SignatureState
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden, IllegalTransition, Invalid
from app.messaging.models import OutboxMessage
from app.offers.models import PlacementOffer
from app.placements.models import Placement
from app.placements.states import PlacementState
from app.schools.models import School, Student
from tests.agreements import papers
from tests.world import World

pytestmark = pytest.mark.both_engines


def sign_all(agreement: Agreement, only: set[PartyRole] | None = None) -> None:
    """Every required signature, given as the signing verbs do once the code is right."""
    for party in list(agreement.parties):
        if party.is_required and (only is None or party.role in only):
            with transaction():
                give(
                    signing.hold(party.id),
                    evidence.Event.SIGNED,
                    evidence.Circumstances(),
                    by=None,
                    authority=Authority(),
                )


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_prepared_twice_it_is_one_draft(context: Flask, world: World) -> None:
    first = papers.draft(world.here)
    placement = db.session.scalars(select(Placement)).one()
    again = preparing.prepare([placement], by=world.here.actor(Role.HEAD))
    assert again.id == first.id
    assert count(Agreement) == 1
    assert first.state is AgreementState.DRAFT
    assert content.missing(first) == []


def test_a_lost_placement_has_no_agreement(context: Flask, world: World) -> None:
    papers.fill_registers(world.here)
    placement = db.session.get_one(Placement, papers.place(world.here))
    with transaction():
        placement.state = PlacementState.CANCELLED
    with pytest.raises(Conflict):
        preparing.prepare(placement, by=world.here.actor(Role.TEACHER))


def test_opening_freezes_the_content_and_asks_everybody(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    assert agreement.state is AgreementState.OPEN
    assert agreement.content is not None
    assert agreement.content_digest == content.digest(agreement.content)
    assert [party.role for party in agreement.parties] == [
        PartyRole.HEAD,
        PartyRole.HOST,
        PartyRole.GUARDIAN,
        PartyRole.STUDENT,
        PartyRole.TEACHER,
        PartyRole.TUTOR,
    ]
    assert [party.role for party in agreement.parties if party.is_required] == [
        PartyRole.HEAD,
        PartyRole.HOST,
        PartyRole.GUARDIAN,
        PartyRole.STUDENT,
    ]
    assert agreement.pdf is not None
    assert storage.read(agreement.pdf).startswith(b"%PDF")
    assert evidence.verify(agreement) == ()
    twice = preparing.open_signatures(agreement, by=world.here.actor(Role.HEAD))
    assert twice.content_digest == agreement.content_digest
    assert len(twice.parties) == 6


def test_what_is_missing_is_named_to_who_can_fill_it(context: Flask, world: World) -> None:
    agreement = papers.draft(world.here)
    with transaction():
        db.session.get_one(School, world.here.school_id).board_approval_on = None
        db.session.get_one(Student, world.here.student_id).birth_date = None
        offer = db.session.get_one(PlacementOffer, world.here.offer_id)
        offer.tutor_phone = ""
    lacks = {(lack.part.split(":")[0], lack.field): lack.who for lack in content.missing(agreement)}
    assert lacks == {
        ("school", "board_approval_on"): PartyRole.HEAD,
        ("school", "birth_date"): PartyRole.HEAD,
        ("host", "tutor_phone"): PartyRole.HOST,
    }
    with pytest.raises(Invalid) as refusal:
        preparing.open_signatures(agreement, by=world.here.actor(Role.HEAD))
    assert len(refusal.value.fields) == 3
    db.session.rollback()
    assert db.session.get_one(Agreement, agreement.id).state is AgreementState.DRAFT


def test_a_private_school_needs_no_vote_of_its_board(context: Flask, world: World) -> None:
    agreement = papers.draft(world.here)
    with transaction():
        school = db.session.get_one(School, world.here.school_id)
        school.board_approval_on, school.is_public = None, False
    assert content.missing(agreement) == []
    assert content.build(agreement)["school"]["status"] == "contract"


def test_hours_against_the_law_stop_the_opening(context: Flask, world: World) -> None:
    agreement = papers.draft(world.here)
    host = agreement.hosts[0]
    with transaction():
        host.schedule = {**host.schedule, "2027-01-27": [["08:00", "12:30"], ["13:30", "19:00"]]}
    with pytest.raises(Invalid) as refusal:
        preparing.open_signatures(agreement, by=world.here.actor(Role.HEAD))
    said = " ".join(refusal.value.fields.values())
    assert "Mercredi 27 janvier" in said


def test_the_real_age_decides(context: Flask, world: World) -> None:
    agreement = papers.draft(world.here)
    host = agreement.hosts[0]
    seven = [["09:00", "12:00"], ["13:00", "17:00"]]
    with transaction():  # 35 hours: too many before fifteen, allowed from fifteen on
        host.schedule = dict.fromkeys(host.schedule, seven)
    with pytest.raises(Invalid):
        preparing.open_signatures(agreement, by=world.here.actor(Role.HEAD))
    db.session.rollback()
    with transaction():
        db.session.get_one(Student, world.here.student_id).birth_date = date(2011, 12, 1)
    assert preparing.open_signatures(agreement, by=world.here.actor(Role.HEAD)).state is AgreementState.OPEN


def test_an_unconfirmed_stage_is_not_signed(context: Flask, world: World) -> None:
    agreement = papers.draft(world.here)
    with transaction():
        agreement.hosts[0].placement.state = PlacementState.AWAITING
    with pytest.raises(Conflict, match="confirmer"):
        preparing.open_signatures(agreement, by=world.here.actor(Role.HEAD))


def test_each_party_writes_its_own_part_and_no_other(context: Flask, world: World) -> None:
    land = world.here
    agreement = papers.draft(land)
    host_part = f"host:{agreement.hosts[0].id}"
    guardian = Actor(
        role=Role.GUARDIAN, display_name="Anna", territory_id=land.territory_id, student_id=land.student_id
    )
    writers = {
        "school": land.actor(Role.HEAD),
        "pedagogy": land.actor(Role.TEACHER),
        host_part: land.actor(Role.HOST),
        "family": guardian,
    }
    values = {
        "school": {"head_name": "Paul Vasseur"},
        "pedagogy": {"supervision": "Un appel le mardi."},
        host_part: {"activities": "Lundi, l’atelier ; mardi, la boutique."},
        "family": {"guardian_phone": "06 00 00 00 01"},
    }
    for part, own in writers.items():
        preparing.complete_part(agreement, part, values[part], by=own)
        for other in {id(a): a for a in [*writers.values(), world.there.actor(Role.HOST)]}.values():
            if not preparing.may_fill(agreement, part, other):
                with pytest.raises(Forbidden):
                    preparing.complete_part(agreement, part, values[part], by=other)
    said = content.build(agreement)
    assert said["school"]["head_name"] == "Paul Vasseur"
    assert said["pedagogy"]["supervision"] == "Un appel le mardi."
    assert said["hosts"][0]["activities"].startswith("Lundi")
    assert said["guardians"][0]["phone"] == "06 00 00 00 01"
    assert not preparing.may_fill(agreement, host_part, writers["school"])
    assert not preparing.may_fill(agreement, "family", writers[host_part])
    with pytest.raises(Hidden):
        preparing.complete_part(agreement, "host:987654", {}, by=land.actor(Role.HOST))


def test_what_cannot_be_a_value_is_refused_beside_its_field(context: Flask, world: World) -> None:
    agreement = papers.draft(world.here)
    with pytest.raises(Invalid) as refusal:
        preparing.complete_part(
            agreement,
            "school",
            {"email": "pas une adresse", "phone": "12", "board_approval_on": "hier", "status": "royal"},
            by=world.here.actor(Role.HEAD),
        )
    assert set(refusal.value.fields) == {"email", "phone", "board_approval_on", "status"}


def test_a_change_after_a_signature_voids_it_and_asks_again(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    before = agreement.content_digest
    sign_all(agreement, {PartyRole.HOST, PartyRole.GUARDIAN})
    part = f"host:{agreement.hosts[0].id}"
    told = count(OutboxMessage)
    preparing.change_after_opening(
        agreement, part, {"activities": "Autre chose."}, "Le programme change.", by=world.here.actor(Role.HEAD)
    )
    db.session.expire_all()
    assert agreement.state is AgreementState.OPEN
    assert agreement.content_digest != before
    assert {party.state for party in agreement.parties} == {SignatureState.AWAITED}
    assert count(OutboxMessage) > told
    events = [row.event for row in chain.rows(agreement.id)]
    assert events.count("voided") == 2
    assert "reopened" in events
    assert evidence.verify(agreement) == ()
    sign_all(agreement)
    db.session.expire_all()
    assert agreement.state is AgreementState.SIGNED


def test_a_change_that_changes_nothing_leaves_the_signatures(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    sign_all(agreement, {PartyRole.HOST})
    preparing.change_after_opening(agreement, "school", {}, "Pour voir.", by=world.here.actor(Role.HEAD))
    db.session.expire_all()
    assert [p.role for p in agreement.parties if p.state is SignatureState.SIGNED] == [PartyRole.HOST]


def test_a_signed_agreement_that_changes_is_signed_no_more(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    sign_all(agreement)
    watching.archive(agreement.id)
    assert agreement.signed_pdf_id is not None
    preparing.change_after_opening(
        agreement, "pedagogy", {"assessment": "Un oral."}, "Erreur.", by=world.here.actor(Role.HEAD)
    )
    assert agreement.state is AgreementState.OPEN
    assert agreement.signed_at is None
    assert agreement.signed_pdf_id is None


def test_a_cancelled_stage_voids_its_agreement_and_says_so(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    sign_all(agreement, {PartyRole.HOST, PartyRole.GUARDIAN})
    told = count(OutboxMessage)
    with transaction():
        agreement.hosts[0].placement.state = PlacementState.CANCELLED
    watching.void_lost()
    watching.void_lost()
    db.session.expire_all()
    assert agreement.state is AgreementState.VOID
    assert "n’aura pas lieu" in agreement.void_reason
    assert count(OutboxMessage) == told + 2
    with pytest.raises(IllegalTransition):
        preparing.change_after_opening(agreement, "school", {}, "Trop tard.", by=world.here.actor(Role.HEAD))


def test_an_interrupted_stage_keeps_its_agreement(context: Flask, world: World) -> None:
    agreement = papers.opened(world.here)
    with transaction():
        agreement.hosts[0].placement.state = PlacementState.INTERRUPTED
    watching.void_lost()
    db.session.expire_all()
    assert agreement.state is AgreementState.OPEN


def test_two_structures_in_one_week_are_one_document(context: Flask, world: World) -> None:
    land = world.here
    papers.fill_registers(land)
    with transaction():
        db.session.get_one(PlacementOffer, land.offer_id).schedule = papers.hours(0, 1, 2).to_json()
    land.slot_ids.append(papers.second_structure(land))
    placements = [
        db.session.get_one(Placement, papers.place(land)),
        db.session.get_one(Placement, papers.place(land, slot=-1, stop=1)),
    ]
    agreement = preparing.prepare(placements, by=land.actor(Role.TEACHER))
    preparing.open_signatures(agreement, by=land.actor(Role.HEAD))
    assert agreement.content is not None
    assert [host["name"] for host in agreement.content["hosts"]] == [
        "Ressourcerie du Terril 1",
        "Régie de quartier L’Essor",
    ]
    assert [p.role for p in agreement.parties].count(PartyRole.HOST) == 2
    assert [p.role for p in agreement.parties].count(PartyRole.TUTOR) == 2
    sign_all(agreement, {PartyRole.HEAD, PartyRole.GUARDIAN, PartyRole.STUDENT})
    first_host = next(p for p in agreement.parties if p.role is PartyRole.HOST)
    with transaction():
        give(
            signing.hold(first_host.id), evidence.Event.SIGNED, evidence.Circumstances(), by=None, authority=Authority()
        )
    db.session.expire_all()
    assert agreement.state is AgreementState.OPEN  # one structure out of two is not both
    sign_all(agreement, {PartyRole.HOST})
    db.session.expire_all()
    assert agreement.state is AgreementState.SIGNED


def test_two_structures_at_the_same_hours_are_refused(context: Flask, world: World) -> None:
    land = world.here
    papers.fill_registers(land)
    land.slot_ids.append(papers.second_structure(land))
    placements = [
        db.session.get_one(Placement, papers.place(land)),
        db.session.get_one(Placement, papers.place(land, slot=-1, stop=1)),
    ]
    agreement = preparing.prepare(placements, by=land.actor(Role.TEACHER))
    with pytest.raises(Invalid, match="Deux structures"):
        preparing.open_signatures(agreement, by=land.actor(Role.HEAD))


def test_a_second_guardian_is_asked_and_not_waited_for(context: Flask, world: World) -> None:
    land = world.here
    agreement = papers.draft(land)
    guardian = Actor(
        role=Role.GUARDIAN, display_name="Anna", territory_id=land.territory_id, student_id=land.student_id
    )
    second = {"second_name": "Piotr Wojcik", "second_email": "piotr@mail.example"}
    preparing.complete_part(agreement, "family", second, by=guardian)
    preparing.open_signatures(agreement, by=land.actor(Role.HEAD))
    guardians = [party for party in agreement.parties if party.role is PartyRole.GUARDIAN]
    assert [(party.name, party.is_required) for party in guardians] == [("Anna Wojcik", True), ("Piotr Wojcik", False)]
    assert guardians[1].asked_at is not None


def test_nobody_from_elsewhere_prepares_or_opens(context: Flask, world: World) -> None:
    agreement = papers.draft(world.here)
    for verb in (preparing.open_signatures,):
        with pytest.raises(Forbidden):
            verb(agreement, by=world.there.actor(Role.HEAD))
    with pytest.raises(Forbidden):
        preparing.open_signatures(agreement, by=world.here.actor(Role.HOST))
    with pytest.raises(Forbidden):
        preparing.void(agreement, "Non.", by=world.there.actor(Role.COORDINATOR))
    assert db.session.scalar(select(func.count()).select_from(Party)) == 0


def test_many_clicks_at_the_same_moment_are_one_agreement(app: Flask, world: World) -> None:
    with app.app_context():
        papers.fill_registers(world.here)
        placement_id = papers.place(world.here)
    start = threading.Barrier(4)
    refused: list[BaseException] = []

    def click() -> None:
        with app.app_context():
            by = world.here.actor(Role.HEAD)
            db.session.rollback()
            start.wait()
            try:
                agreement = preparing.prepare(db.session.get_one(Placement, placement_id), by=by)
                preparing.open_signatures(agreement, by=by)
            except BaseException as error:  # whatever it is, the test must show it
                refused.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    with app.app_context():
        agreement = db.session.scalars(select(Agreement)).one()
        assert agreement.state is AgreementState.OPEN
        assert len(agreement.parties) == 6
        assert [row.event for row in chain.rows(agreement.id)].count("opened") == 1
        assert evidence.verify(agreement) == ()


def test_what_is_typed_once_is_known_for_the_next_student(context: Flask, world: World) -> None:
    land = world.here
    head, host = land.actor(Role.HEAD), land.actor(Role.HOST)
    first = preparing.prepare(db.session.get_one(Placement, papers.place(land)), by=head)
    stop = f"host:{first.hosts[0].id}"
    typed = {
        "phone": "03 21 00 00 00",
        "address": "51 rue René Cassin, 62110 Hénin-Beaumont",
        "board_approval_on": "2026-06-30",
    }
    preparing.complete_part(first, "school", typed, by=head)
    named = {"representative_name": "Zoé Martin", "tutor_name": "Somebody Else", "tutor_email": "autre@terril.example"}
    preparing.complete_part(first, stop, named, by=host)
    second = preparing.prepare(db.session.get_one(Placement, papers.place(land, land.student_ids[1], slot=1)), by=head)
    school = content.known_values(second, "school")
    assert {name: school[name] for name in typed} == typed
    other = content.known_values(second, f"host:{second.hosts[0].id}")
    assert other["representative_name"] == "Zoé Martin"
    assert other["tutor_email"] == "", "another tutor, for one student, is no news about the offer"
    assert "Zoé Martin" not in str(first.typed), "it is in the register, not twice"
