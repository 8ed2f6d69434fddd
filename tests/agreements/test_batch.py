"""A head signs many at once; a delegate signs in the head's name; nobody else signs for a school."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask

from app.access.policy import Role
from app.accounts.models import User
from app.agreements import queries, signatures
from app.agreements.models import Party
from app.agreements.queries import chain
from app.agreements.services import batching, delegating, papering, preparing, signing
from app.agreements.services.delegating import DelegationDraft
from app.agreements.services.papering import Uploader
from app.agreements.states import AgreementState, PartyRole, SignatureState
from app.campaigns.models import Campaign
from app.features import actor_of
from app.kernel import clock
from app.kernel.database import db
from app.kernel.errors import Forbidden, Invalid
from app.schools.models import School, SchoolStaff, StaffRole
from tests.agreements import signing_kit as kit
from tests.agreements.signing_kit import WHERE, Case
from tests.agreements.test_paper import PAGE
from tests.world import World, add

HEAD = "head1@passerelle.example"


def _head_state(world: World, key: int) -> SignatureState:
    db.session.remove()
    found = queries.by_id(key)
    assert found is not None
    return kit.party(found, PartyRole.HEAD).state


def _another_campaign(world: World) -> int:
    """One more of the same year, where nothing happened."""
    campaign = db.session.get_one(Campaign, world.here.campaign_id)
    kept = {column.key: getattr(campaign, column.key) for column in Campaign.__table__.columns if column.key != "id"}
    other = Campaign(**{**kept, "name": "Stages de 4e"})
    add(other)
    db.session.commit()
    return other.id


def test_a_head_is_told_at_home_of_what_to_sign_in_every_campaign(app: Flask, world: World) -> None:
    head, teacher = (world.sign_in(app.test_client(), role) for role in (Role.HEAD, Role.TEACHER))
    first = Case.of(app, world.here)
    Case.of(app, world.here, number=1)
    with app.app_context():
        other = _another_campaign(world)
    for client in (head, teacher):
        with client.session_transaction() as session:
            session["campaign"] = other
    assert "2 conventions attendent votre signature" in head.get("/mes-classes").text
    assert "votre signature" not in teacher.get("/mes-classes").text
    with app.app_context():
        party = db.session.get_one(Party, first.party(PartyRole.HEAD).id)
        party.state, party.signed_at, party.signed_digest = SignatureState.SIGNED, clock.now(), first.digest
        db.session.commit()
    assert "Une convention attend votre signature" in head.get("/mes-classes").text


def test_one_code_signs_what_was_ticked(app: Flask, world: World) -> None:
    first, second = Case.of(app, world.here), Case.of(app, world.here, number=1)
    head = world.sign_in(app.test_client(), Role.HEAD)
    page = head.get("/conventions/a-signer")
    assert "Lina Wojcik" in page.text
    assert "Enzo Delattre" in page.text
    assert head.post("/conventions/a-signer", data={"act": "sign"}).status_code == 422
    ticked = f"{first.party(PartyRole.HEAD).id}:{first.digest}"
    sent = head.post("/conventions/a-signer", data={"act": "sign", "seen": [ticked]})
    assert sent.status_code == 303
    assert "Enzo" not in head.get(sent.location).text
    code = first.code(HEAD, "agreement_batch_code")
    wrong = "000000" if code != "000000" else "000001"
    assert head.post(sent.location, data={"code": wrong}).status_code == 422
    for _ in range(2):
        assert head.post(sent.location, data={"code": code}).status_code == 303
    assert "Signature en cours" in head.get(sent.location).text
    with app.app_context():
        batching.resume()
        batching.resume()
    assert "Une convention signée" in head.get(sent.location).text
    assert first.party(PartyRole.HEAD).state is SignatureState.SIGNED
    assert second.party(PartyRole.HEAD).state is SignatureState.AWAITED
    assert [row.event for row in first.events()].count("signed") == 1
    assert len(first.mails("agreement_batch_receipt", HEAD)) == 1
    assert first.faults() == ()


@pytest.mark.both_engines
def test_what_changed_since_the_list_is_left_out_and_named(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    first, second = kit.opened(world.here), kit.opened(world.here, number=1)
    kept, changed = first.id, second.id
    by = world.here.actor(Role.HEAD)
    row = batching.ask_code([(p.id, str(p.agreement.content_digest)) for p in signatures.to_sign(by)], WHERE, by=by)
    preparing.change_after_opening(second, "pedagogy", {"supervision": "Un appel le mardi."}, "Suivi", by=by)
    batching.confirm(row.id, kit.code_for(HEAD, "agreement_batch_code"), WHERE, by=by)
    key = row.id
    batching.sign_covered(key)
    assert _head_state(world, kept) is SignatureState.SIGNED
    assert _head_state(world, changed) is SignatureState.AWAITED
    row, parties = signatures.batch(world.here.actor(Role.HEAD), key)
    left_out = [line for line in batching.lines(row, parties) if line.why_not]
    assert [line.party.agreement_id for line in left_out] == [changed]
    assert "a changé" in left_out[0].why_not


def test_a_list_that_is_not_mine_gives_no_code(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    seen = [(kit.party(agreement, PartyRole.HEAD).id, str(agreement.content_digest))]
    with pytest.raises(Invalid):
        batching.ask_code(seen, WHERE, by=world.there.actor(Role.HEAD))
    with pytest.raises(Invalid):
        batching.ask_code(seen, WHERE, by=world.here.actor(Role.TEACHER))
    parents = [(kit.party(agreement, PartyRole.GUARDIAN).id, str(agreement.content_digest))]
    with pytest.raises(Invalid):
        batching.ask_code(parents, WHERE, by=world.here.actor(Role.HEAD))


def _other_head(world: World) -> User:
    """Another head of the same school, whom the agreement does not name."""
    land = world.here
    user = User(territory_id=land.territory_id, role=Role.HEAD, display_name="Adjointe", email="adj@college.example")
    db.session.add(user)
    db.session.flush()
    db.session.add(SchoolStaff(school_id=land.school_id, user_id=user.id, role=StaffRole.HEAD))
    db.session.commit()
    return user


def test_a_head_whom_the_agreement_does_not_name_is_refused(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    head = kit.party(agreement, PartyRole.HEAD)
    for stranger in (actor_of(_other_head(world)), world.there.actor(Role.HEAD), world.here.actor(Role.COORDINATOR)):
        assert signatures.authority(stranger, head) is None
        assert head not in signatures.to_sign(stranger)
    with pytest.raises(Forbidden):
        signing.take_note(
            kit.party(agreement, PartyRole.TEACHER),
            str(agreement.content_digest),
            WHERE,
            by=world.there.actor(Role.TEACHER),
        )


def _draft(delegate: int, **dates: date) -> DelegationDraft:
    today = clock.today()
    usual = {"first_day": today, "last_day": today + timedelta(days=10), "decided_on": today}
    return DelegationDraft(delegate_user_id=delegate, **{**usual, **dates})


@pytest.mark.both_engines
def test_a_delegate_signs_in_the_heads_name_between_its_dates(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    key = agreement.id
    teacher, head = world.here.users[Role.TEACHER], world.here.actor(Role.HEAD)
    school = db.session.get_one(School, world.here.school_id)
    given = delegating.delegate(school, _draft(teacher), by=head)
    assert delegating.delegate(school, _draft(teacher), by=head).id == given.id
    assert kit.mails("agreement_delegated", "teacher1@passerelle.example")
    by = world.here.actor(Role.TEACHER)
    with time_machine.travel(clock.now() + timedelta(days=11), tick=True):
        assert not [person for person in signatures.to_sign(by) if person.role is PartyRole.HEAD]
    waiting = [person for person in signatures.to_sign(by) if person.role is PartyRole.HEAD]
    assert len(waiting) == 1
    row = batching.ask_code([(p.id, str(p.agreement.content_digest)) for p in waiting], WHERE, by=by)
    batching.confirm(row.id, kit.code_for("teacher1@passerelle.example", "agreement_batch_code"), WHERE, by=by)
    batching.sign_covered(row.id)
    assert _head_state(world, key) is SignatureState.SIGNED
    proof = next(line for line in chain.rows(key) if line.event == "signed")
    assert "par délégation d’Head 1" in str(proof.facts["authority"])
    assert proof.facts["account_name"] == "Teacher 1"


def test_an_ended_delegation_signs_nothing_even_with_its_code(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    key = agreement.id
    head = world.here.actor(Role.HEAD)
    school = db.session.get_one(School, world.here.school_id)
    given = delegating.delegate(school, _draft(world.here.users[Role.TEACHER]), by=head)
    by = world.here.actor(Role.TEACHER)
    waiting = [person for person in signatures.to_sign(by) if person.role is PartyRole.HEAD]
    row = batching.ask_code([(p.id, str(p.agreement.content_digest)) for p in waiting], WHERE, by=by)
    batching.confirm(row.id, kit.code_for("teacher1@passerelle.example", "agreement_batch_code"), WHERE, by=by)
    delegating.end(given, by=head)
    batching.sign_covered(row.id)
    assert _head_state(world, key) is SignatureState.AWAITED


def test_a_delegation_is_given_within_the_school_and_its_dates_hold(context: Flask, world: World) -> None:
    head, school = world.here.actor(Role.HEAD), db.session.get_one(School, world.here.school_id)
    teacher, today = world.here.users[Role.TEACHER], clock.today()
    wrong = {
        "delegate": [_draft(world.there.users[Role.TEACHER]), _draft(world.here.users[Role.HEAD]), _draft(0)],
        "last_day": [
            _draft(teacher, last_day=today - timedelta(days=1)),
            _draft(teacher, last_day=today + timedelta(days=400)),
        ],
        "decided_on": [_draft(teacher, decided_on=today + timedelta(days=3))],
    }
    for name, drafts in wrong.items():
        for draft in drafts:
            with pytest.raises(Invalid) as refusal:
                delegating.delegate(school, draft, by=head)
            assert name in refusal.value.fields
    for stranger in (world.there.actor(Role.HEAD), world.here.actor(Role.TEACHER)):
        with pytest.raises(Forbidden):
            delegating.delegate(school, _draft(teacher), by=stranger)


def test_the_page_of_delegations(app: Flask, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    head = world.sign_in(app.test_client(), Role.HEAD)
    today = clock.today()
    data = {
        "delegate": world.here.users[Role.TEACHER],
        "decided_on": today.isoformat(),
        "first_day": today.isoformat(),
        "last_day": (today + timedelta(days=5)).isoformat(),
    }
    assert head.post("/delegations", data={**data, "last_day": "hier"}).status_code == 422
    assert head.post("/delegations", data=data).status_code == 303
    assert "Teacher 1" in head.get("/delegations").text
    assert head.post("/delegations/1/terminer").status_code == 303
    assert "Terminée" in head.get("/delegations").text
    there = world.sign_in(app.test_client(), Role.HEAD, world.there)
    assert there.post("/delegations/1/terminer").status_code == 404


def test_the_code_of_somebody_else_is_no_page(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    head = world.sign_in(app.test_client(), Role.HEAD)
    ticked = f"{case.party(PartyRole.HEAD).id}:{case.digest}"
    sent = head.post("/conventions/a-signer", data={"act": "sign", "seen": [ticked]})
    teacher = world.sign_in(app.test_client(), Role.TEACHER)
    assert teacher.get(sent.location).status_code == 404
    assert teacher.post(sent.location, data={"code": "123456"}).status_code == 404


@pytest.mark.both_engines
def test_both_parents_when_the_school_asks_for_both(app: Flask, world: World) -> None:
    case = Case.of(app, world.here, guardians=({}, {}))
    teacher = world.sign_in(app.test_client(), Role.TEACHER)
    assert "Les deux parents doivent signer" in teacher.get(f"/conventions/{case.id}/signatures").text
    assert [p.is_required for p in case.now().parties if p.role is PartyRole.GUARDIAN] == [True, False]
    for _ in range(2):
        assert teacher.post(f"/conventions/{case.id}/deux-parents", data={"both": "1"}).status_code == 303
    case.change()
    assert [p.is_required for p in case.now().parties if p.role is PartyRole.GUARDIAN] == [True, True]
    with app.app_context():
        agreement = queries.by_id(case.id)
        assert agreement is not None
        by = Uploader("Camille", world.here.actor(Role.COORDINATOR))
        second = kit.party(agreement, PartyRole.GUARDIAN, 1).id
        all_but_one = [person.id for person in agreement.parties if person.id != second]
        papering.record(agreement, all_but_one, [PAGE], case.digest[:8], WHERE, by=by)
    assert case.now().state is AgreementState.OPEN
    there = world.sign_in(app.test_client(), Role.TEACHER, world.there)
    assert there.post(f"/conventions/{case.id}/deux-parents", data={"both": "0"}).status_code == 404
    teacher.post(f"/conventions/{case.id}/deux-parents", data={"both": "0"})
    assert case.now().state is AgreementState.SIGNED
    assert teacher.post(f"/conventions/{case.id}/deux-parents", data={"both": "1"}).status_code == 409
