"""At the end of a stage, one mail to who looked after the students; never a second one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from app.feedback import emails, rules
from app.feedback.models import FeedbackRequest
from app.feedback.queries import days, stages
from app.kernel import clock
from app.kernel.database import db, reading, release, transaction
from app.kernel.jobs import jobs
from app.messaging import services as messaging
from app.messaging.rules import Message
from app.placements.models import Placement


@jobs.every_minute
def ask_tutors_each_minute() -> None:
    ask_tutors()


def ask_tutors() -> int:
    """Ask about every stage that ended and was not asked about; returns the number of mails. Called again: none."""
    with reading():
        due = bool(stages.to_ask(clock.today()))
        release()
    if not due:
        return 0
    with transaction():
        ended = [
            stage
            for stage in stages.to_ask(clock.today())
            if rules.is_open(stage.state, days.last_day(stage), clock.today())
        ]
        db.session.add_all(FeedbackRequest(placement_id=stage.id) for stage in ended)
        db.session.flush()
        return messaging.post_all(_mails(ended))


def _mails(ended: list[Placement]) -> Iterator[Message]:
    """One a slot and address: the tutor's when it is known, else those of the structure's people."""
    for _slot_id, group in groupby(ended, key=lambda stage: stage.slot_id):
        together = list(group)
        offer = together[0].slot.offer
        if offer.tutor_email:
            yield emails.tutor(together, offer.tutor_email, offer.tutor_name or offer.organization.name)
            continue
        for member in offer.organization.members:
            if member.user.is_active and member.user.email:
                yield emails.tutor(together, member.user.email, member.user.display_name)
