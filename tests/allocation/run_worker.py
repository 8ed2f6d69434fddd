"""A worker for the tests to kill: it repairs what a dead one left, then computes the runs that wait.

The point where it kills itself is a stage of the computation, "stored"
(everything written, nothing committed), "done_committed" (the moment after), or "-" (nowhere).
"""

from __future__ import annotations

import os
import signal
from typing import Any

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.allocation.models import MatchingRun
from app.allocation.services import running, storing
from app.allocation.states import RunState
from app.kernel.database import db
from tests.zygote import serve


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    tell, report = running._Progress.__call__, storing._report

    def watched_tell(self: Any, stage: str, share: float) -> None:
        tell(self, stage, share)
        if stage == point:
            die()

    def watched_report(outcome: Any) -> Any:
        # Called once the proposals are inserted: the next commit is the one that shows them.
        event.listen(Session, "before_commit" if point == "stored" else "after_commit", lambda _session: die())
        return report(outcome)

    running._Progress.__call__ = watched_tell  # type: ignore[method-assign]
    if point in {"stored", "done_committed"}:
        storing._report = watched_report


def work(app: Flask, point: str) -> None:
    arm(point)
    with app.app_context():
        running.recover_at_start()
        waiting = list(db.session.scalars(select(MatchingRun.id).where(MatchingRun.state == RunState.QUEUED)))
        db.session.remove()
        for run_id in waiting:
            running.execute(run_id)
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    serve(work)
