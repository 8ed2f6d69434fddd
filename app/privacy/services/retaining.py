"""Forgetting on time: announced, then done in small transactions, each with its part of the proof.

Killed anywhere, the next run goes on with the same day and the same run row: what a batch forgot is no longer due, and
its counts were written in the transaction that forgot it. Two processes at once take turns under the lock of that row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.audit import services as audit
from app.hosts import queries as host_queries
from app.kernel import clock
from app.kernel.database import after_commit, db, locked, reading, release, transaction
from app.kernel.errors import Conflict
from app.kernel.holdings import Counts, merged
from app.kernel.jobs import jobs
from app.messaging import services as messaging
from app.privacy import retention_emails as emails
from app.privacy.queries import retention as queries
from app.privacy.retention_models import RetentionNotice, RetentionPass, RetentionRun
from app.privacy.retention_rules import (
    ANNOUNCED_FOR,
    SITE,
    After,
    Held,
    Rule,
    Step,
    announced_for,
    catalogue,
    in_force,
    rule_of,
)
from app.privacy.services.erasing import drop_old_pages
from app.privacy.services.forgetting import VERBS
from app.statistics import services as statistics

BATCH = 200  # rows of a step in one transaction
_OTHER_HOUR = 3  # from three in the morning: before that, the day's work of the night may still be going on


@jobs.every_minute
def retain_each_minute() -> None:
    """Once a day, whenever the site is up."""
    now = clock.now().astimezone(clock.PARIS)
    if now.hour < _OTHER_HOUR:
        return
    with reading():
        today = queries.pass_of(now.date())
        release()
    if today is None or today.finished_at is None:
        retain(now.date())


def retain(today: date, *, batch: int = BATCH) -> list[RetentionRun]:
    """Finish what was begun, forget what is due, announce what will be. Called again, it does what is left."""
    with transaction():
        if queries.pass_of(today) is None:
            db.session.add(RetentionPass(day=today))
    done = [_execute(run.id, batch) for run in queries.unfinished()]
    for rule in in_force(today):
        if not rule.by and not rule.announced:
            done += _run(rule, None, today, batch)
    for territory_id in queries.territory_ids():
        for rule in in_force(today):
            if rule.announced and not rule.by:
                done += _run_announced(rule, territory_id, today, batch)
        announce(territory_id, today)
    with transaction():
        seen = queries.pass_of(today)
        if seen is not None and seen.finished_at is None:
            seen.finished_at = clock.now()
        after_commit(drop_old_pages)
    return done


def announce(territory_id: int, today: date) -> list[RetentionNotice]:
    """Note what the rules will make due within 30 days, and tell the coordination in one mail."""
    made = []
    with transaction():
        for rule in in_force(today):
            if rule.announced and not rule.by and queries.open_notice(territory_id, rule.id) is None:
                made += _notice(rule, territory_id, today)
        if made:
            for person in host_queries.coordinators(territory_id):
                if person.email:
                    messaging.post(emails.announced(person, made, today))
    return made


def _notice(rule: Rule, territory_id: int, today: date) -> list[RetentionNotice]:
    years: Sequence[str] = ()
    if rule.after is After.SCHOOL_YEAR:
        years = queries.school_years_due(rule, territory_id, today + ANNOUNCED_FOR)
    due_on = announced_for(rule, today)
    if years:
        with_something = [year for year in years if foreseen(rule, territory_id, announced_for(rule, today, [year]))]
        due_on = announced_for(rule, today, with_something) if with_something else due_on
    elif rule.after is After.SCHOOL_YEAR:
        return []
    counts = foreseen(rule, territory_id, due_on)
    if not counts:
        return []
    notice = RetentionNotice(territory_id=territory_id, rule=rule.id, due_on=due_on, counts=counts)
    db.session.add(notice)
    db.session.flush()
    audit.record("retention.announce", notice, by=None, rule=rule.id, rows=sum(counts.values()))
    return [notice]


def foreseen(rule: Rule, territory_id: int | None, cutoff: date) -> Counts:
    """How many rows of each table the rule would forget on that day, those of held files left out."""
    held = queries.held(territory_id, cutoff)
    if rule.verb:
        verb = VERBS[rule.verb]
        return merged({verb.table: queries.count(verb.due(rule, territory_id, cutoff, held))})
    return merged(
        *[{step.table: queries.count(queries.rows_due(rule, step, territory_id, cutoff, held))} for step in rule.step]
    )


def _run_announced(rule: Rule, territory_id: int, today: date, batch: int) -> list[RetentionRun]:
    notice = queries.open_notice(territory_id, rule.id)
    if notice is None or notice.due_on > today:
        return []
    notice_id = notice.id
    done = _run(rule, territory_id, notice.due_on, batch)
    with transaction():
        held = locked(RetentionNotice, notice_id)
        if held is not None and held.done_at is None:
            held.done_at = clock.now()
    return done


def _run(rule: Rule, territory_id: int | None, cutoff: date, batch: int) -> list[RetentionRun]:
    """Forget what the rule makes due at `cutoff`; no row of proof when there was nothing to forget."""
    place = SITE if territory_id is None else f"territory:{territory_id}"
    known = queries.run_of(place, rule.id, cutoff)
    if known is None and not foreseen(rule, territory_id, cutoff):
        return []
    if known is None:
        run = RetentionRun(
            territory_id=territory_id, place=place, rule=rule.id, version=catalogue().version, cutoff=cutoff
        )
        try:
            with transaction():
                db.session.add(run)
        except IntegrityError:  # another process has just begun the same
            pass
        known = queries.run_of(place, rule.id, cutoff)
    if known is None or known.finished_at is not None:
        return []
    return [_execute(known.id, batch)]


def _execute(run_id: int, batch: int) -> RetentionRun:
    while _one_batch(run_id, batch):
        db.session.expire_all()
    return db.session.get_one(RetentionRun, run_id)


def _one_batch(run_id: int, batch: int) -> bool:
    """Forget a few rows and write it down; False when nothing is left."""
    with transaction():
        run = locked(RetentionRun, run_id)
        if run is None or run.finished_at is not None:
            return False
        rule = rule_of(run.rule, clock.today())
        if rule is not None:
            held = queries.held(run.territory_id, clock.today())
            if rule.snapshot:
                _keep_figures(rule, run)
            if rule.verb and _one(run, rule, held):
                return True
            for step in rule.step:
                if _some(run, rule, step, held, batch):
                    return True
            run.held = len(held)
        run.finished_at = clock.now()
        audit.record("retention.run", run, by=None, rule=run.rule, rows=run.total, digest=run.digest)
        return False


def _keep_figures(rule: Rule, run: RetentionRun) -> None:
    """The year's figures outlive the people: taken before the first row goes."""
    ids = queries.campaigns_due(rule, run.territory_id, run.cutoff)
    for campaign in queries.campaigns(ids):
        statistics.keep(campaign)


