"""Workers are killed with SIGKILL in the middle of a delivery: no mail is lost, none is accepted twice."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from flask import Flask

from app.kernel.database import db
from app.messaging import services
from app.messaging.states import DeliveryState
from tests.messaging.mailbox import Mailbox, serving
from tests.messaging.test_delivery import rows
from tests.messaging.test_outbox import mail
from tests.zygote import Workers, workers

S = DeliveryState
pytestmark = [pytest.mark.slow, pytest.mark.both_engines, pytest.mark.real_clock]


@pytest.fixture(scope="module")
def crew() -> Iterator[Workers]:
    with workers("tests.messaging.mail_worker") as found:
        yield found


@pytest.fixture
def server() -> Iterator[Mailbox]:
    with serving() as box:
        yield box


@pytest.mark.parametrize(
    ("point", "third_is", "accepted"),
    [
        ("claimed", S.SENT, {1}),
        ("before_hand", S.SENT, {1}),
        ("after_hand", S.UNCERTAIN, {0}),
        ("after_dot", S.UNCERTAIN, {0, 1}),
        ("answered", S.UNCERTAIN, {1}),
    ],
)
def test_killed_at_a_chosen_point(
    app: Flask, server: Mailbox, crew: Workers, point: str, third_is: DeliveryState, accepted: set[int]
) -> None:
    crew.on(app, server.port)
    with app.app_context():
        services.post_all([mail(f"m{i}") for i in range(5)])
        db.session.remove()
        assert crew.run(point) == -9
        assert crew.run() == 0
        states = [row.state for row in rows()]
        assert states == [S.SENT, S.SENT, third_is, S.SENT, S.SENT]
        times = [server.times_accepted()[row.message_id] for row in rows()]
        assert times[:2] + times[3:] == [1, 1, 1, 1]
        assert times[2] in accepted


def test_killed_at_random_again_and_again(app: Flask, server: Mailbox, crew: Workers) -> None:
    chance = random.Random(20261122)
    server.pause = 0.004
    crew.on(app, server.port)
    with app.app_context():
        assert crew.run() == 0  # the first worker pays for what is loaded once
        services.post_all([mail(f"first-{i}") for i in range(8)])
        db.session.remove()
        started = time.monotonic()
        assert crew.run() == 0
        whole = time.monotonic() - started
        killed = 0
        for round_number in range(36):
            services.post_all([mail(f"m{round_number}-{i}") for i in range(8)])
            db.session.remove()
            killed += crew.run(chance.uniform(0, whole)) == -9
        assert crew.run() == 0
        assert killed >= 20, "the kills came too late to prove anything"
        times = server.times_accepted()
        for row in rows():
            assert row.state in {S.SENT, S.UNCERTAIN}, row.state
            assert times[row.message_id] == 1 if row.state is S.SENT else times[row.message_id] <= 1
        assert len(rows()) == 8 * 37
        doubts = sum(row.state is S.UNCERTAIN for row in rows())
        assert doubts <= killed
