"""Workers are killed with SIGKILL in the middle of a delivery: no mail is lost, none is accepted twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app.kernel.database import db
from app.messaging import services
from app.messaging.states import DeliveryState
from app.settings import ROOT
from tests.messaging.mailbox import Mailbox, serving
from tests.messaging.test_delivery import rows
from tests.messaging.test_outbox import mail

S = DeliveryState


class Workers:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, order: str | float = "-") -> int:
        """One worker from start to end; returns its exit status (-9: killed)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{order if isinstance(order, str) else format(order, '.4f')}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def workers(app: Flask, port: int, tmp_path: Path) -> Iterator[Workers]:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    command = [sys.executable, "-m", "tests.messaging.zygote", url, str(tmp_path / "worker"), str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Workers(process)
        finally:
            process.stdin.close()  # type: ignore[union-attr]
            process.wait(timeout=20)


@pytest.fixture
def server() -> Iterator[Mailbox]:
    with serving() as box:
        yield box


@pytest.mark.slow
@pytest.mark.both_engines
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
    app: Flask, server: Mailbox, tmp_path: Path, point: str, third_is: DeliveryState, accepted: set[int]
) -> None:
    with app.app_context(), workers(app, server.port, tmp_path) as crew:
        services.post_all([mail(f"m{i}") for i in range(5)])
        db.session.remove()
        assert crew.run(point) == -9
        assert crew.run() == 0
        states = [row.state for row in rows()]
        assert states == [S.SENT, S.SENT, third_is, S.SENT, S.SENT]
        times = [server.times_accepted()[row.message_id] for row in rows()]
        assert times[:2] + times[3:] == [1, 1, 1, 1]
        assert times[2] in accepted


@pytest.mark.slow
@pytest.mark.both_engines
def test_killed_at_random_again_and_again(app: Flask, server: Mailbox, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    server.pause = 0.004
    with app.app_context(), workers(app, server.port, tmp_path) as crew:
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
