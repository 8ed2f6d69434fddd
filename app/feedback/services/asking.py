"""At the end of a stage, one mail to who looked after the students; never a second one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from app.feedback import emails, rules
from app.feedback.models import FeedbackRequest
from app.feedback.queries import days, stages, welcoming
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
    """One a slot and address: the tutor's when it is known, else those of the people of that place."""
    tutors = welcoming.tutors_of(ended)

    def key(stage: Placement) -> tuple[int, str]:
        return stage.slot_id, tutors[stage.id].email

    for (_slot_id, email), group in groupby(sorted(ended, key=key), key=key):
        together = list(group)
        offer = together[0].slot.offer
        if email:
            yield emails.tutor(together, email, tutors[together[0].id].name or offer.organization.name)
            continue
        for member in offer.organization.answering_at(offer.site_id):
            yield emails.tutor(together, member.user.email or "", member.user.display_name)
