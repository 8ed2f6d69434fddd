"""One mail a day and address, unless something must be done today: with a real SMTP server, on both engines."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.kernel import clock
from app.kernel.database import db
from app.messaging import delivery, gathering, services
from app.messaging.rules import PACES, Message, Pace, leaves_at, pace_of
from app.messaging.states import DeliveryState
from tests.messaging.mailbox import Mailbox
from tests.messaging.test_delivery import rows
from tests.messaging.test_outbox import mail

S = DeliveryState
MONDAY = datetime(2027, 1, 4, 10, tzinfo=clock.PARIS)
TEMPLATES = Path(__file__).parents[2] / "app" / "templates" / "emails"


def daily(key: str, to: str = "anna@mail.example") -> Message:
    return replace(mail(key, to=to), kind="placement_family", url=f"http://127.0.0.1:5000/page/{key}")


def pass_round() -> None:
    gathering.gather()
    delivery.drain()


def subjects(mailbox: Mailbox) -> list[str]:
    from email.header import decode_header, make_header

    return [str(make_header(decode_header(m["Subject"]))) for m in mailbox.accepted]


def test_every_kind_of_message_has_its_pace_and_its_reason() -> None:
    written = {folder.name for folder in TEMPLATES.iterdir() if folder.is_dir()}
    assert written <= set(PACES), f"say in messaging/rules.py when these leave: {sorted(written - set(PACES))}"
    assert all(len(reason) > 15 for _pace, reason in PACES.values())


@pytest.mark.parametrize(
    ("posted", "leaves"),
    [
        ((4, 10, 0), (4, 10, 10)),
        ((4, 3, 0), (4, 8, 0)),
        ((4, 7, 55), (4, 8, 5)),
        ((4, 19, 49), (4, 19, 59)),
        ((4, 19, 50), (5, 8, 0)),
        ((4, 23, 58), (5, 8, 0)),
    ],
)
def test_when_a_held_message_may_leave(posted: tuple[int, int, int], leaves: tuple[int, int, int]) -> None:
    def at(day: int, hour: int, minute: int) -> datetime:
        return datetime(2027, 1, day, hour, minute, tzinfo=clock.PARIS)

    assert leaves_at(at(*posted)) == at(*leaves)


def test_an_unknown_kind_leaves_at_once() -> None:
    assert pace_of("essai") is Pace.NOW


@pytest.mark.both_engines
def test_several_messages_are_one_mail_and_the_next_waits_for_the_morning(context: Flask, mailbox: Mailbox) -> None:
    with time_machine.travel(MONDAY, tick=False) as hand:
        services.post_all([daily("a"), daily("b"), daily("c", to="piotr@mail.example")])
        services.post(daily("d", to="Anna@mail.example"))  # the same mailbox
        pass_round()
        assert mailbox.accepted == []
        hand.shift(timedelta(minutes=11))
        pass_round()
        assert len(mailbox.accepted) == 2
        [whole] = [m for m in mailbox.accepted if "anna@" in m["To"].lower()]
        text = whole.get_payload()[0].get_payload(decode=True).decode()
        for key in ("a", "b", "d"):
            assert f"Objet {key}" in text
        assert len(re.findall(r"http://127\.0\.0\.1:5000/courrier/\S+", text)) == 1
        assert "Objet c" in subjects(mailbox)  # alone, it is sent as it is
        services.post(daily("e"))
        hand.shift(timedelta(hours=2))
        pass_round()
        pass_round()
        assert len(mailbox.accepted) == 2
        hand.move_to(MONDAY + timedelta(days=1))
        pass_round()
    assert "Objet e" in subjects(mailbox)
    assert len(mailbox.accepted) == 3
    assert {row.state for row in rows()} == {S.SENT, S.GROUPED}


@pytest.mark.both_engines
def test_what_must_be_done_today_leaves_at_once_and_is_the_mail_of_the_day(context: Flask, mailbox: Mailbox) -> None:
    with time_machine.travel(MONDAY, tick=False) as hand:
        services.post(daily("a"))
        services.post(daily("b"), urgent=True)
        pass_round()
        assert subjects(mailbox) == ["Objet b"]
        hand.shift(timedelta(hours=1))
        pass_round()
        assert subjects(mailbox) == ["Objet b"]
        services.post(mail("asked"), urgent=True)
        pass_round()
        assert subjects(mailbox) == ["Objet b", "Objet asked"]
        hand.move_to(MONDAY + timedelta(days=1))
        pass_round()
    assert subjects(mailbox)[2:] == ["Objet a"]


def test_a_link_that_somebody_asked_for_is_not_the_mail_of_the_day(context: Flask, mailbox: Mailbox) -> None:
    with time_machine.travel(MONDAY, tick=False) as hand:
        services.post(replace(mail("link"), kind="sign_in_link"))
        services.post(daily("a"))
        hand.shift(timedelta(minutes=11))
        pass_round()
    assert sorted(subjects(mailbox)) == ["Objet a", "Objet link"]


@pytest.mark.both_engines
def test_workers_at_the_same_instant_make_one_mail(app: Flask, mailbox: Mailbox) -> None:
    with time_machine.travel(MONDAY, tick=True) as hand:
        with app.app_context():
            services.post_all([daily(f"m{i}", to=f"p{i % 4}@mail.example") for i in range(16)])
        hand.move_to(MONDAY + timedelta(minutes=11))
        barrier = threading.Barrier(3)

        def work() -> None:
            with app.app_context():
                barrier.wait()
                pass_round()
                db.session.remove()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with app.app_context():
            pass_round()
            assert sum(row.state is S.GROUPED for row in rows()) == 16
    assert len(mailbox.accepted) == 4
    assert set(mailbox.times_accepted().values()) == {1}


@pytest.mark.both_engines
@pytest.mark.parametrize("dies_at", range(1, 5))
def test_a_worker_killed_while_it_groups_has_done_nothing(
    context: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    """Killed after each write of the transaction in turn; the next worker makes the same one mail."""
    with time_machine.travel(MONDAY, tick=False) as hand:
        services.post_all([daily("a"), daily("b")])
        hand.shift(timedelta(minutes=11))
        calls = {"n": 0}
        session = db.session()
        real = session.flush

        def flush(*args: object, **more: object) -> None:
            real(*args, **more)  # type: ignore[arg-type]  # the session's own
            calls["n"] += 1
            if calls["n"] == dies_at:
                raise KeyboardInterrupt

        monkeypatch.setattr(session, "flush", flush)
        try:
            gathering.gather()
            killed = False
        except KeyboardInterrupt:
            killed = True
        monkeypatch.undo()
        assert killed == (dies_at <= calls["n"])
        db.session.remove()
        if killed:
            assert [row.state for row in rows()] == [S.HELD, S.HELD]
        pass_round()
        pass_round()
    assert len(mailbox.accepted) == 1


def test_the_page_of_the_day_shows_each_message_and_nothing_to_others(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(MONDAY, tick=False) as hand:
        with app.app_context():
            services.post_all([daily("a"), daily("b")])
            hand.shift(timedelta(minutes=11))
            gathering.gather()
            [whole] = [row for row in rows() if row.kind == "digest"]
            path = whole.url.removeprefix("http://127.0.0.1:5000")
            db.session.remove()
        page = client.get(path).text
        assert "Objet a" in page
        assert 'href="http://127.0.0.1:5000/page/b"' in page
        for forged in (path[:-1], path + "x", "/courrier/nothing", "/courrier/" + path[::-1].strip("/")):
            assert client.get(forged).status_code == 404
        hand.shift(timedelta(days=31))
        with app.app_context():
            gathering.gather()
            db.session.remove()
        gone = client.get(path).text
        assert "plus de trente jours" in gone
        assert "/page/b" not in gone


def test_an_operator_may_let_everything_leave_at_once(context: Flask, mailbox: Mailbox) -> None:
    context.config["SETTINGS"].group_mails = False
    services.post_all([daily("a"), daily("b")])
    delivery.drain()
    assert sorted(subjects(mailbox)) == ["Objet a", "Objet b"]
