"""Reading the proofs of forgetting again: against the journal, and against what is in the database now.

A proof says which rule, which day, how many rows, and a digest chained over their numbers; the journal was told the
same in the same transaction. What a restored backup brought back is due again, and is found here.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel import clock
from app.kernel.database import db
from app.kernel.holdings import Counts, merged
from app.privacy.queries import retention as queries
from app.privacy.retention_models import RetentionRun
from app.privacy.retention_rules import rule_of
from app.privacy.services.forgetting import VERBS


@dataclass(frozen=True, slots=True)
class Doubt:
    """A proof that does not stand. `why`: « journal » (it says otherwise) or « back » (rows that should be gone)."""

    rule: str
    place: str
    cutoff: str
    why: str
    rows: Counts


@dataclass(frozen=True, slots=True)
class Checked:
    runs: int
    doubts: tuple[Doubt, ...]


def verify() -> Checked:
    """Every finished run. Reads only."""
    runs = queries.finished()
    told = queries.told_of([run.id for run in runs])
    doubts = []
    for run in runs:
        known = told.get(run.id)
        if known is not None and (known.get("digest"), known.get("rows")) != (run.digest, run.total):
            doubts.append(_doubt(run, "journal", dict(run.counts)))
        back = _back(run)
        if back:
            doubts.append(_doubt(run, "back", back))
    return Checked(len(runs), tuple(doubts))


def _back(run: RetentionRun) -> Counts:
    """What the run should have left nothing of. What is held, refused or announced anew is known and no doubt."""
    rule = rule_of(run.rule, run.cutoff)
    if rule is None or (run.territory_id is not None and queries.open_notice(run.territory_id, run.rule) is not None):
        return {}
    held = queries.held(run.territory_id, clock.today())
    if rule.verb:
        verb = VERBS[rule.verb]
        due = set(db.session.scalars(verb.due(rule, run.territory_id, run.cutoff, held)))
        return merged({verb.table: len(due - set(run.refused))})
    steps = [(step.table, queries.rows_due(rule, step, run.territory_id, run.cutoff, held)) for step in rule.step]
    return merged(*[{table: queries.count(statement)} for table, statement in steps])


def _doubt(run: RetentionRun, why: str, rows: Counts) -> Doubt:
    return Doubt(run.rule, run.place, run.cutoff.isoformat(), why, rows)
