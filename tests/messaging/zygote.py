"""A process that has imported everything once and forks a mail worker for each line it reads.

The line says where the worker kills itself ("claimed", "before_hand", "after_hand", "after_dot", "answered"), or after
how many seconds it is killed from outside, or "-". Printed back: the worker's exit status.
"""

from __future__ import annotations

import os
import signal
import smtplib
import sys
import time
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app
from app.kernel.database import db
from app.messaging import delivery
from app.settings import Settings


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Replace the functions around `point` so that the worker dies there, at its third message."""
    claim, hand, reply = delivery._claim, delivery._hand, smtplib.SMTP.getreply
    seen = {"claims": 0, "handed": False}

    def counted_claim(skip: list[int]) -> Any:
        parcel = claim(skip)
        seen["claims"] += 1
        seen["handed"] = False
        if point == "claimed" and seen["claims"] == 3:
            die()
        return parcel

    def watched_hand(parcel: Any) -> None:
        third = seen["claims"] == 3
        if third and point == "before_hand":
            die()
        hand(parcel)
        seen["handed"] = third
        if third and point == "after_hand":
            die()

    def watched_reply(self: smtplib.SMTP) -> tuple[int, bytes]:
        if seen["handed"] and point == "after_dot":
            die()
        answer = reply(self)
        if seen["handed"] and point == "answered":
            die()
        return answer

    delivery._claim, delivery._hand = counted_claim, watched_hand
    smtplib.SMTP.getreply = watched_reply  # type: ignore[method-assign]


def work(app: Flask, point: str) -> None:
    if point.isidentifier():
        arm(point)
    with app.app_context():
        delivery.recover_at_start()
        delivery.drain()
        db.session.remove()
        db.engine.dispose()


def main() -> None:
    url, instance, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    # Made once, and without touching the database: each worker opens its own connection.
    app = create_app(
        Settings(
            environment="test",
            instance=instance,
            database_url=url,
            jobs="off",
            mail="smtp",
            smtp_port=port,
        )
    )
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work(app, line.strip())
                status = 0
            finally:
                os._exit(status)
        if line.strip().replace(".", "").isdigit():
            time.sleep(float(line))
            os.kill(child, signal.SIGKILL)  # a child not yet waited for keeps its number, dead or alive
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
