from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.kernel import clock
from app.kernel.database import db, transaction
from app.messaging import delivery, services
from app.messaging.models import OutboxMessage
from app.messaging.rules import RETRY_AFTER
from app.messaging.states import DeliveryState
from tests.messaging.mailbox import Mailbox
from tests.messaging.test_outbox import mail

S = DeliveryState


def rows() -> list[OutboxMessage]:
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


@pytest.mark.both_engines
def test_a_message_arrives_whole_and_its_text_is_erased(context: Flask, mailbox: Mailbox) -> None:
    services.post(mail("a"))
    delivery.drain()
    [arrived] = mailbox.accepted
    assert arrived["Subject"] is not None
    assert "anna@mail.example" in arrived["To"]
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in arrived.walk()][1:] == ["text/plain", "text/html"]
    [row] = rows()
    assert (row.state, row.text, row.html) == (S.SENT, "", "")
    assert row.sent_at is not None


def test_a_line_that_begins_with_a_dot_survives(context: Flask, mailbox: Mailbox) -> None:
    message = mail("a")
    object.__setattr__(message, "text", "avant\n.\n..deux\nIgnacy Łęcki ♻\n")
    services.post(message)
    delivery.drain()
    text = mailbox.accepted[0].get_payload()[0].get_payload(decode=True).decode()
    assert text.replace("\r\n", "\n") == "avant\n.\n..deux\nIgnacy Łęcki ♻\n"


def test_a_temporary_refusal_is_tried_again_later_and_later(context: Flask, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 Plus tard"] * 2
    with time_machine.travel(datetime(2027, 1, 4, 10, tzinfo=clock.PARIS), tick=False) as clock_hand:
        services.post(mail("a"))
        for attempt in range(2):
            delivery.drain()
            [row] = rows()
            assert (row.state, row.attempts) == (S.QUEUED, attempt + 1)
            assert row.not_before == clock.now() + RETRY_AFTER[attempt]
            assert "451" in row.last_error
            delivery.drain()  # too early: nothing happens
            assert rows()[0].attempts == attempt + 1
            clock_hand.shift(RETRY_AFTER[attempt])
        delivery.drain()
    assert rows()[0].state is S.SENT
    assert len(mailbox.accepted) == 1


def test_too_many_temporary_refusals_end(context: Flask, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 Plus tard"] * 50
    with time_machine.travel(datetime(2027, 1, 4, 10, tzinfo=clock.PARIS), tick=False) as clock_hand:
        services.post(mail("a"))
        for _ in range(len(RETRY_AFTER) + 1):
            delivery.drain()
            clock_hand.shift(timedelta(days=1))
    assert rows()[0].state is S.FAILED


def test_a_final_refusal_fails_and_the_next_message_leaves(context: Flask, mailbox: Mailbox) -> None:
    mailbox.refused_recipients = {"inconnu@mail.example": "550 Boîte inconnue"}
    services.post(mail("a", to="inconnu@mail.example"))
    services.post(mail("b"))
    delivery.drain()
    assert [row.state for row in rows()] == [S.FAILED, S.SENT]
    assert rows()[0].last_error.startswith("550")
    assert rows()[0].text  # kept: somebody may correct the address and send it again


def test_a_server_which_closes_is_called_again(context: Flask, mailbox: Mailbox) -> None:
    mailbox.answers = ["421 Je ferme"]
    services.post_all([mail("a"), mail("b")])
    delivery.drain()
    assert [row.state for row in rows()] == [S.QUEUED, S.SENT]


@pytest.mark.parametrize("address", ["pas une adresse", "a@b@c", "<>", "é@ü.example"])
def test_an_address_that_cannot_work_fails_alone(context: Flask, mailbox: Mailbox, address: str) -> None:
    services.post(mail("a", to=address))
    services.post(mail("b"))
    delivery.drain()
    assert rows()[0].state in {S.FAILED, S.SENT}  # a server with SMTPUTF8 takes the accented one
    assert rows()[1].state is S.SENT


def test_a_server_that_is_away_costs_nothing(context: Flask, mailbox: Mailbox) -> None:
    settings = context.config["SETTINGS"]
    services.post_all([mail("a"), mail("b")])
    settings.smtp_port = 1
    delivery.drain()
    assert [(row.state, row.attempts) for row in rows()] == [(S.QUEUED, 0)] * 2
    assert "ne répond pas" in rows()[0].last_error
    settings.smtp_port = mailbox.port
    delivery.drain()
    assert [row.state for row in rows()] == [S.SENT] * 2


@pytest.mark.both_engines
def test_two_workers_never_send_the_same_message(app: Flask, mailbox: Mailbox) -> None:
    with app.app_context():
        services.post_all([mail(f"m{i}") for i in range(30)])
    barrier = threading.Barrier(3)

    def work() -> None:
        with app.app_context():
            barrier.wait()
            delivery.drain()
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert {row.state for row in rows()} == {S.SENT}
    assert set(mailbox.times_accepted().values()) == {1}
    assert len(mailbox.accepted) == 30


def test_a_slow_worker_whose_claim_was_taken_over_lets_go(
    context: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.post(mail("a"))
    real = delivery._hand

    def slow(parcel: object) -> None:
        monkeypatch.setattr(delivery, "_hand", real)
        delivery.recover(older_than=timedelta(0))  # another worker thinks this one is dead
        real(parcel)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "_hand", slow)
    delivery.drain()
    assert mailbox.accepted == []
    assert rows()[0].state is S.QUEUED
    delivery.drain()
    assert len(mailbox.accepted) == 1
    assert rows()[0].state is S.SENT


def test_only_old_claims_are_recovered(context: Flask) -> None:
    services.post_all([mail("a"), mail("b"), mail("c")])
    with transaction():
        first, second, third = rows()
        first.state, first.claimed_at = S.SENDING, clock.now() - timedelta(minutes=9)
        second.state, second.claimed_at = S.HANDED, clock.now() - timedelta(minutes=9)
        third.state, third.claimed_at = S.SENDING, clock.now()
    delivery.recover(older_than=delivery.LEASE)
    assert [row.state for row in rows()] == [S.QUEUED, S.UNCERTAIN, S.SENDING]


def test_the_folder_holds_one_file_a_message(context: Flask) -> None:
    services.post(mail("a"))
    delivery.drain()
    with transaction():  # as if the worker had died between the file and its note
        [row] = rows()
        row.state, row.text, row.html = S.QUEUED, "Texte", "<p>Texte</p>"
    delivery.drain()
    folder = context.config["SETTINGS"].instance / "mail"
    assert [file.name for file in folder.iterdir()] == [f"{rows()[0].message_id}.eml"]
    assert rows()[0].state is S.SENT