def _some(run: RetentionRun, rule: Rule, step: Step, held: Held, batch: int) -> bool:
    keys = list(db.session.scalars(queries.rows_due(rule, step, run.territory_id, run.cutoff, held, limit=batch)))
    if not keys:
        return False
    table = queries.table_of(step)
    chosen = queries.key_of(table).in_(keys)
    if step.blank:
        empty = {name: queries.empty_of(table.c[name]) for name in step.blank}
        db.session.execute(update(table).where(chosen).values(empty))
    else:
        db.session.execute(delete(table).where(chosen))
    _write(run, {table.name: len(keys)}, table.name, keys)
    return True


def _one(run: RetentionRun, rule: Rule, held: Held) -> bool:
    """One person or one paper: a room may refuse it for now (`Conflict`), and then it waits for the next run."""
    verb = VERBS[rule.verb]
    refused = set(run.refused)
    numbers = db.session.scalars(verb.due(rule, run.territory_id, run.cutoff, held).limit(len(refused) + 1))
    number = next((each for each in numbers if each not in refused), None)
    if number is None:
        return False
    try:
        with db.session.begin_nested():
            counts = verb.do(number)
    except (Conflict, IntegrityError):  # something must end first, or still points there
        run.refused = [*run.refused, number]
        return True
    _write(run, counts, verb.table, [number])
    return True


def _write(run: RetentionRun, counts: Counts, table: str, keys: Sequence[object]) -> None:
    """Add to the proof: the counts, and a digest chained over the keys of what is gone."""
    run.counts = merged(run.counts, counts)
    line = json.dumps([run.digest, run.rule, run.cutoff.isoformat(), table, [str(key) for key in keys]])
    run.digest = hashlib.sha256(line.encode()).hexdigest()
