"""A class at once: the drafts of everybody who is placed, and the signatures of those that are complete.

The truth is the batch's row and each agreement's state: a worker that was killed is resumed by the next, and what was
already done is not done twice. The person who asked is remembered with the reach of that one class.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.accounts.models import User
from app.agreements import queries
from app.agreements.models import AgreementBatch
from app.agreements.services import inviting, preparing
from app.agreements.states import AgreementState
from app.audit import services as audit
from app.kernel import clock
from app.kernel.database import db, locked, transaction
from app.kernel.errors import DomainError, Invalid
from app.kernel.jobs import enqueue, jobs
from app.placements.models import Placement
from app.schools.models import SchoolClass


def prepare_class(school_class: SchoolClass, *, by: Actor) -> AgreementBatch:
    """Ask for the agreements of a class; while a first request is under way, a second one joins it."""
    with transaction():
        by.demand(Permission.AGREEMENT_PREPARE, school_class)
        locked(SchoolClass, school_class.id)
        running = queries.last_batch(school_class.id)
        if running is not None and running.finished_at is None:
            return running
        total = len({placement.student_id for placement in queries.placements_of_class(school_class.id)})
        batch = AgreementBatch(
            territory_id=school_class.territory_id,
            class_id=school_class.id,
            asked_by_id=by.user_id,
            total=total,
            refusals={},
        )
        db.session.add(batch)
        audit.record("agreement.prepare_class", school_class, by=by, students=total)
        enqueue(run, batch.id)
        return batch


@jobs.task
def run(batch_id: int) -> None:
    """Prepare and open, one student a transaction, writing how far it has come."""
    batch = db.session.get(AgreementBatch, batch_id)
    if batch is None or batch.finished_at is not None:
        return
    by, class_id, refusals = _asker(batch), batch.class_id, dict(batch.refusals)
    students = _by_student(queries.placements_of_class(class_id))
    total = len(students)
    for done, (student_id, placement_ids) in enumerate(students, start=1):
        sentences = _one(placement_ids, by)
        refusals = {key: value for key, value in refusals.items() if key != str(student_id)}
        if sentences:
            refusals[str(student_id)] = sentences
        with transaction():
            row = locked(AgreementBatch, batch_id)
            if row is None:
                return
            row.done, row.total, row.refusals = done, total, refusals
    with transaction():
        row = locked(AgreementBatch, batch_id)
        if row is not None and row.finished_at is None:
            row.finished_at = clock.now()


@jobs.at_start
def resume() -> None:
    """Go on with what a killed worker left."""
    for batch_id in queries.unfinished_batches():
        run(batch_id)


def _by_student(placements: Iterable[Placement]) -> list[tuple[int, list[int]]]:
    return [
        (student_id, [placement.id for placement in together])
        for student_id, together in groupby(placements, key=lambda placement: placement.student_id)
    ]


def _one(placement_ids: list[int], by: Actor) -> list[str]:
    """Why this student's signatures are not open; empty when they are."""
    try:
        placements = [placement for key in placement_ids if (placement := db.session.get(Placement, key))]
        agreement = preparing.prepare(placements, by=by)
        if agreement.state is AgreementState.DRAFT:
            inviting.invite(agreement, by=by)
            preparing.open_signatures(agreement, by=by)
    except Invalid as refusal:
        return list(refusal.fields.values()) or [refusal.message]
    except DomainError as refusal:
        return [refusal.message]
    return []


def _asker(batch: AgreementBatch) -> Actor:
    """Who asked, reaching this class alone."""
    user = db.session.get(User, batch.asked_by_id) if batch.asked_by_id else None
    school_class = batch.school_class
    return Actor(
        role=Role(user.role) if user else Role.COORDINATOR,
        display_name=user.display_name if user else "",
        user_id=batch.asked_by_id,
        territory_id=batch.territory_id,
        school_ids=frozenset({school_class.school_id}),
        class_ids=frozenset({school_class.id}),
    )
