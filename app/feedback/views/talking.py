"""Whom a student may talk to, the request to be heard, and the adults who hear it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.feedback import services
from app.feedback.queries import talks as talk_queries
from app.feedback.states import LABELS
from app.feedback.views.blueprint import bp, chosen, own_student
from app.kernel.errors import Hidden


@bp.get("/a-qui-parler")
@requires(Permission.FEEDBACK_GIVE)
def talk() -> ResponseReturnValue:
    """Always open to a student; the request itself needs a stage that began."""
    _actor, found = own_student()
    stage = chosen(found)
    return render_template(
        "feedback/talk.html",
        stage=stage,
        adults=services.adults_told(stage) if stage else [],
        request_=talk_queries.of_stage(stage.id) if stage else None,
    )


@bp.post("/a-qui-parler")
@requires(Permission.FEEDBACK_GIVE)
def ask() -> ResponseReturnValue:
    actor, found = own_student()
    stage = chosen(found)
    if stage is None:
        raise Hidden(_("Ton stage n’a pas commencé. Parle à un adulte du collège, ou appelle le 119."))
    services.ask_to_talk(stage, by=actor)
    flash(_("C’est envoyé. Un adulte va venir te parler."), "success")
    return redirect(url_for("feedback.talk", stage=stage.id), 303)


@bp.get("/demandes-a-parler")
@requires(Permission.TALK_HEAR)
def talks() -> ResponseReturnValue:
    return render_template("feedback/talks.html", requests=talk_queries.visible_to(current_actor()), labels=LABELS)


@bp.post("/demandes-a-parler/<int:placement_id>")
@requires(Permission.TALK_HEAR)
def hear(placement_id: int) -> ResponseReturnValue:
    actor = current_actor()
    services.hear(talk_queries.visible(actor, placement_id), by=actor)
    flash(_("C’est noté. L’élève voit que sa demande a été entendue."), "success")
    return redirect(url_for("feedback.talks"), 303)
