"""The tutor's sixty seconds, from a personal link or an account; and what a structure may know of students' answers."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.endpoints import current_actor, public, requires
from app.access.policy import Permission, Role
from app.feedback import links, rules, services, summary
from app.feedback.forms import TutorForm
from app.feedback.queries import days, figures, stages
from app.feedback.views.blueprint import Welcomer, bp, by_account, by_link
from app.kernel import clock
from app.kernel.errors import Hidden, Invalid
from app.placements.models import Placement

_PERSONAL_LINK = "a tutor's personal link: signed, opens one stage's sixty seconds and certificate, nothing else"


def address(who: Welcomer, page: str, placement: Placement | None = None) -> str:
    """The address of a page about the stage, or a neighbouring one, for this way in."""
    placement = placement or who.placement
    if who.token is None:
        return url_for(f"feedback.{page}_by_account", placement_id=placement.id)
    known = links.read(who.token)
    mark = known[1] if known else ""
    return url_for(f"feedback.{page}", token=links.again(placement.id, mark))


@bp.get("/avis-tuteur/<token>")
@public(_PERSONAL_LINK)
def tutor(token: str) -> ResponseReturnValue:
    return _show(by_link(token))


@bp.post("/avis-tuteur/<token>")
@public(_PERSONAL_LINK)
def tutor_answer(token: str) -> ResponseReturnValue:
    return _answer(by_link(token))


@bp.get("/mes-stagiaires/<int:placement_id>/avis")
@requires(Permission.FEEDBACK_GIVE)
def tutor_by_account(placement_id: int) -> ResponseReturnValue:
    return _show(by_account(placement_id))


@bp.post("/mes-stagiaires/<int:placement_id>/avis")
@requires(Permission.FEEDBACK_GIVE)
def tutor_answer_by_account(placement_id: int) -> ResponseReturnValue:
    return _answer(by_account(placement_id))


@bp.get("/mes-stagiaires/bilan")
@requires(Permission.FEEDBACK_GIVE)
def hosted() -> ResponseReturnValue:
    """The structure's stages, what is left to say of them, and what students think, all together, in words."""
    actor = current_actor()
    if actor.role is not Role.HOST:
        raise Hidden(_("Cette page est celle de la structure."))
    found = stages.of_host(actor)
    _students, said, issued = stages.said([stage.id for stage in found])
    return render_template(
        "feedback/hosted.html",
        stages=found,
        said=said,
        issued=issued,
        summary=summary.of(figures.of_organizations(actor.member_ids)),
    )


def _show(who: Welcomer) -> str:
    said = stages.tutor_feedback(who.placement.id)
    last_day = days.last_day(who.placement)
    if not rules.is_open(who.placement.state, last_day, clock.today()) or (
        said is not None and not rules.is_editable(said.given_at, clock.now())
    ):
        return render_template("feedback/tutor_closed.html", who=who, stage=who.placement, said=said, **_around(who))
    return _page(who, TutorForm.over(said))


def _answer(who: Welcomer) -> ResponseReturnValue:
    form = TutorForm.over(None)
    if not form.validate_on_submit():
        return _page(who, form), 422
    try:
        services.answer_as_tutor(who.placement, form.to_draft(), by=who.actor)
    except Invalid as error:
        form.take(error)
        return _page(who, form, asked=bool({"encouragement", "why"} & set(error.fields))), 422
    flash(_("Merci. Votre avis est enregistré, vous pouvez le changer pendant deux semaines."), "success")
    return _to_next(who)


def _to_next(who: Welcomer) -> Response:
    """The certificate comes next: one click."""
    return redirect(address(who, "certificate"), 303)


def _page(who: Welcomer, form: TutorForm, *, asked: bool = False) -> str:
    return render_template(
        "feedback/tutor.html",
        form=form,
        who=who,
        stage=who.placement,
        asked=asked or bool(form.reread.data),
        max_words=rules.MAX_WORDS,
        **_around(who),
    )


def _around(who: Welcomer) -> dict[str, object]:
    """The structure's other students of that week, and whether each was spoken of."""
    others = stages.of_slot(who.placement)
    answered = stages.answered_by_tutor([other.id for other in others])
    return {
        "others": [(other, other.id in answered, address(who, "tutor", other)) for other in others],
        "certificate_url": address(who, "certificate"),
        "last_day": days.last_day(who.placement),
    }
