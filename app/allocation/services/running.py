"""Runs of the matcher. A run is claimed, computed outside any transaction, and stored whole in one.

A worker may die anywhere: its run shows no sign of life, is queued again and computed from the start; nothing partial
was ever stored. `claim` numbers the claims, so that a worker which was slow rather than dead cannot store a second set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.access.policy import Permission
from app.allocation import gateway, queries
from app.allocation.models import Approval, MatchingRun, PlacementProposal, RunRecord, UnplacedStudent
from app.allocation.rules import Parameters
from app.allocation.states import RUNS, ProposalState, RunState
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.campaigns.states import RUNS_ALLOWED
from app.kernel import clock
from app.kernel.database import db, locked, reading, release, transaction
from app.kernel.errors import PhaseClosed
from app.kernel.jobs import enqueue, jobs

SILENCE = timedelta(minutes=5)
_TICK = timedelta(seconds=1)


class ClaimLost(Exception):
    """Another worker has taken the run over; this one stores nothing."""


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
        _finish(run_id, claim, gateway.digest(problem), version, outcome)
    except ClaimLost:
        return
    except gateway.Contradiction as error:
        _fail(run_id, claim, _("Les décisions déjà prises se contredisent."), str(error))
    except Exception as error:
        _fail(run_id, claim, _("Le calcul s’est arrêté sur une panne de notre côté."), type(error).__name__)
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
                _move(run, "requeue")
                run.claim += 1
                run.progress, run.stage = 0, ""
            enqueue(execute, run.id)


def _claim(run_id: int) -> int | None:
    with transaction():
        run = locked(MatchingRun, run_id)
        if run is None or run.state is not RunState.QUEUED:
            return None
        _move(run, "claim")
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
        with transaction() as session:
            changed = session.execute(
                update(MatchingRun)
                .where(
                    MatchingRun.id == self._run_id,
                    MatchingRun.claim == self._claim,
                    MatchingRun.state == RunState.RUNNING,
                )
                .values(stage=stage, progress=round(low + (high - low) * min(max(share, 0.0), 1.0)), claimed_at=now)
            )
            if changed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
                raise ClaimLost


def _own(run_id: int, claim: int) -> MatchingRun:
    run = locked(MatchingRun, run_id)
    if run is None or run.claim != claim or run.state is not RunState.RUNNING:
        raise ClaimLost
    return run


def _finish(run_id: int, claim: int, digest: str, version: int, outcome: gateway.Outcome) -> None:
    """Proposals, students left out, report and state in one transaction: a run is seen whole or not at all."""
    record = gateway.packed(outcome)
    with transaction() as session:
        run = _own(run_id, claim)
        locked(Campaign, run.campaign_id)  # nobody decides while the proposals change hands
        held = {approval.student_id: approval for approval in queries.approvals(run.campaign_id)}
        rows = [
            _row(run_id, placement)
            for placement in outcome.placements
            if _agrees(placement, held.get(int(placement.pupil)))
        ]
        known = {row["student_id"] for row in rows}
        rows += [_kept(run_id, approval) for student, approval in sorted(held.items()) if student not in known]
        if rows:
            session.execute(insert(PlacementProposal), rows)
        left = [
            {
                "run_id": run_id,
                "student_id": int(u.pupil),
                "code": u.code,
                "figures": gateway.plain(u.figures),
                "rule": u.rule[:60],
            }
            for u in outcome.unplaced
            if int(u.pupil) not in held
        ]
        if left:
            session.execute(insert(UnplacedStudent), left)
        _take_over(run_id, held)
        if record is not None:
            session.add(RunRecord(run_id=run_id, market=record[0], solution=record[1]))
        run.input_digest, run.code_version, run.weights_version = digest, gateway.code_version(), version
        run.report = _report(outcome)
        run.progress, run.stage, run.finished_at = 100, "done", clock.now()
        _move(run, "finish")
        audit.record(
            "run.finish", run, by=None, to_state=run.state, placed=len(rows), left=len(left), digest=digest[:12]
        )


def _agrees(placement: gateway.Placement, approval: Approval | None) -> bool:
    """Whether what was approved, maybe while the run was computing, is what the run found."""
    return approval is None or approval.slot_id == int(placement.place)


def _row(run_id: int, placement: gateway.Placement) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "student_id": int(placement.pupil),
        "slot_id": int(placement.place),
        "score": min(max(float(placement.score), 0.0), 1.0),
        "wish_rank": placement.rank,
        "distance_km": placement.distance_km,
        "reasons": stored_reasons(placement),
        "state": ProposalState.PROPOSED,
    }


def stored_reasons(placement: gateway.Placement) -> list[dict[str, Any]]:
    return [
        {"code": r.code, "values": gateway.plain(r.values), "weight": round(float(r.weight), 4)}
        for r in placement.reasons
    ]


def _kept(run_id: int, approval: Approval) -> dict[str, Any]:
    """An approval which the run did not see: it stands, with what was known of it."""
    former = approval.proposal
    return {
        "run_id": run_id,
        "student_id": approval.student_id,
        "slot_id": approval.slot_id,
        "score": former.score,
        "wish_rank": former.wish_rank,
        "distance_km": former.distance_km,
        "reasons": former.reasons,
        "state": ProposalState.PROPOSED,
    }


def _take_over(run_id: int, held: Mapping[int, Approval]) -> None:
    """Approvals now stand on the new run's proposals, which are the ones shown."""
    db.session.flush()
    for student_id, approval in sorted(held.items()):
        proposal = queries.proposal_for(run_id, student_id, approval.slot_id)
        assert proposal is not None
        former = approval.proposal
        proposal.state = ProposalState.APPROVED
        proposal.decided_by_id, proposal.decided_at = former.decided_by_id, former.decided_at
        proposal.decision_reason = former.decision_reason
        approval.proposal_id = proposal.id


def _report(outcome: gateway.Outcome) -> dict[str, Any]:
    return {
        **gateway.plain(outcome.report),
        "verified": outcome.verified,
        "faults": list(outcome.faults)[:20],
        "facts": gateway.plain(outcome.facts),
        "shortage": [gateway.plain(asdict(cell)) for cell in outcome.shortage],
        "objective": gateway.plain(outcome.objective),
        "fingerprint": gateway.plain(outcome.fingerprint),
        "seconds": round(outcome.seconds, 2),
        "left": len(outcome.unplaced),
    }


def _fail(run_id: int, claim: int, sentence: str, detail: str) -> None:
    release()
    try:
        with transaction():
            run = _own(run_id, claim)
            run.error, run.finished_at = f"{sentence} ({detail})"[:500], clock.now()
            _move(run, "fail")
            audit.record("run.fail", run, by=None, to_state=run.state, reason=run.error)
    except ClaimLost:
        return


def _move(run: MatchingRun, action: str) -> None:
    run.state = RUNS.step(run.state, action).target
