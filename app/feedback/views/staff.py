"""What teachers, heads and coordinators read; and the reliability of structures, for coordinators alone."""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission, Role
from app.feedback import rules
from app.feedback.queries import reliability, stages
from app.feedback.views.blueprint import bp


@bp.get("/avis")
@requires(Permission.FEEDBACK_VIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    pagination = stages.page(actor, g.campaign.id if g.campaign else 0, request.args.get("page", 1, type=int))
    students, tutors, issued = stages.said([stage.id for stage in pagination.items])
    return render_template(
        "feedback/index.html", pagination=pagination, students=students, tutors=tutors, issued=issued
    )


@bp.get("/avis/<int:placement_id>")
@requires(Permission.FEEDBACK_VIEW)
def show(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    stage = stages.visible_stage(actor, Permission.FEEDBACK_VIEW, placement_id)
    return render_template(
        "feedback/show.html",
        stage=stage,
        said=stages.student_feedback(stage.id),
        tutor=stages.tutor_feedback(stage.id),
        certificate=stages.certificate(stage.id),
        skills=rules.SKILLS,
        reads_why=actor.role is Role.COORDINATOR,
    )


@bp.get("/structures/fiabilite")
@requires(Permission.RELIABILITY_VIEW)
def reliable() -> ResponseReturnValue:
    return render_template("feedback/reliability.html", records=reliability.records(current_actor()))
