"""Following placements, signed in: the list, one placement, the structure’s own page, what the staff decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission, Role
from app.allocation import queries as allocation_queries
from app.kernel import clock
from app.kernel.errors import Invalid
from app.messaging import rendering
from app.placements import hours, queries, services
from app.placements.forms import AnswerForm, ReasonForm, TypedAnswerForm
from app.placements.models import Placement
from app.placements.rules import patience_on
from app.placements.services import unsigned
from app.placements.states import TABLE, Answer, Medium, Side
from app.placements.views.answering import Problem, among, give
from app.placements.views.blueprint import bp


def _days(placement: Placement) -> int:
    """For how many days the answers have been asked for."""
    return (clock.today() - placement.published_at.astimezone(clock.PARIS).date()).days


def _silent_since() -> datetime:
    """Who was asked before this has been silent long enough to be shown."""
    today = clock.today()
    return datetime.combine(today - timedelta(days=patience_on(today).shown_after - 1), time(), tzinfo=clock.PARIS)


@bp.get("/stages")
@requires(Permission.PLACEMENT_VIEW)
def index() -> ResponseReturnValue:
    actor = current_actor()
    if actor.role is Role.HOST:
        return redirect(url_for("placements.host_arrivals"))
    if actor.role is Role.STUDENT:
        return redirect(url_for("placements.student_sheet"))
    words = request.args.get("q", "").replace("\x00", "").strip()[:120]
    asked = request.args.get("etat", "")
    wanted = queries.Show(asked) if asked in set(queries.Show) else None
    campaign_id = g.campaign.id if g.campaign else 0
    since = _silent_since()
    return render_template(
        "placements/index.html",
        placements=queries.page(actor, campaign_id, words, wanted, since, request.args.get("page", 1, type=int)),
        tally=queries.tally(actor, campaign_id, since),
        words=words,
        wanted=wanted,
        contacts=services.contacts,
        days=_days,
    )


@bp.get("/stages/a-replacer")
@requires(Permission.PLACEMENT_FOLLOW)
def to_place_again() -> ResponseReturnValue:
    actor = current_actor()
    campaign_id = g.campaign.id if g.campaign else 0
    run = allocation_queries.latest_done(campaign_id) if actor.may(Permission.PROPOSAL_DECIDE) else None
    return render_template(
        "placements/to_place_again.html",
        rows=queries.to_place_again(actor, campaign_id),
        halves=queries.to_complete(actor, campaign_id),
        run=run,
    )


@bp.get("/stages/<int:placement_id>")
@requires(Permission.PLACEMENT_FOLLOW)
def show(placement_id: int) -> ResponseReturnValue:
    return page_of(current_actor(), queries.visible_placement(current_actor(), placement_id))


def page_of(
    actor: Actor,
    placement: Placement,
    typed: TypedAnswerForm | None = None,
    reason: ReasonForm | None = None,
    refused: str = "",
) -> str:
    """The page of a placement; `refused` names the form that comes back with its errors."""
    actions = {t.action for t in TABLE.open_from(placement.state) if actor.can(Permission(t.permission), placement)}
    return render_template(
        "placements/show.html",
        placement=placement,
        offer=placement.slot.offer,
        actions=actions,
        typed=typed or _typed_form(placement),
        reason=reason or ReasonForm(formdata=None),
        refused=refused,
        contacts=services.contacts(placement.slot.offer),
        reminders=queries.reminders_of(placement.id),
        weekmates=hours.in_order(queries.weekmates(placement)) if placement.is_live else [],
        unsigned=unsigned.among([placement]),
        days=_days(placement),
        may_type_host=actor.can(Permission.PLACEMENT_ANSWER, placement),
        may_manage=actor.can(Permission.PLACEMENT_MANAGE, placement),
        started=placement.slot.monday <= clock.today(),
        rivals=services.rivals(placement) if "verify" in actions else [],
        findings=services.findings(placement) if "verify" in actions else [],
    )


def _typed_form(placement: Placement) -> TypedAnswerForm:
    form = TypedAnswerForm()
    form.voice.choices = [
        *((str(guardian.id), guardian.name) for guardian in placement.student.guardians),
        ("0", _("Je ne sais pas, ou les deux")),
    ]
    return form


@bp.post("/stages/<int:placement_id>/reponse-famille")
@requires(Permission.PLACEMENT_FOLLOW)
def type_family_answer(placement_id: int) -> ResponseReturnValue:
    return _type_answer(placement_id, Side.FAMILY)


@bp.post("/stages/<int:placement_id>/reponse-structure")
@requires(Permission.PLACEMENT_MANAGE)
def type_host_answer(placement_id: int) -> ResponseReturnValue:
    return _type_answer(placement_id, Side.HOST)


def _type_answer(placement_id: int, side: Side) -> ResponseReturnValue:
    actor = current_actor()
    placement = queries.visible_placement(actor, placement_id)
    form = _typed_form(placement)
    if form.validate():
        guardian_id = int(form.voice.data or 0) or None
        try:
            services.answer(
                placement.id,
                Answer(form.value.data),
                side,
                by=actor,
                medium=Medium(form.medium.data),
                reason=form.reason.data or "",
                guardian_id=guardian_id if side is Side.FAMILY else None,
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(_("La réponse est notée."), "success")
            return redirect(url_for("placements.show", placement_id=placement.id), 303)
    return page_of(actor, placement, typed=form, refused=side.value), 422


@bp.post("/stages/<int:placement_id>/annuler")
@requires(Permission.PLACEMENT_MANAGE)
def cancel(placement_id: int) -> ResponseReturnValue:
    def act(form: ReasonForm, actor: Actor) -> str:
        services.cancel(placement_id, form.reason.data or "", by=actor, give_up=bool(form.gives_up.data))
        flash(_("Le stage est annulé. L’élève est à placer à nouveau."), "success")
        return url_for("placements.to_place_again")

    return decide(placement_id, "cancel", act)


@bp.post("/stages/<int:placement_id>/desaccord")
@requires(Permission.PLACEMENT_MANAGE)
def settle_dispute(placement_id: int) -> ResponseReturnValue:
    def act(form: ReasonForm, actor: Actor) -> str:
        services.settle_dispute(placement_id, form.keep.data == "yes", form.reason.data or "", by=actor)
        flash(_("C’est noté."), "success")
        return url_for("placements.show", placement_id=placement_id)

    return decide(placement_id, "dispute", act)


def decide(placement_id: int, name: str, act: Callable[[ReasonForm, Actor], str]) -> ResponseReturnValue:
    """A decision with its reason: `act` says where to go next; else the page again, with the form `name` open."""
    actor = current_actor()
    placement = queries.visible_placement(actor, placement_id)
    form = ReasonForm()
    if form.validate():
        try:
            return redirect(act(form, actor), 303)
        except Invalid as error:
            form.take(error)
    return page_of(actor, placement, reason=form, refused=name), 422


@bp.get("/mes-stagiaires")
@requires(Permission.OFFER_EDIT)
def host_arrivals() -> ResponseReturnValue:
    return _arrivals(current_actor())


def _arrivals(actor: Actor, problem: Problem | None = None) -> str:
    return render_template("placements/arrivals.html", placements=queries.arrivals(actor), problem=problem)


@bp.post("/mes-stagiaires")
@requires(Permission.OFFER_EDIT)
def answer_signed_in() -> ResponseReturnValue:
    actor = current_actor()
    form = AnswerForm()
    placement = among(queries.arrivals(actor), form.placement_id.data)
    medium = Medium.ACCOUNT if actor.role is Role.HOST else Medium.PHONE
    problem = give(form, placement, Side.HOST, actor, medium)
    if problem:
        return _arrivals(actor, problem), 422
    return redirect(url_for("placements.host_arrivals"), 303)


@bp.get("/stages/<int:placement_id>/lettre-structure")
@requires(Permission.PLACEMENT_FOLLOW)
def host_letter(placement_id: int) -> ResponseReturnValue:
    """The letter of a structure that no mail reaches: first name only, and a code to answer with."""
    placement = queries.visible_placement(current_actor(), placement_id)
    code = queries.codes_of([placement.id], Side.HOST).get(placement.id)
    return render_template(
        "placements/host_letter.html",
        placement=placement,
        code=services.printed_code(code) if code else "",
        answer_at=rendering.page_url("placements.ask_code"),
        territory=queries.territory(placement.territory_id),
        back_url=url_for("placements.show", placement_id=placement.id),
    )
