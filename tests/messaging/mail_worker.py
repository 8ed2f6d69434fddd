"""A mail worker for the tests to kill: its order says where it kills itself ("claimed", "before_hand", "after_hand",
"after_dot", "answered"), or nothing of the kind.
"""

from __future__ import annotations

import os
import signal
import smtplib
from typing import Any

from flask import Flask

from app.kernel.database import db
from app.messaging import delivery
from tests.zygote import serve


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


if __name__ == "__main__":
    serve(work)
