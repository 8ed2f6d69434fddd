"""Proposals: the table, one of them, the students left out, and every way to decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actor import Actor
from app.access.endpoints import current_actor, requires
from app.access.policy import Permission
from app.allocation import queries, services
from app.allocation.forms import DecisionForm, PlaceForm, SwapForm
from app.allocation.models import MatchingRun, PlacementProposal
from app.allocation.queries import Filter
from app.allocation.states import PROPOSALS, ProposalState
from app.allocation.views.blueprint import bp
from app.campaigns.states import DECISIONS_ALLOWED
from app.kernel.errors import Invalid
from app.web.wording import week
from app.wishes import queries as wish_queries

_KEPT = ("college", "classe", "etat", "rang", "q")
_MOST_WORDS = 120


def _filter() -> Filter:
    state, rank = request.args.get("etat", ""), request.args.get("rang", type=int)
    return Filter(
        school_id=request.args.get("college", type=int),
        class_id=request.args.get("classe", type=int),
        state=ProposalState(state) if state in set(ProposalState) else None,
        rank=rank if rank is not None and 0 <= rank <= 20 else None,
        words=request.args.get("q", "").replace("\x00", "").strip()[:_MOST_WORDS],
    )


def _kept() -> dict[str, Any]:
    return {name: request.args[name] for name in _KEPT if request.args.get(name)}


@bp.get("/affectations/<int:run_id>/propositions")
@requires(Permission.RUN_VIEW)
def proposals(run_id: int) -> ResponseReturnValue:
    found = queries.visible_run(current_actor(), run_id)
    wanted = _filter()
    return render_template(
        "allocation/proposals.html",
        run=found,
        proposals=queries.page(found, wanted, request.args.get("page", 1, type=int)),
        wanted=wanted,
        kept=_kept(),
        counts=queries.state_counts(found.id),
        schools=sorted(queries.school_names(found.territory_id).items(), key=lambda row: row[1]),
        classes=queries.class_names(found.campaign_id),
        may_decide=_may_decide(found),
    )


def _may_decide(run: MatchingRun) -> bool:
    latest = queries.latest_done(run.campaign_id)
    return latest is not None and latest.id == run.id and run.campaign.phase in DECISIONS_ALLOWED


@bp.post("/affectations/<int:run_id>/approuver")
@requires(Permission.PROPOSAL_DECIDE)
def approve_many(run_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.visible_run(actor, run_id)
    if request.form.get("lot") == "premiers":
        chosen = queries.to_approve(found.id, rank=1)
    else:
        ids = [int(text) for text in request.form.getlist("proposition")[:500] if text.isascii() and text.isdigit()]
        chosen = queries.to_approve(found.id, ids=[i for i in ids if i < 2**31])
    if not chosen:
        flash(_("Aucune proposition à approuver n’est cochée."), "info")
    else:
        _tell(services.approve_many(chosen, by=actor))
    return redirect(url_for("allocation.proposals", run_id=run_id, **_kept()), 303)


def _tell(bulk: services.Bulk) -> None:
    done = ngettext("%(num)s proposition approuvée.", "%(num)s propositions approuvées.", bulk.approved)
    flash(done, "success" if bulk.approved else "info")
    for name, why in bulk.refused[:5]:
        flash(_("%(name)s : %(why)s", name=name, why=why), "warning")
    if len(bulk.refused) > 5:
        flash(_("%(n)s autres n’ont pas pu l’être non plus.", n=len(bulk.refused) - 5), "warning")


@bp.get("/propositions/<int:proposal_id>")
@requires(Permission.RUN_VIEW)
def proposal(proposal_id: int) -> ResponseReturnValue:
    return _proposal_page(current_actor(), proposal_id, DecisionForm())


def _proposal_page(actor: Actor, proposal_id: int, form: DecisionForm) -> str:
    found = queries.visible_proposal(actor, proposal_id)
    may_decide = _may_decide(found.run)
    return render_template(
        "allocation/proposal.html",
        proposal=found,
        form=form,
        profile=wish_queries.profile_of(found.student_id),
        wishes=wish_queries.wish_list_of(found.student_id),
        rulings=queries.rulings_of(found.student_id),
        approval=queries.approval_of(found.student_id),
        actions=[t.action for t in PROPOSALS.open_from(found.state)] if may_decide else [],
    )


@bp.post("/propositions/<int:proposal_id>/decision")
@requires(Permission.PROPOSAL_DECIDE)
def decide(proposal_id: int) -> ResponseReturnValue:
    actor = current_actor()
    queries.visible_proposal(actor, proposal_id)
    form = DecisionForm()
    if not form.validate():
        return _proposal_page(actor, proposal_id, form), 422
    try:
        sentence = _decided(request.form.get("action", ""), proposal_id, form, actor)
    except Invalid as error:
        form.take(error)
        return _proposal_page(actor, proposal_id, form), 422
    flash(sentence, "success")
    return redirect(url_for("allocation.proposal", proposal_id=proposal_id), 303)


def _decided(action: str, proposal_id: int, form: DecisionForm, actor: Actor) -> str:
    reason = form.reason.data or ""
    match action:
        case "approve":
            services.approve(proposal_id, by=actor)
            return _("La proposition est approuvée, la place est tenue.")
        case "refuse":
            services.refuse(proposal_id, reason, by=actor, motive=form.chosen_motive())
            return _("La proposition est refusée. Elle ne sera plus proposée.")
        case "withdraw":
            services.withdraw(proposal_id, reason, by=actor)
            return _("L’approbation est retirée, la place est libre.")
        case "propose_again":
            services.reopen(proposal_id, reason, by=actor)
            return _("La proposition est de nouveau à décider.")
        case "pin":
            services.pin(proposal_id, reason, by=actor)
            return _("Les prochains calculs garderont cette place pour cet élève.")
        case "forbid":
            services.forbid(proposal_id, reason, by=actor)
            return _("Les prochains calculs ne proposeront plus cette place à cet élève.")
        case "lift":
            services.lift(proposal_id, by=actor)
            return _("La consigne est levée.")
        case _:
            raise Invalid(_("Choisissez une décision."), {"reason": _("Choisissez une décision.")})


def _option_label(option: services.Option) -> str:
    slot = option.slot
    wish = _(" · vœu n° %(rank)s", rank=option.rank) if option.rank else ""
    return _(
        "%(title)s, %(host)s, %(commune)s, %(week)s%(wish)s",
        title=slot.offer.title,
        host=slot.offer.organization.name,
        commune=slot.offer.site.town,
        week=week(slot.monday),
        wish=wish,
    )


def _offer_places(form: PlaceForm, options: Sequence[services.Option]) -> None:
    form.slot_id.choices = [(option.slot.id, _option_label(option)) for option in options]


@bp.get("/propositions/<int:proposal_id>/deplacer")
@requires(Permission.PROPOSAL_DECIDE)
def choose_place(proposal_id: int) -> ResponseReturnValue:
    found = queries.visible_proposal(current_actor(), proposal_id)
    return _place_page(found, PlaceForm())


def _place_page(found: PlacementProposal, form: PlaceForm) -> str:
    _offer_places(form, services.possible_places(found.run, found.student_id, but_slot=found.slot_id))
    return render_template("allocation/move.html", proposal=found, form=form)


@bp.post("/propositions/<int:proposal_id>/deplacer")
@requires(Permission.PROPOSAL_DECIDE)
def move(proposal_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.visible_proposal(actor, proposal_id)
    form = PlaceForm()
    _offer_places(form, services.possible_places(found.run, found.student_id, but_slot=found.slot_id))
    if form.validate():
        try:
            moved = services.move(proposal_id, form.slot_id.data, form.reason.data or "", by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("L’élève change de place, et la nouvelle est approuvée."), "success")
            return redirect(url_for("allocation.proposal", proposal_id=moved.id), 303)
    return render_template("allocation/move.html", proposal=found, form=form), 422


def _swap_form(found: PlacementProposal) -> SwapForm:
    form = SwapForm()
    form.other_id.choices = [(swap.other.id, _swap_label(swap)) for swap in services.possible_swaps(found)]
    return form


def _swap_label(swap: services.Swap) -> str:
    other = swap.other
    mine = _("vœu n° %(rank)s", rank=swap.mine) if swap.mine else _("non demandée")
    theirs = _("vœu n° %(rank)s", rank=swap.theirs) if swap.theirs else _("non demandée")
    return _(
        "%(name)s, %(class)s, « %(title)s » : %(mine)s pour l’un, %(theirs)s pour l’autre",
        name=other.student.full_name,
        title=other.slot.offer.title,
        mine=mine,
        theirs=theirs,
        **{"class": other.student.school_class.name},
    )


@bp.get("/propositions/<int:proposal_id>/echanger")
@requires(Permission.PROPOSAL_DECIDE)
def choose_swap(proposal_id: int) -> ResponseReturnValue:
    found = queries.visible_proposal(current_actor(), proposal_id)
    return render_template("allocation/swap.html", proposal=found, form=_swap_form(found))


@bp.post("/propositions/<int:proposal_id>/echanger")
@requires(Permission.PROPOSAL_DECIDE)
def swap(proposal_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.visible_proposal(actor, proposal_id)
    form = _swap_form(found)
    if form.validate():
        try:
            services.swap(proposal_id, form.other_id.data, form.reason.data or "", by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("Les deux élèves échangent leurs places, qui sont approuvées."), "success")
            return redirect(url_for("allocation.proposals", run_id=found.run_id), 303)
    return render_template("allocation/swap.html", proposal=found, form=form), 422


@bp.get("/affectations/<int:run_id>/sans-place")
@requires(Permission.RUN_VIEW)
def left_out(run_id: int) -> ResponseReturnValue:
    found = queries.visible_run(current_actor(), run_id)
    return render_template(
        "allocation/left_out.html", run=found, rows=queries.left_out(found), may_decide=_may_decide(found)
    )


@bp.get("/affectations/<int:run_id>/sans-place/<int:student_id>")
@requires(Permission.PROPOSAL_DECIDE)
def choose_hand(run_id: int, student_id: int) -> ResponseReturnValue:
    return _hand_page(run_id, student_id, PlaceForm())


def _hand_page(run_id: int, student_id: int, form: PlaceForm) -> str:
    actor = current_actor()
    found = queries.visible_run(actor, run_id)
    student = queries.visible_student(actor, found, student_id)
    if form.slot_id.choices == []:
        _offer_places(form, services.possible_places(found, student_id))
    return render_template(
        "allocation/hand.html",
        run=found,
        student=student,
        form=form,
        row=queries.unplaced_row(run_id, student_id),
        profile=wish_queries.profile_of(student_id),
    )


@bp.post("/affectations/<int:run_id>/sans-place/<int:student_id>")
@requires(Permission.PROPOSAL_DECIDE)
def place(run_id: int, student_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.visible_run(actor, run_id)
    queries.visible_student(actor, found, student_id)
    form = PlaceForm()
    _offer_places(form, services.possible_places(found, student_id))
    if form.validate():
        try:
            done = services.place_by_hand(found, student_id, form.slot_id.data, form.reason.data or "", by=actor)
        except Invalid as error:
            form.take(error)
        else:
            flash(_("L’élève a une place, elle est approuvée."), "success")
            return redirect(url_for("allocation.proposal", proposal_id=done.id), 303)
    return _hand_page(run_id, student_id, form), 422
