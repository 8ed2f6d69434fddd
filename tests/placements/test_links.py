"""Links and codes: a GET changes nothing, forged and foreign ones open nothing, old ones are renewed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.policy import Role
from app.accounts.models import Throttle, User
from app.audit.models import JournalEntry
from app.kernel.database import db, transaction
from app.messaging.models import OutboxMessage
from app.offers.models import PlacementOffer
from app.placements import links, queries, services
from app.placements.models import AnswerCode, PlacementAnswer
from app.placements.states import Answer, PlacementState, Side
from tests.conftest import NOVEMBER
from tests.placements.conftest import Told, placement_of

S = PlacementState


def state(app: Flask, told: Told) -> tuple[S, Answer, Answer]:
    with app.app_context():
        placement = placement_of(told.land.student_id)
        found = (placement.state, placement.host_answer, placement.family_answer)
        db.session.remove()
    return found


def _rows(app: Flask) -> int:
    with app.app_context():
        number = sum(
            db.session.scalar(select(func.count()).select_from(m)) or 0
            for m in (PlacementAnswer, JournalEntry, OutboxMessage)
        )
        db.session.remove()
    return number


def yes(told: Told) -> dict[str, object]:
    return {"placement_id": told.placement_id, "value": "yes"}


def test_reading_a_page_changes_nothing(app: Flask, told: Told, client: FlaskClient) -> None:
    before = _rows(app)
    for path in (f"/accueil/{told.host_token}", f"/famille/{told.family_token}", "/reponse"):
        for _ in range(2):
            assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert client.get(f"/accueil/{told.host_token}/nouveau-lien").status_code == 405
    assert _rows(app) == before
    assert state(app, told) == (S.AWAITING, Answer.NONE, Answer.NONE)


def test_one_tap_each_and_it_is_confirmed(app: Flask, told: Told, client: FlaskClient) -> None:
    page = client.get(f"/accueil/{told.host_token}").text
    assert "Oui, nous l’accueillons" in page
    assert "Lina" in page
    assert "Wojcik" not in page
    for _ in range(2):  # the link is followed twice, the button pressed twice
        answer = client.post(f"/accueil/{told.host_token}", data=yes(told))
        assert answer.status_code == 303
    assert "Votre oui est noté" in client.get(f"/accueil/{told.host_token}").text
    assert client.post(f"/famille/{told.family_token}", data=yes(told)).status_code == 303
    assert state(app, told) == (S.CONFIRMED, Answer.YES, Answer.YES)
    assert client.get("/mes-stagiaires").status_code == 302  # a link signs nobody in


def test_a_no_without_a_reason_comes_back_with_what_was_typed(app: Flask, told: Told, client: FlaskClient) -> None:
    for path in (f"/accueil/{told.host_token}", f"/famille/{told.family_token}"):
        answer = client.post(path, data={"placement_id": told.placement_id, "value": "no", "reason": "  "})
        assert answer.status_code == 422
        assert "Dites pourquoi" in answer.text
        typed = {"placement_id": told.placement_id, "value": "no", "reason": "<script>" + "x" * 600}
        answer = client.post(path, data=typed)
        assert answer.status_code == 422
        assert "&lt;script&gt;xxx" in answer.text
        assert client.post(path, data={"placement_id": told.placement_id, "value": "maybe"}).status_code == 422
    assert state(app, told)[0] is S.AWAITING


def _forgeries(token: str) -> list[str]:
    payload, *rest = token.split(".")
    return [token[:-1], token + "x", payload, f"{payload}x.{'.'.join(rest)}", token[::-1], "1.0", "é"]


def test_tampered_and_foreign_links_open_nothing(app: Flask, told: Told, client: FlaskClient) -> None:
    for token, path in ((told.host_token, "/accueil"), (told.family_token, "/famille")):
        for forged in _forgeries(token):
            assert client.get(f"{path}/{forged}").status_code == 404
            assert client.post(f"{path}/{forged}", data=yes(told)).status_code == 404
            assert client.post(f"{path}/{forged}/nouveau-lien").status_code == 404
    # a genuine link of one kind is not one of the other
    assert client.get(f"/accueil/{told.family_token}").status_code == 404
    assert client.get(f"/famille/{told.host_token}").status_code == 404
    assert client.get(f"/reponse/{told.host_token}").status_code == 404
    assert state(app, told)[0] is S.AWAITING


def test_a_genuine_link_answers_for_nobody_else(app: Flask, told: Told, client: FlaskClient) -> None:
    there = told.world.there
    with app.app_context():
        offer = db.session.get_one(PlacementOffer, there.offer_id)
        user = db.session.get_one(User, there.users[Role.HOST])
        foreign_host = links.host_token(offer, user.email or "")
        other_offer = db.session.get_one(PlacementOffer, told.land.draft_offer_id)
        mine = db.session.get_one(User, told.land.users[Role.HOST])
        other = links.host_token(other_offer, mine.email or "")
        from app.schools.models import LegalGuardian

        foreign_family = links.token_for(db.session.get_one(LegalGuardian, there.guardian_id))
    for path in (f"/accueil/{foreign_host}", f"/accueil/{other}", f"/famille/{foreign_family}"):
        assert client.post(path, data=yes(told)).status_code == 404
    assert state(app, told)[0] is S.AWAITING


def test_an_expired_link_is_renewed_from_its_own_page(app: Flask, told: Told, client: FlaskClient) -> None:
    with time_machine.travel(NOVEMBER + timedelta(days=31), tick=True):
        page = client.get(f"/accueil/{told.host_token}")
        assert "M’envoyer un nouveau lien" in page.text
        assert "Lina" not in page.text
        assert client.post(f"/accueil/{told.host_token}", data=yes(told)).status_code == 200
        assert state(app, told)[0] is S.AWAITING
        assert "C’est parti" in client.post(f"/accueil/{told.host_token}/nouveau-lien").text
        client.post(f"/accueil/{told.host_token}/nouveau-lien")  # twice in a minute: one mail
        with app.app_context():
            [mail] = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "placement_link_host"))
            assert mail.to_email == "host1@passerelle.example"
            fresh = mail.url.rpartition("/")[2]
            db.session.remove()
        assert client.post(f"/accueil/{fresh}", data=yes(told)).status_code == 303
    assert state(app, told)[1] is Answer.YES


def test_a_link_dies_with_its_mailbox(app: Flask, told: Told, client: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.get_one(User, told.land.users[Role.HOST]).is_active = False
    assert client.get(f"/accueil/{told.host_token}").status_code == 404
    assert client.post(f"/accueil/{told.host_token}", data=yes(told)).status_code == 404


def _code(app: Flask, told: Told, side: Side) -> str:
    with app.app_context():
        code = services.printed_code(queries.codes_of([told.placement_id], side)[told.placement_id])
        db.session.remove()
    return code


@pytest.mark.both_engines
def test_a_printed_code_opens_one_placement_from_one_side(app: Flask, told: Told, client: FlaskClient) -> None:
    teacher = told.world.sign_in(app.test_client(), Role.TEACHER)
    family, host = _code(app, told, Side.FAMILY), _code(app, told, Side.HOST)
    assert family in teacher.get(f"/classes/{told.land.class_id}/lettres").text
    letter = teacher.get(f"/stages/{told.placement_id}/lettre-structure").text
    assert host in letter
    assert "Wojcik" not in letter
    with app.app_context():
        stored = {value for row in db.session.scalars(select(AnswerCode)) for value in (row.digest, row.serial)}
        assert not any(host.replace(" ", "") in value.upper() for value in stored)
        db.session.remove()
    for code, expected in ((host.lower().replace(" ", "-"), (S.AWAITING, Answer.YES, Answer.NONE)),
                           (family, (S.CONFIRMED, Answer.YES, Answer.YES))):  # fmt: skip
        opened = client.post("/reponse", data={"code": code})
        assert opened.status_code == 303
        assert client.get(opened.location).status_code == 200
        assert client.post(opened.location, data=yes(told)).status_code == 303
        assert state(app, told) == expected
    with time_machine.travel(NOVEMBER + timedelta(minutes=61), tick=True):
        assert client.get(opened.location).status_code == 404


def test_wrong_codes_are_counted_and_stopped(app: Flask, told: Told, client: FlaskClient) -> None:
    good = _code(app, told, Side.HOST)
    for wrong in ("", "AAAA", good[:-1] + "2" if good[-1] != "2" else good[:-1] + "3", "é" * 40, "<script>"):
        assert client.post("/reponse", data={"code": wrong}).status_code == 422
    statuses = [client.post("/reponse", data={"code": "AAAA AAAA"}).status_code for _ in range(110)]
    assert 429 in statuses
    assert client.post("/reponse", data={"code": good}).status_code == 429  # even the right one waits
    with app.app_context():
        assert db.session.scalar(select(func.max(Throttle.failures))) is not None
        db.session.remove()
    with time_machine.travel(NOVEMBER + timedelta(hours=2), tick=True):
        assert client.post("/reponse", data={"code": good}).status_code == 303
