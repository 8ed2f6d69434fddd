"""Signing by a personal link: read, agree, receive a code, sign; every wrong link refused and journalled."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access.policy import Role
from app.agreements import codes, evidence, links, signatures
from app.agreements.models import SigningCode, SigningLink
from app.agreements.services import batching, preparing, signing
from app.agreements.states import AgreementState, Channel, Medium, PartyRole, SignatureState
from app.campaigns.models import Campaign
from app.campaigns.states import Phase
from app.hosts.models import HostOrganization
from app.kernel import clock
from app.kernel.database import db, transaction
from app.kernel.errors import Conflict
from app.placements.states import PlacementState
from tests.agreements import signing_kit as kit
from tests.agreements.signing_kit import GUARDIAN, HOST, TUTOR, WHERE, Case
from tests.world import World


@pytest.mark.both_engines
def test_opening_asks_each_by_their_own_way(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    assert {row.to_email for row in kit.mails("agreement_link")} == {GUARDIAN, HOST, TUTOR}
    assert len({kit.token_in(row) for row in kit.mails("agreement_link")}) == 3
    assert [person.asked_at is not None for person in agreement.parties] == [True] * 6
    assert evidence.verify(kit.again(agreement)) == ()


@pytest.mark.both_engines
def test_a_parent_signs_by_link_and_code(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    token = case.token(GUARDIAN)
    page = client.get(case.path(token))
    assert page.status_code == 200
    for said in ("Anna Wojcik", "Lina Wojcik", "Karim Lefebvre", "Accident", "Recevoir mon code"):
        assert said in page.text
    assert client.get(case.path(token, "/convention.pdf")).data.startswith(b"%PDF")
    assert client.post(case.path(token, "/code"), data={"seen": case.digest}).status_code == 422
    assert not case.mails("agreement_code")
    phone = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile"}
    assert client.post(case.path(token, "/code"), data=case.consent(), headers=phone).status_code == 303
    code = case.code(GUARDIAN)
    assert "a•••@famille.example" in client.get(case.path(token, "/code")).text
    wrong = "000000" if code != "000000" else "000001"
    assert client.post(case.path(token, "/signature"), data={"code": wrong}).status_code == 422
    assert client.post(case.path(token, "/signature"), data={"code": code}, headers=phone).status_code == 303
    parent = case.party(PartyRole.GUARDIAN)
    assert (parent.state, parent.medium) == (SignatureState.SIGNED, Medium.ELECTRONIC)
    assert parent.signed_digest == case.digest
    rows = case.events(parent)
    assert [row.event for row in rows] == ["asked", "consented", "code_sent", "code_wrong", "signed"]
    assert (rows[-1].address, rows[-1].facts["agent"]) == ("127.0.0.1", "Chrome, Android")
    assert rows[-1].content_digest == case.digest
    assert case.faults() == ()
    receipt = case.mails("agreement_receipt", GUARDIAN)[0]
    assert case.digest in receipt.text
    assert rows[-1].digest in receipt.text
    assert "C’est fait" in client.get(case.path(token)).text


def test_a_double_click_signs_once(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    token = case.token(GUARDIAN)
    client.post(case.path(token, "/code"), data=case.consent())
    code = case.code(GUARDIAN)
    for _ in range(3):
        assert client.post(case.path(token, "/signature"), data={"code": code}).status_code == 303
    assert [row.event for row in case.events()].count("signed") == 1
    assert len(case.mails("agreement_receipt")) == 1
    assert not case.refusals()


def test_wrong_links_are_refused_and_journalled(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    elsewhere = Case.of(app, world.here, number=1)
    token, other = (kit.token_in(row) for row in case.mails("agreement_link", GUARDIAN))
    tampered = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong, why in ((tampered, "unknown"), (other, "other_agreement"), ("x", "unknown")):
        for method, rest in (("GET", ""), ("POST", "/code"), ("POST", "/signature"), ("GET", "/convention.pdf")):
            before = len(case.refusals(why))
            page = client.open(case.path(wrong, rest), method=method, data=case.consent(code="123456"))
            assert page.status_code == 404
            assert "Recevoir un nouveau lien" in page.text
            assert "Lina" not in page.text
            assert len(case.refusals(why)) > before, f"{method} {rest} with {why}"
    about = {row.object_id for row in case.refusals("other_agreement")}
    assert about == {case.id, elsewhere.id}
    assert not case.mails("agreement_code")
    assert all(secret not in str(row.details) for row in case.refusals() for secret in (token, other, tampered))


def test_whoever_tries_link_after_link_is_stopped(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    answers = [client.get(case.path(f"guess-{number}")).status_code for number in range(102)]
    assert set(answers[:99]) == {404}
    assert answers[-1] == 429


def test_a_link_that_served_signs_nothing_more(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    token = case.token(GUARDIAN)
    client.post(case.path(token, "/code"), data=case.consent())
    code = case.code(GUARDIAN)
    client.post(case.path(token, "/signature"), data={"code": code})
    wrong = "999999" if code != "999999" else "999998"
    assert client.post(case.path(token, "/signature"), data={"code": wrong}).status_code == 409
    assert len(case.refusals("reused")) == 1
    case.change()
    page = client.get(case.path(token))
    assert "déjà servi" in page.text
    assert "Recevoir un nouveau lien" in page.text
    assert client.post(case.path(token, "/code"), data=case.consent()).status_code == 409
    assert len(case.refusals("reused")) == 2
    fresh = case.token(GUARDIAN)
    assert fresh != token
    assert "Recevoir mon code" in client.get(case.path(fresh)).text
    assert "a changé" in case.mails("agreement_voided", GUARDIAN)[0].subject
    assert case.faults() == ()


@pytest.mark.both_engines
def test_an_old_link_renews_itself(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    token = case.token(GUARDIAN)
    with time_machine.travel(clock.now() + timedelta(days=31), tick=True):
        assert "trop ancien" in client.get(case.path(token)).text
        assert client.post(case.path(token, "/code"), data=case.consent()).status_code == 409
        assert case.refusals("expired")
        renewed = client.post(case.path(token, "/nouveau-lien"))
        assert renewed.status_code == 200
        assert "a•••@famille.example" in renewed.text
        assert client.post(case.path(token, "/nouveau-lien")).status_code == 429
        fresh = case.token(GUARDIAN)
        assert fresh != token
        assert "Recevoir mon code" in client.get(case.path(fresh)).text


def test_a_lost_link_is_sent_again_to_the_address_on_record_alone(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=True):
        for address, sent in (("inconnu@ailleurs.example", 1), (GUARDIAN.upper(), 2)):
            answer = client.post(f"/signer/{case.reference}", data={"email": address})
            assert answer.status_code == 200
            assert len(case.mails("agreement_link", GUARDIAN)) == sent
    assert not case.mails(to="inconnu@ailleurs.example")


def test_codes_are_few_short_and_bound(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    parent = kit.party(agreement, PartyRole.GUARDIAN)
    seen = str(agreement.content_digest)
    signing.ask_code(parent, Channel.MAIL, seen, WHERE)
    with pytest.raises(codes.TooManyTries):
        signing.ask_code(parent, Channel.MAIL, seen, WHERE)
    right = kit.code_for(GUARDIAN)
    wrong = "111111" if right != "111111" else "222222"
    for _ in range(codes.MAX_ATTEMPTS):
        with pytest.raises(codes.WrongCode):
            signing.sign(parent, wrong, WHERE)
    with pytest.raises(codes.WrongCode, match="trop de fois"):
        signing.sign(parent, right, WHERE)
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        signing.ask_code(parent, Channel.MAIL, seen, WHERE)
        late = kit.code_for(GUARDIAN)
    with time_machine.travel(clock.now() + timedelta(minutes=20), tick=True), pytest.raises(codes.WrongCode):
        signing.sign(parent, late, WHERE)
    rows = db.session.scalars(select(SigningCode)).all()
    assert all(right not in row.code_digest and late not in row.code_digest for row in rows)
    assert kit.party(kit.again(agreement), PartyRole.GUARDIAN).state is SignatureState.AWAITED


def test_a_code_signs_only_what_was_read(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    parent = kit.party(agreement, PartyRole.GUARDIAN)
    signing.ask_code(parent, Channel.MAIL, str(agreement.content_digest), WHERE)
    code = kit.code_for(GUARDIAN)
    changed = preparing.change_after_opening(
        agreement, "pedagogy", {"supervision": "Une visite le jeudi."}, "Suivi", by=world.here.actor(Role.HEAD)
    )
    with pytest.raises(signing.Changed):
        signing.sign(kit.party(changed, PartyRole.GUARDIAN), code, WHERE)
    with pytest.raises(signing.Changed):
        signing.ask_code(kit.party(changed, PartyRole.GUARDIAN), Channel.MAIL, "0" * 64, WHERE)


@pytest.mark.both_engines
def test_signed_by_all_is_said_at_the_last_required_signature(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here, guardians=({}, {}))
    for role, number in ((PartyRole.HOST, 0), (PartyRole.GUARDIAN, 0), (PartyRole.GUARDIAN, 1)):
        person = kit.party(agreement, role, number)
        signing.ask_code(person, Channel.MAIL, str(agreement.content_digest), WHERE)
        signing.sign(person, kit.code_for(person.email), WHERE)
    agreement = kit.again(agreement)
    student = kit.party(agreement, PartyRole.STUDENT)
    by = world.here.actor(Role.STUDENT)
    signing.sign_as_student(student, str(agreement.content_digest), f"{kit.CARD}0", WHERE, by=by)
    agreement = kit.again(agreement)
    assert agreement.state is AgreementState.OPEN
    assert not kit.mails("agreement_completed")
    sign_as_head(world)
    agreement = kit.again(agreement)
    assert agreement.state is AgreementState.SIGNED
    assert {row.to_email for row in kit.mails("agreement_completed")} == {HOST, GUARDIAN, "marc@famille.example", TUTOR}
    assert evidence.verify(agreement) == ()


def sign_as_head(world: World) -> None:
    by = world.here.actor(Role.HEAD)
    seen = [(person.id, str(person.agreement.content_digest)) for person in signatures.to_sign(by)]
    row = batching.ask_code(seen, WHERE, by=by)
    batching.confirm(row.id, kit.code_for("head1@passerelle.example", "agreement_batch_code"), WHERE, by=by)
    batching.sign_covered(row.id)


def test_a_student_types_the_code_of_the_card_again(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    lina = world.sign_in(app.test_client(), Role.STUDENT)
    address = f"/conventions/{case.id}/signer"
    assert "Ta convention de stage" in lina.get(address).text
    assert lina.post(address, data=case.consent(code="WRONG234")).status_code == 422
    assert lina.post(address, data=case.consent(consent="", code=f"{kit.CARD}0")).status_code == 422
    assert lina.post(address, data=case.consent(code=f"{kit.CARD}0".lower())).status_code == 303
    assert case.party(PartyRole.STUDENT).state is SignatureState.SIGNED
    assert "C’est fait" in lina.get(address).text


def test_teacher_and_tutor_take_note_without_a_code(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    token = case.token(TUTOR)
    assert app.test_client().post(case.path(token, "/code"), data=case.consent()).status_code == 303
    teacher = world.sign_in(app.test_client(), Role.TEACHER)
    assert teacher.post(f"/conventions/{case.id}/signer", data=case.consent()).status_code == 303
    assert case.party(PartyRole.TUTOR).state is SignatureState.SIGNED
    assert case.party(PartyRole.TEACHER).state is SignatureState.SIGNED
    assert [row.event for row in case.events()].count("took_note") == 2
    assert case.now().state is AgreementState.OPEN


def test_the_tutor_who_represents_the_structure_signs_once(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    organization = db.session.get_one(HostOrganization, world.here.organization_id)
    organization.representative_name, organization.representative_email = "Karim Lefebvre", TUTOR
    db.session.commit()
    agreement = kit.opened(world.here)
    assert len(kit.mails("agreement_link", TUTOR)) == 1
    host = kit.party(agreement, PartyRole.HOST)
    signing.ask_code(host, Channel.MAIL, str(agreement.content_digest), WHERE)
    signing.sign(host, kit.code_for(TUTOR), WHERE)
    agreement = kit.again(agreement)
    assert kit.party(agreement, PartyRole.TUTOR).state is SignatureState.SIGNED
    assert evidence.verify(agreement) == ()


def test_not_me_closes_the_link_and_tells_the_school(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    token = case.token(GUARDIAN)
    assert client.post(case.path(token, "/pas-moi")).status_code == 200
    assert case.mails("agreement_not_me", "teacher1@passerelle.example")
    assert client.post(case.path(token, "/code"), data=case.consent()).status_code == 409


def test_whoever_declines_says_why_and_may_still_sign(app: Flask, world: World) -> None:
    case, client = Case.of(app, world.here), app.test_client()
    token = case.token(GUARDIAN)
    assert client.post(case.path(token, "/refus"), data={"reason": "  "}).status_code == 422
    assert client.post(case.path(token, "/refus"), data={"reason": "C’est trop loin."}).status_code == 303
    assert case.party(PartyRole.GUARDIAN).state is SignatureState.DECLINED
    assert "trop loin" in case.mails("agreement_declined")[0].text
    client.post(case.path(token, "/code"), data=case.consent())
    client.post(case.path(token, "/signature"), data={"code": case.code(GUARDIAN)})
    assert case.party(PartyRole.GUARDIAN).state is SignatureState.SIGNED


def test_a_stage_that_fell_through_is_not_signed(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    agreement.hosts[0].placement.state = PlacementState.CANCELLED
    db.session.commit()
    with pytest.raises(Conflict, match="n’a plus lieu"):
        signing.ask_code(kit.party(agreement, PartyRole.HOST), Channel.MAIL, str(agreement.content_digest), WHERE)


def test_tokens_are_kept_as_digests(context: Flask, world: World) -> None:
    kit.make_known(world.here)
    agreement = kit.opened(world.here)
    token = kit.token_of(kit.party(agreement, PartyRole.GUARDIAN))
    rows = db.session.scalars(select(SigningLink)).all()
    assert all(token not in row.token_digest for row in rows)
    found = links.find(agreement.reference, token)
    assert isinstance(found, links.Door)


def test_a_student_finds_the_convention_to_sign_on_both_pages_of_the_stage(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    lina = world.sign_in(case.app.test_client(), Role.STUDENT)
    for page in ("/mon-espace", "/mon-stage"):
        assert f"/conventions/{case.id}/signer" in lina.get(page).text, page
    card = lina.get(f"/conventions/{case.id}/signer")
    data = case.consent(code=f"{kit.CARD}0")
    assert card.status_code == 200
    with app.app_context(), transaction():
        db.session.get_one(Campaign, world.here.campaign_id).phase = Phase.PUBLISHED
    before = _links_of_main(lina.get("/mon-espace").text)
    assert before.index(f"/conventions/{case.id}/signer") < before.index("/mon-stage"), "signing comes first"
    lina.post(f"/conventions/{case.id}/signer", data=data)
    assert "t’attend" not in lina.get("/mon-stage").text
    after = _links_of_main(lina.get("/mon-espace").text)
    assert f"/conventions/{case.id}/signer" not in after
    assert after[0] == "/mon-stage"


def _links_of_main(page: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', page.partition("<main")[2].partition("</main>")[0])
