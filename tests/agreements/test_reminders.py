"""Reminders: by dates, once a day at most, and the coordinator is told before the first day."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine
from flask import Flask

from app.access.policy import Role
from app.agreements import queries, reminders
from app.agreements.services import asking, reminding
from app.agreements.states import PartyRole
from app.kernel.clock import PARIS
from app.kernel.errors import Conflict, Forbidden, Invalid
from tests.agreements import signing_kit as kit
from tests.agreements.signing_kit import GUARDIAN, Case
from tests.world import World

FIRST = date(2027, 1, 25)


@pytest.mark.parametrize(
    ("asked", "reminded", "today", "expected"),
    [
        ("2026-11-23", None, "2026-11-29", False),
        ("2026-11-23", None, "2026-11-30", True),
        ("2026-11-23", "2026-11-30", "2026-12-06", False),
        ("2027-01-14", None, "2027-01-16", False),
        ("2027-01-14", None, "2027-01-17", True),
        ("2027-01-14", "2027-01-21", "2027-01-22", True),
        ("2027-01-14", "2027-01-25", "2027-01-25", False),
        ("2027-01-14", "2027-01-24", "2027-01-25", True),
        ("2027-01-14", "2027-01-24", "2027-01-26", False),
    ],
)
def test_the_pace_quickens_as_the_stage_comes_near(
    asked: str, reminded: str | None, today: str, expected: bool
) -> None:
    last = date.fromisoformat(reminded) if reminded else None
    assert reminders.due(date.fromisoformat(asked), last, FIRST, date.fromisoformat(today)) is expected


def _sweep(case: Case, day: str, hour: int = 10) -> None:
    moment = datetime.fromisoformat(f"{day}T{hour:02d}:00").replace(tzinfo=PARIS)
    with time_machine.travel(moment, tick=True), case.app.app_context():
        reminding.sweep()


@pytest.mark.both_engines
def test_the_job_reminds_once_however_often_it_runs(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    _sweep(case, "2026-11-24")
    assert len(case.mails("agreement_link", GUARDIAN)) == 1
    assert len(case.mails("agreement_to_sign")) == 2
    _sweep(case, "2026-11-30", hour=3)
    assert len(case.mails("agreement_link", GUARDIAN)) == 1
    for _ in range(3):
        _sweep(case, "2026-11-30")
    assert len(case.mails("agreement_link", GUARDIAN)) == 2
    assert "Rappel" in case.mails("agreement_link", GUARDIAN)[1].subject
    assert not case.mails("agreement_late")
    for _ in range(2):
        _sweep(case, "2027-01-20")
    late = case.mails("agreement_late", "coordinator1@passerelle.example")
    assert len(late) == 1
    assert "commence dans 5 jours" in late[0].text
    assert "Anna Wojcik" in late[0].text
    assert not case.mails("agreement_late", "coordinator2@passerelle.example")
    _sweep(case, "2027-01-21")
    assert len(case.mails("agreement_late", "coordinator1@passerelle.example")) == 2
    assert case.faults() == ()


def test_a_reminder_by_hand_and_a_corrected_address(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    teacher, client = world.sign_in(app.test_client(), Role.TEACHER), app.test_client()
    parent, token = case.party(PartyRole.GUARDIAN), case.token(GUARDIAN)
    page = f"/conventions/{case.id}/signatures"
    assert teacher.post(f"{page}/{parent.id}/relancer").status_code == 303
    assert teacher.post(f"{page}/{parent.id}/relancer").status_code == 409
    assert len(case.mails("agreement_link", GUARDIAN)) == 2
    assert teacher.post(f"{page}/{parent.id}/adresse", data={"email": "anna"}).status_code == 422
    assert teacher.post(f"{page}/{parent.id}/adresse", data={"email": "", "phone": "0321000000"}).status_code == 422
    assert teacher.post(f"{page}/{parent.id}/adresse", data={"email": "anna.w@famille.example"}).status_code == 303
    assert "trop ancien" in client.get(case.path(token)).text
    assert "Recevoir mon code" in client.get(case.path(case.token("anna.w@famille.example"))).text
    with app.app_context():
        agreement = queries.by_id(case.id)
        assert agreement is not None
        person = kit.party(agreement, PartyRole.GUARDIAN)
        for stranger in (world.there.actor(Role.TEACHER), world.here.actor(Role.HOST)):
            with pytest.raises(Forbidden):
                asking.remind(person, by=stranger)
        with pytest.raises((Conflict, Invalid)):
            asking.correct_address(person, "", "", by=world.here.actor(Role.TEACHER))


def test_the_pages_of_who_has_signed(app: Flask, world: World) -> None:
    case = Case.of(app, world.here)
    for role in (Role.TEACHER, Role.HEAD, Role.COORDINATOR, Role.HOST, Role.STUDENT):
        page = world.sign_in(app.test_client(), role).get(f"/conventions/{case.id}/signatures")
        assert page.status_code == 200, role
        assert "Il manque des signatures" in page.text
        assert "Demandé le" in page.text
        assert "Signée par tous" not in page.text
    for role in (Role.TEACHER, Role.HEAD, Role.COORDINATOR):
        client = world.sign_in(app.test_client(), role)
        assert "Lina Wojcik" in client.get("/conventions/sans-signature").text
        assert "Tout se tient" in client.get(f"/conventions/{case.id}/preuves").text
        there = world.sign_in(app.test_client(), role, world.there)
        for path in ("signatures", "preuves", "papier"):
            assert there.get(f"/conventions/{case.id}/{path}").status_code == 404
