"""A worker killed anywhere in a run: after the restart there is exactly one whole set of proposals."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.allocation.models import PlacementProposal, UnplacedStudent
from app.allocation.states import RunState
from app.kernel.database import db
from tests.allocation.test_runs import run_of, start
from tests.world import World
from tests.zygote import Workers, workers


@pytest.fixture(scope="module")
def crew() -> Iterator[Workers]:
    with workers("tests.allocation.run_worker") as found:
        yield found


def stored(run_id: int) -> tuple[int, int]:
    proposals = select(func.count()).where(PlacementProposal.run_id == run_id)
    left = select(func.count()).where(UnplacedStudent.run_id == run_id)
    return db.session.scalar(proposals) or 0, db.session.scalar(left) or 0


@pytest.mark.slow
@pytest.mark.both_engines
@pytest.mark.real_clock
@pytest.mark.parametrize("point", ["affinity", "allocation", "stored", "done_committed"])
def test_a_run_is_stored_whole_or_not_at_all(app: Flask, deciding: World, crew: Workers, point: str) -> None:
    crew.on(app)
    with app.app_context():
        run_id = start(deciding.here)
        db.session.remove()
        assert crew.run(point) == -signal.SIGKILL
        if point == "done_committed":
            assert run_of(run_id).state is RunState.DONE
        else:
            assert run_of(run_id).state is RunState.RUNNING
            assert stored(run_id) == (0, 0)
        db.session.remove()
        assert crew.run() == 0
        assert run_of(run_id).state is RunState.DONE
        assert stored(run_id) == (2, 1)
        assert run_of(run_id).report["verified"] is True
