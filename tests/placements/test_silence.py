"""Silence: reminders on their days, once each whatever the workers do, then shown to a person; nothing expires."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.policy import Role
from app.kernel import clock
from app.kernel.database import db, transaction
from app.placements import services
from app.placements.models import Reminder
from app.placements.states import Answer, Medium, PlacementState, Side
from tests.allocation.test_pages import counted
from tests.placements.conftest import Told, crowd, kinds, placement_of

MORNING = datetime(2026, 11, 27, 9, tzinfo=clock.PARIS)  # four days after the publication of the world's Monday


def reminders() -> list[tuple[Side, int, int]]:
    rows = db.session.scalars(select(Reminder).order_by(Reminder.at, Reminder.side, Reminder.number))
    return [(row.side, row.number, row.mails) for row in rows]


@pytest.mark.both_engines
def test_reminders_leave_on_their_days_and_once(context: Flask, told: Told) -> None:
    with time_machine.travel(MORNING - timedelta(days=1), tick=False) as hand:
        services.remind()
        assert reminders() == []
        hand.move_to(MORNING)
        for _ in range(3):
            services.remind()
        assert reminders() == [(Side.FAMILY, 1, 1), (Side.HOST, 1, 1)]
        hand.shift(timedelta(days=3))
        services.remind()
        assert len(reminders()) == 2
        hand.shift(timedelta(days=1))
        services.remind()
        assert len(reminders()) == 4
        hand.shift(timedelta(days=25))
        services.remind()
    assert len(reminders()) == 4
    assert kinds().count("placement_reminder_host") == kinds().count("placement_reminder_family") == 2
    assert placement_of(told.land.student_id).state is PlacementState.AWAITING  # nothing expires


def test_who_answered_is_left_in_peace(context: Flask, told: Told) -> None:
    services.answer(told.placement_id, Answer.YES, Side.HOST, by=told.land.actor(Role.HOST), medium=Medium.ACCOUNT)
    with time_machine.travel(MORNING, tick=False):
        services.remind()
    assert [side for side, _number, _mails in reminders()] == [Side.FAMILY]


def test_after_a_long_stop_one_reminder_leaves_late(context: Flask, told: Told) -> None:
    with time_machine.travel(MORNING + timedelta(days=9), tick=False):
        services.remind()
        services.remind()
    assert reminders() == [(Side.FAMILY, 2, 1), (Side.HOST, 2, 1)]


@pytest.mark.both_engines
def test_two_workers_remind_once(app: Flask, told: Told) -> None:
    barrier = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            barrier.wait()
            services.remind()
            db.session.remove()

    with time_machine.travel(MORNING, tick=True):
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with app.app_context():
        assert reminders() == [(Side.FAMILY, 1, 1), (Side.HOST, 1, 1)]
        assert kinds().count("placement_reminder_host") == 1


def test_a_worker_killed_between_the_row_and_the_mail_has_done_nothing(
    context: Flask, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.placements.services import reminding

    def dies(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(reminding.messaging, "post_all", dies)
    with time_machine.travel(MORNING, tick=False):
        with pytest.raises(KeyboardInterrupt):
            services.remind()
        assert reminders() == []
        monkeypatch.undo()
        services.remind()
    assert len(reminders()) == 2


def test_the_coordinator_sees_who_is_silent_with_numbers_and_one_action(
    app: Flask, told: Told, client: FlaskClient
) -> None:
    with app.app_context(), transaction():
        placement = placement_of(told.land.student_id)
        placement.student.guardians[0].phone = "06 11 22 33 44"
        placement.slot.offer.organization.phone = "03 21 00 00 00"
    with time_machine.travel(MORNING + timedelta(days=7), tick=True):
        page = told.world.sign_in(client, Role.COORDINATOR).get("/stages?etat=silencieux").text
        assert "sans réponse depuis 11" in page.replace("\u202f", " ").replace("\u00a0", " ")
        for words in ("06 11 22 33 44", "03 21 00 00 00", "Noter la réponse"):
            assert words in page
    early = client.get("/stages?etat=silencieux").text
    assert "06 11 22 33 44" not in early


def test_the_lists_ask_no_more_for_more_rows(app: Flask, told: Told, client: FlaskClient) -> None:
    """Silent placements with their telephone numbers, and students to place again."""
    for path, most in (("/stages?etat=silencieux", 12), ("/stages/a-replacer", 8)):
        with app.app_context():
            crowd(told.land, 3)
            db.session.remove()
        with time_machine.travel(MORNING + timedelta(days=7), tick=True):
            coordinator = told.world.sign_in(client, Role.COORDINATOR)
            coordinator.get(path)
            with counted(app) as few:
                coordinator.get(path)
            with app.app_context():
                crowd(told.land, 20)
                db.session.remove()
            with counted(app) as many:
                page = coordinator.get(path).text
        assert "Nadia" in page
        assert len(few) == len(many) <= most, "\n".join(many)
