"""How a run ends: everything it found is stored in one transaction, or the reason why there is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert

from app.allocation import gateway, queries
from app.allocation.models import Approval, MatchingRun, PlacementProposal, RunRecord, UnplacedStudent
from app.allocation.states import RUNS, ProposalState, RunState
from app.audit import services as audit
from app.campaigns.models import Campaign
from app.kernel import clock
from app.kernel.database import db, locked, release, transaction


class ClaimLost(Exception):
    """Another worker has taken the run over; this one stores nothing."""


def finish(run_id: int, claim: int, digest: str, version: int, outcome: gateway.Outcome) -> None:
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
        move_on(run, "finish")
        audit.record(
            "run.finish", run, by=None, to_state=run.state, placed=len(rows), left=len(left), digest=digest[:12]
        )


def fail(run_id: int, claim: int, sentence: str, detail: str) -> None:
    release()
    try:
        with transaction():
            run = _own(run_id, claim)
            run.error, run.finished_at = f"{sentence} ({detail})"[:500], clock.now()
            move_on(run, "fail")
            audit.record("run.fail", run, by=None, to_state=run.state, reason=run.error)
    except ClaimLost:
        return


def _own(run_id: int, claim: int) -> MatchingRun:
    run = locked(MatchingRun, run_id)
    if run is None or run.claim != claim or run.state is not RunState.RUNNING:
        raise ClaimLost
    return run


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


def move_on(run: MatchingRun, action: str) -> None:
    run.state = RUNS.step(run.state, action).target
