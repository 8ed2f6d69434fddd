"""A student's diary and report: written, erased, and forgotten a month after the school year. Never journalled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission
from app.feedback import prompts, sealing
from app.feedback.models import DiaryPage, Report
from app.feedback.queries import days, writings
from app.kernel import clock
from app.kernel.database import db, locked, reading, release, transaction
from app.kernel.errors import Conflict, Hidden, Invalid
from app.kernel.jobs import jobs
from app.placements.models import Placement
from app.schools.models import Student


def write_page(placement: Placement, number: int, answers: Mapping[str, str], *, by: Actor) -> None:
    """Keep a day of the diary; emptied, it is erased. Raises `Conflict` for a day still to come."""
    student_id = _own(placement, by)
    with transaction():
        locked(Student, student_id)
        dates = list(days.planned(placement))
        if not prompts.EVE <= number <= len(dates):
            raise Hidden(_("Ce jour n’est pas dans ton stage."))
        if number != prompts.EVE and dates[number - 1] > clock.today():
            raise Conflict(_("Ce jour n’est pas encore arrivé : reviens le soir même."))
        questions = prompts.of_day(number, len(dates))
        texts = {key: answers.get(key, "").strip() for key in questions}
        _refuse_long(texts, prompts.MAX_ANSWER)
        page = writings.row(by, placement.id, number)
        if not any(texts.values()):
            if page is not None:
                db.session.delete(page)
            return
        if page is None:
            page = DiaryPage(student_id=student_id, placement_id=placement.id, number=number)
            db.session.add(page)
        page.sealed, page.updated_at = sealing.seal(texts, student_id), clock.now()


def write_report(placement: Placement, sections: Mapping[str, str], *, by: Actor) -> None:
    """Keep the report; emptied, it is erased."""
    student_id = _own(placement, by)
    with transaction():
        locked(Student, student_id)
        texts = {key: sections.get(key, "").strip() for key in prompts.SECTIONS}
        _refuse_long(texts, prompts.MAX_SECTION)
        row = writings.report_row(by, placement.id)
        if not any(texts.values()):
            if row is not None:
                db.session.delete(row)
            return
        if row is None:
            row = Report(student_id=student_id, placement_id=placement.id)
            db.session.add(row)
        row.sealed, row.updated_at = sealing.seal(texts, student_id), clock.now()


def erase(*, by: Actor) -> None:
    """Erase everything that the student wrote here for themselves."""
    by.demand(Permission.DIARY_KEEP)
    with transaction():
        for row in writings.everything(by):
            db.session.delete(row)


@jobs.every_minute
def forget_each_minute() -> None:
    forget(clock.today())


def forget(today: date) -> int:
    """Erase diaries and reports of the school years that ended more than a month ago; returns how many."""
    with reading():
        due = bool(writings.overdue(today))
        release()
    if not due:
        return 0
    with transaction():
        gone = writings.overdue(today)
        for row in gone:
            db.session.delete(row)
        return len(gone)


def _own(placement: Placement, by: Actor) -> int:
    """The author, who is the placement's student and nobody else."""
    by.demand(Permission.DIARY_KEEP, placement)
    return placement.student_id


def _refuse_long(texts: Mapping[str, str], limit: int) -> None:
    problems = {key: _("Écris %(n)s signes au plus.", n=limit) for key, text in texts.items() if len(text) > limit}
    if problems:
        raise Invalid(_("Un texte est trop long."), problems)
