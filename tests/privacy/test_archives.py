"""The restricted room of signed agreements: a head or an administrator, a reason, a line in the journal."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.agreements.models import Agreement
from app.agreements.states import AgreementState, SignatureState
from app.audit.models import JournalEntry
from app.kernel import clock
from app.kernel.database import db
from app.privacy.looks_models import StudentLook
from app.privacy.looks_rules import Page
from tests.agreements.signing_kit import make_known, opened
from tests.world import World

REASON = {"reason": "Une assurance demande la convention"}


@pytest.fixture
def archived(app: Flask, world: World) -> tuple[int, str]:
    """Number and reference of an agreement signed by all and archived."""
    with app.app_context():
        make_known(world.here)
        row = db.session.get_one(Agreement, opened(world.here).id)
        for party in row.parties:
            party.state, party.signed_at, party.signed_digest = SignatureState.SIGNED, clock.now(), row.content_digest
        row.state, row.signed_at, row.archived_at = AgreementState.SIGNED, clock.now(), clock.now()
        db.session.commit()
        found = row.id, row.reference
        db.session.remove()
    return found


def test_it_opens_with_a_reason_which_the_journal_keeps(
    app: Flask, client: FlaskClient, world: World, archived: tuple[int, str]
) -> None:
    number, reference = archived
    for role in (Role.HEAD, Role.ADMIN):
        reader = world.sign_in(app.test_client(), role)
        assert f"/archives/{number}" in reader.get("/archives").text
        assert f"/archives/{number}" in reader.get("/archives?q=wojcik").text
        assert f"/archives/{number}" in reader.get(f"/archives?q={reference}").text
        assert f"/archives/{number}" not in reader.get("/archives?q=personne").text
        assert "Wojcik" in reader.get(f"/archives/{number}").text
        assert reader.post(f"/archives/{number}", data={"reason": " "}).status_code == 422
        answer = reader.post(f"/archives/{number}", data=REASON)
        assert answer.status_code == 200
        assert answer.data.startswith(b"%PDF-")
    with app.app_context():
        lines = db.session.scalars(select(JournalEntry).where(JournalEntry.action == "archive.open")).all()
        assert [(line.role, line.reason) for line in lines] == [(role, REASON["reason"]) for role in ("head", "admin")]
        looks = db.session.execute(select(StudentLook.role, StudentLook.page)).tuples().all()
        assert set(looks) == {
            (role, page) for role in (Role.HEAD, Role.ADMIN) for page in (Page.AGREEMENT, Page.DOCUMENT)
        }


def test_nobody_else_enters(app: Flask, client: FlaskClient, world: World, archived: tuple[int, str]) -> None:
    number, _reference = archived
    for role in (Role.TEACHER, Role.COORDINATOR, Role.HOST, Role.STUDENT, Role.OBSERVER):
        reader = world.sign_in(app.test_client(), role)
        assert reader.get("/archives").status_code == 403
        assert reader.post(f"/archives/{number}", data=REASON).status_code == 403
    other = world.sign_in(app.test_client(), Role.HEAD, world.there)
    assert other.get(f"/archives/{number}").status_code == 404
    assert other.post(f"/archives/{number}", data=REASON).status_code == 404
    with app.app_context():
        assert db.session.scalars(select(JournalEntry).where(JournalEntry.action == "archive.open")).all() == []


def test_archived_it_leaves_the_ordinary_pages_and_can_still_be_verified(
    app: Flask, client: FlaskClient, world: World, archived: tuple[int, str]
) -> None:
    number, reference = archived
    for role in (Role.HEAD, Role.TEACHER, Role.COORDINATOR, Role.HOST):
        reader = world.sign_in(app.test_client(), role)
        assert reader.get(f"/conventions/{number}").status_code == 404
        assert reader.get(f"/conventions/{number}/document.pdf").status_code == 404
        assert f"/conventions/{number}" not in reader.get("/conventions").text
    page = app.test_client().get(f"/verification/{reference}")
    assert page.status_code == 200
    assert "Signée par tous" in page.text
