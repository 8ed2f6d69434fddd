"""What this room hangs in the pages of rooms below: an invitation to look back, a structure's record.

The roof hangs them (`app/features.py`, `app/web/asides.py`). They only read, and return nothing to who may not see.
"""

from __future__ import annotations

from itertools import islice

from flask import g, render_template

from app.access.actor import Actor
from app.access.policy import Permission, Role
from app.feedback import rules
from app.feedback.queries import days, reliability, stages
from app.feedback.queries import talks as talk_queries
from app.feedback.states import TalkState
from app.hosts.models import HostOrganization
from app.kernel import clock


def student_home(**_context: object) -> str:
    """On a student's own home: the diary, and from the last day the sixty seconds."""
    actor = _actor(Role.STUDENT)
    found = stages.of_student(actor) if actor else []
    if not found:
        return ""
    stage = found[0]
    return render_template(
        "feedback/_invitation.html",
        stage=stage,
        is_open=rules.is_open(stage.state, days.last_day(stage), clock.today()),
        said=stages.student_feedback(stage.id),
        tutor=stages.tutor_feedback(stage.id),
    )


def host_home(**_context: object) -> str:
    """On a structure's own offers: the students of whom nothing was said yet, the offers to propose again."""
    actor = _actor(Role.HOST)
    if actor is None:
        return ""
    today = clock.today()
    hosted = [stage for stage in stages.of_host(actor) if rules.is_open(stage.state, stage.slot.monday, today)]
    if not hosted:
        return ""
    _students, said, _issued = stages.said([stage.id for stage in hosted])
    return render_template(
        "feedback/_host_invitation.html",
        waiting=list(
            islice((s for s in hosted if s.id not in said and rules.is_open(s.state, days.last_day(s), today)), 3)
        ),
        again={s.slot.offer for s in hosted if s.id in said and said[s.id].again is not rules.Again.NO},
        campaign=g.get("campaign"),
    )


def host_page(organization: HostOrganization, **_context: object) -> str:
    """On a structure's page, for who holds RELIABILITY_VIEW: how it answers and keeps its word."""
    actor: Actor | None = g.get("actor")
    if actor is None or not actor.can(Permission.RELIABILITY_VIEW, organization):
        return ""
    records = reliability.records(actor, [organization.id])
    return render_template("feedback/_record.html", record=records[0] if records else None)


def staff_home(**_context: object) -> str:
    """On the first page of a teacher, head or coordinator: students who ask to talk, and the way to the answers."""
    actor: Actor | None = g.get("actor")
    campaign = g.get("campaign")
    if actor is None or campaign is None or not actor.may(Permission.FEEDBACK_VIEW):
        return ""
    if not stages.have_begun(actor, campaign.id):
        return ""
    asked = [request for request in talk_queries.visible_to(actor) if request.state is TalkState.ASKED]
    return render_template("feedback/_staff.html", asked=asked, reliable=actor.may(Permission.RELIABILITY_VIEW))


def _actor(role: Role) -> Actor | None:
    actor: Actor | None = g.get("actor")
    return actor if actor is not None and actor.role is role else None
