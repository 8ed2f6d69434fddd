"""Writing that somebody looked at a student's file: once a day, a kind of page and a student."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError

from app.access.actor import Actor
from app.kernel import clock
from app.kernel.database import db, transaction
from app.privacy.looks_models import StudentLook
from app.privacy.looks_rules import Page
from app.privacy.queries import looks


def note(students: Iterable[tuple[int, int]], page: Page, viewer: str, *, by: Actor) -> int:
    """Write the looks of today that are not written yet; how many were new. `students`: (student, territory)."""
    day, written = clock.today(), 0
    with transaction():
        for student_id, territory_id in students:
            row = StudentLook(
                territory_id=territory_id,
                student_id=student_id,
                viewer=viewer,
                user_id=by.user_id,
                role=by.role,
                page=page,
                day=day,
            )
            try:
                with db.session.begin_nested():
                    db.session.add(row)
                written += 1
            except IntegrityError:  # the same person, in another window, at this very moment
                continue
    return written


def unknown(students: Iterable[tuple[int, int]], page: Page, viewer: str) -> list[tuple[int, int]]:
    """Those of the students whose look of today is not written yet."""
    known = looks.already([student_id for student_id, _territory in students], viewer, page, clock.today())
    return [pair for pair in students if pair[0] not in known]
