"""A student who wishes to talk. Adults are told only when the student asks for it, and only that they wish to talk.

No answer of the questionnaire is stored about safety; nothing here, nor any mail, says what about, nor goes to the
host. A request stays open until an adult says that they have talked with the student; every day it is recalled.
"""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.accounts.models import User
from app.audit import services as audit
from app.feedback import emails
from app.feedback.models import TalkRequest
from app.feedback.queries import talks as talk_queries
from app.feedback.states import TALKS, TalkState
from app.hosts import queries as host_queries
from app.kernel import clock
from app.kernel.database import db, locked, reading, release, transaction
from app.kernel.errors import Conflict, Forbidden, Hidden
from app.kernel.jobs import jobs
from app.messaging import services as messaging
from app.placements.models import Placement

RECALL_AFTER = timedelta(days=1)


def adults_told(placement: Placement) -> list[User]:
    """Whom a request reaches: the teachers of the class and the coordinators. The page names them beforehand."""
    teachers = [row.user for row in talk_queries.teachers_of(placement.student)]
    return teachers + host_queries.coordinators(placement.territory_id)


def ask_to_talk(placement: Placement, *, by: Actor) -> TalkRequest:
    """Tell the adults that the student wishes to talk. Asked twice, it tells once; after being heard, it tells anew."""
    by.demand(Permission.FEEDBACK_GIVE, placement)
    if by.role is not Role.STUDENT:
        raise Forbidden(_("Vous n’avez pas le droit de faire cela."))
    with transaction():
        row = locked(Placement, placement.id)
        if row is None:
            raise Hidden(_("Ce stage n’existe plus."))
        request = talk_queries.of_stage(row.id)
        if request is not None and request.state is TalkState.ASKED:
            return request
        if request is None:
            request = TalkRequest(territory_id=row.territory_id, placement_id=row.id, placement=row)
            db.session.add(request)
        else:
            request.state, request.asked_at = TalkState.ASKED, clock.now()
            request.reminded_at = request.heard_at = request.heard_by_id = None
        db.session.flush()
        audit.record("talk.ask", request, by=by, to_state=TalkState.ASKED)
        _tell(request, again=request.asked_at.isoformat(timespec="minutes"), recalled=False)
        return request


def hear(request: TalkRequest, *, by: Actor) -> None:
    """An adult says that they have talked with the student."""
    by.demand(Permission.TALK_HEAR, request)
    with transaction():
        row = locked(TalkRequest, request.id)
        if row is None:
            raise Conflict(_("Cette demande n’existe plus."))
        if row.state is TalkState.HEARD and row.heard_by_id == by.user_id:
            return
        step = TALKS.step(row.state, "hear")
        audit.record("talk.hear", row, by=by, from_state=row.state, to_state=step.target)
        row.state, row.heard_at, row.heard_by_id = step.target, clock.now(), by.user_id


@jobs.every_minute
def recall_each_minute() -> None:
    recall()


def recall() -> int:
    """Tell again, once a day, the adults of each request that nobody heard; returns how many requests."""
    since = clock.now() - RECALL_AFTER
    with reading():
        due = bool(talk_queries.unheard(since))
        release()
    if not due:
        return 0
    with transaction():
        requests = talk_queries.unheard(since)
        for request in requests:
            request.reminded_at = clock.now()
            _tell(request, again=clock.today().isoformat(), recalled=True)
        return len(requests)


def _tell(request: TalkRequest, *, again: str, recalled: bool) -> None:
    messaging.post_all(
        emails.talk(request, adult, key=again, recalled=recalled)
        for adult in adults_told(request.placement)
        if adult.email
    )
