"""Runs of the matcher. A run is claimed, computed outside any transaction, and stored whole in one.

A worker may die anywhere: its run shows no sign of life, is queued again and computed from the start; nothing partial
was ever stored. `claim` numbers the claims, so that a worker which was slow rather than dead cannot store a second set.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation import gateway, queries
from app.allocation.models import MatchingRun
from app.allocation.rules import Parameters
from app.allocation.services import storing
from app.allocation.states import RunState
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.campaigns.states import RUNS_ALLOWED
from app.kernel import clock
from app.kernel.database import affected, db, locked, reading, release, transaction
from app.kernel.errors import PhaseClosed
from app.kernel.jobs import enqueue, jobs

SILENCE = timedelta(minutes=5)
_TICK = timedelta(seconds=1)


def start_run(campaign: Campaign, parameters: Parameters, request_key: str, *, by: Actor) -> MatchingRun:
    """Queue a run. The same `request_key` again is the same run. Raises `Invalid`, `PhaseClosed`."""
    by.demand(Permission.RUN_START, campaign)
    parameters.check()
    if campaign.phase not in RUNS_ALLOWED:
        raise PhaseClosed(_("Un calcul se lance une fois les vœux ouverts, et jusqu’au début des stages."))
    with transaction():
        run = queries.by_request_key(request_key)
        if run is not None:
            by.demand(Permission.RUN_START, run)
            return run
        previous = queries.latest_done(campaign.id)
        run = MatchingRun(
            territory_id=campaign.territory_id,
            campaign_id=campaign.id,
            previous_id=previous.id if previous else None,
            started_by_id=by.user_id,
            request_key=request_key,
            seed=parameters.seed,
            parameters=parameters.stored(),
        )
        try:
            with db.session.begin_nested():
                db.session.add(run)
        except IntegrityError:  # the same form, sent twice at the same instant
            found = queries.by_request_key(request_key)
            if found is None:
                raise
            return found
        audit.record("run.start", run, by=by, to_state=run.state, seed=run.seed)
        enqueue(execute, run.id)
        return run


@jobs.task
def execute(run_id: int) -> None:
    """Compute a queued run and store its result. Does nothing when another worker has it or it is over."""
    claim = _claim(run_id)
    if claim is None:
        return
    try:
        problem, version = _problem(run_id)
        outcome = gateway.propose(problem, _Progress(run_id, claim))
        storing.finish(run_id, claim, gateway.digest(problem), version, outcome)
    except storing.ClaimLost:
        return
    except gateway.Contradiction as error:
        storing.fail(run_id, claim, _("Les décisions déjà prises se contredisent."), str(error))
    except Exception as error:
        storing.fail(run_id, claim, _("Le calcul s’est arrêté sur une panne de notre côté."), type(error).__name__)
        raise


@jobs.every_minute
def sweep() -> None:
    """Take up again the runs whose worker is silent, and those whose job was lost."""
    recover(silent_for=SILENCE)


@jobs.at_start
def recover_at_start() -> None:
    recover(silent_for=timedelta(0))


def recover(silent_for: timedelta) -> None:
    """Queue again the runs without a sign of life for that long; hand every queued run to a worker."""
    with transaction():
        for run in queries.unfinished(silent_for):
            if run.state is RunState.RUNNING:
                storing.move_on(run, "requeue")
                run.claim += 1
                run.progress, run.stage = 0, ""
            enqueue(execute, run.id)


def _claim(run_id: int) -> int | None:
    with transaction():
        run = locked(MatchingRun, run_id)
        if run is None or run.state is not RunState.QUEUED:
            return None
        storing.move_on(run, "claim")
        run.claim += 1
        run.claimed_at = clock.now()
        run.progress, run.stage = 0, "affinity"
        return run.claim


def _problem(run_id: int) -> tuple[gateway.Problem, int]:
    """Everything the run looks at, and the version of the weights it uses, read in one transaction which then ends:
    the computation holds no lock."""
    with reading():
        run = db.session.get(MatchingRun, run_id)
        assert run is not None
        learnt = queries.weights_in_use(run.territory_id)
        weights = learnt.weights if learnt else None
        problem = queries.market(run.campaign, Parameters.from_stored(run.parameters), run.previous_id, weights=weights)
        version = learnt.version if learnt else 0
        release()
    return problem, version


class _Progress:
    """Writes how far the run is, once a second at most; each write is also the worker's sign of life."""

    _SPANS: Mapping[str, tuple[int, int]] = {
        "affinity": (0, 45),
        "candidates": (45, 55),
        "allocation": (55, 75),
        "check": (75, 82),
        "shortage": (82, 96),
        "explanation": (96, 99),
        "done": (99, 99),
    }

    def __init__(self, run_id: int, claim: int) -> None:
        self._run_id, self._claim = run_id, claim
        self._told: datetime | None = None
        self._stage = ""

    def __call__(self, stage: str, share: float) -> None:
        now = clock.now()
        if stage == self._stage and self._told is not None and now - self._told < _TICK:
            return
        self._told, self._stage = now, stage
        low, high = self._SPANS.get(stage, (0, 99))
        with transaction():
            changed = affected(
                update(MatchingRun)
                .where(
                    MatchingRun.id == self._run_id,
                    MatchingRun.claim == self._claim,
                    MatchingRun.state == RunState.RUNNING,
                )
                .values(stage=stage, progress=round(low + (high - low) * min(max(share, 0.0), 1.0)), claimed_at=now)
            )
            if changed != 1:
                raise storing.ClaimLost
